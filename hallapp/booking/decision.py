"""The decision about a new booking, from the command and from facts, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from hallapp.booking import checks, floods, tours
from hallapp.booking.codes import LIFETIME
from hallapp.booking.commands import PlaceBooking
from hallapp.booking.errors import (
    Blocked,
    GroupTooLarge,
    HallBusy,
    NetworkFull,
    NotOnline,
    PartsNeeded,
    Paused,
    SlotOfOtherProgramme,
    SlotUnknown,
)
from hallapp.booking.floods import Pressure
from hallapp.booking.groups import Record
from hallapp.booking.models import BookingState, CodePurpose, TourLanguage
from hallapp.categories.values import Counts, Family, check_required, complete
from hallapp.kinds.errors import KindUnknown
from hallapp.kinds.values import Kinds, is_individual
from hallapp.privacy.notice import Notice
from hallapp.resources.values import Entitlement, Quantities, Resources, settle
from hallapp.schedule.hall_facts import HallFacts, SlotFacts
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """The facts about a booking: the slot (None: the hall has no such slot), its tours' languages, and more.

    `notice` is the privacy notice that the page of the booking links to.
    """

    now: datetime
    hall: HallFacts
    slot: SlotFacts | None
    languages: tuple[TourLanguage, ...]
    pressure: Pressure
    kinds: Kinds
    families: tuple[Family, ...] = ()
    notice: Notice | None = None
    resources: Resources = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The decision to be stored: `state` if the places can be claimed; `held_until` ends a limited hold.

    With `by_code` the places are held until a code is typed; with `presses_brake` the hall's online bookings are
    limited from now on. `notice` is the privacy notice that was accepted.
    """

    slot: SlotFacts
    state: BookingState
    held_until: datetime | None
    tour_language: TourLanguage | None
    by_code: bool
    presses_brake: bool
    categories: Counts = field(default_factory=dict)
    notice: Notice | None = None
    resources: Quantities = field(default_factory=dict)


def decide(command: PlaceBooking, situation: Situation, record: Record, *, whole: bool = True) -> Placement:
    """Return what becomes of a command; the claim alone decides whether there is room.

    Of a part of a large group (not `whole`) it is not asked what its group as a whole must fulfil.

    Raises:
        DomainError: each refusal of `service.place` but SlotFull and Duplicate.
    """
    slot = _check_slot(command, situation)
    hall = situation.hall
    check_kind(command.kind, situation.kinds)
    categories = complete(situation.families, command.categories, command.visitors)
    if command.is_online and command.party is None:  # which people come in which part nobody can say beforehand
        check_required(situation.families, categories)
    resources = settle_resources(command, situation, slot, whole=whole)
    checks.check_access(command.access, offered=hall.access_offered, visitors=command.visitors)
    online = command.is_online
    if online:
        check_network(hall, record, visitors=command.visitors)
        check_online(hall, record, command.kind)
        if situation.pressure.stops:
            raise HallBusy
    elif record.paused_until is not None:
        raise Paused(until=record.paused_until)
    elif record.blocked and not command.block_accepted:
        raise Blocked
    by_code = online and hall.confirm_by_code
    braked = online and (situation.pressure.braked or situation.pressure.triggers_brake)
    state = checks.agreed_state(slot, command.by, reviewed=by_code or braked or record.reviewed)
    held_until = None
    if by_code:
        held_until = situation.now + LIFETIME[CodePurpose.HOLD]
    elif braked:
        held_until = floods.hold_until(hall, situation.now)
    return Placement(
        slot=slot,
        state=state,
        held_until=held_until,
        tour_language=tours.choose(situation.languages, asked=command.tour_language, pages=command.language),
        by_code=by_code,
        presses_brake=online and situation.pressure.triggers_brake,
        categories=categories,
        notice=situation.notice if command.consented else None,
        resources=resources,
    )


def settle_resources(
    command: PlaceBooking, situation: Situation, slot: SlotFacts, *, whole: bool = True
) -> Mapping[int, int]:
    """Return the resources that a command claims. Raises ResourceNotOffered, TooManyResources."""
    return settle(
        situation.resources,
        command.resources,
        people=command.visitors,
        programme_id=slot.programme.id,
        by_staff=not command.is_online,
        entitlement=Entitlement(people=command.visitors) if whole else None,
    )


def check_kind(code: str, kinds: Kinds) -> None:
    """Check that the hall offers a kind of group. Raises KindUnknown."""
    if not kinds.is_offered(code):
        raise KindUnknown


def check_network(hall: HallFacts, record: Record, *, visitors: int) -> None:
    """Check that a client network may book these places today. Raises NetworkFull."""
    if hall.network_places and record.places_of_network + visitors > hall.network_places:
        raise NetworkFull


def check_online(hall: HallFacts | Hall, record: Record, kind: str) -> None:
    """Check that a group may have one more booking online; the refusal does not give the reason. Raises NotOnline."""
    by_name = not is_individual(kind)
    if (
        record.blocked
        or record.paused_until is not None
        or (hall.open_per_phone and record.open_of_phone >= hall.open_per_phone)
        or (by_name and hall.open_per_organisation and record.open_of_organisation >= hall.open_per_organisation)
    ):
        raise NotOnline


def _check_slot(command: PlaceBooking, situation: Situation) -> SlotFacts:
    slot = situation.slot
    if slot is None:
        raise SlotUnknown
    if command.programme is not None and command.programme != slot.programme.slug:
        raise SlotOfOtherProgramme
    if command.over_limit is None:
        _check_parts(slot, command.visitors)
    checks.check_slot(slot, command.visitors, by=command.by, over_limit=command.over_limit, now=situation.now)
    return slot


def _check_parts(slot: SlotFacts, people: int) -> None:
    """Check that a group needs no parts where the hall takes larger groups in several. Raises PartsNeeded."""
    programme, most = slot.programme, slot.programme.hall.large_group_max
    if most and programme.active and people > programme.policy.group_max:
        raise PartsNeeded(people=people) if people <= most else GroupTooLarge(most=most, people=people)
