"""Make badges of a group's list, remember how they are printed, and admit people by them; it flushes at most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select, update

from hallapp.accounts import service as accounts
from hallapp.badges import codes, errors, queries
from hallapp.badges.categories import find_categories
from hallapp.badges.layout import SHEETS, Layout
from hallapp.badges.models import Badge, BadgeArrival, BadgeLayout
from hallapp.booking import lifecycle
from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.i18n import region
from hallapp.core.regions import Paper
from hallapp.desk import errors as desk_errors
from hallapp.desk import load
from hallapp.desk import queries as desk
from hallapp.desk import service as arrivals
from hallapp.desk.commands import Admit, Done, Outcome
from hallapp.desk.facts import BookingFacts
from hallapp.desk.group import Group
from hallapp.ledger.lines import StoredEvent
from hallapp.ledger.models import DeskEvent
from hallapp.namelist import queries as namelist
from hallapp.namelist.models import ListColumn, Person
from hallapp.origins.values import OriginSet
from hallapp.passes import service as passes
from hallapp.passes.errors import CodeInvalid

DEFAULT_SHEETS = {Paper.A4: "a4-10", Paper.LETTER: "letter-10"}
_TENTHS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """The desk's answer to a badge, and the name of its person if the list still has it."""

    done: Done
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The person and the group of a badge, before anyone is admitted."""

    badge: Badge
    booking: BookingFacts
    person: Person | None


def make(booking: Booking, *, by: int, renew: bool = False) -> list[tuple[Person, Badge]]:
    """Return the people of a booking's list in its order, each with a badge in force; needs a transaction.

    People who have a badge keep it, unless all are made again (`renew`), which voids those printed before. Badges of
    people who are no longer on the list become void. The audit trail records who made the badges.

    Raises:
        NotAgreedYet: the hall has not confirmed the booking, or the booking is void.
        NoNames: where there is no list.
    """
    lifecycle.hold_still(booking)
    if not passes.entitles(booking):
        raise errors.NotAgreedYet
    people = namelist.list_people(booking.id)
    if not people:
        raise errors.NoNames
    in_force = {badge.person_id: badge for badge in queries.list_in_force(booking.id) if badge.person_id and not renew}
    _revoke_others(booking, except_ids=[badge.id for badge in in_force.values()])
    versions = _newest_versions(booking)
    made = [(one, in_force.get(one.id) or _new(booking, one, version=versions.get(one.id, 0) + 1)) for one in people]
    db.session.flush()
    accounts.record(
        hall_id=booking.hall_id,
        staff_id=by,
        action="badges_printed",
        subject=f"booking {booking.id}",
        detail={"people": len(people), "renewed": renew},
    )
    return made


def layout_of(hall_id: int) -> tuple[str, Layout]:
    """Return the last settings of a hall for a sheet; the defaults where there are none."""
    stored = queries.find_layout(hall_id)
    if stored is None or stored.sheet not in SHEETS:
        name = DEFAULT_SHEETS[region().paper]
        return name, Layout.of(SHEETS[name])
    sizes = {name: getattr(stored, name) / _TENTHS for name in ("left", "top", "gap_x", "gap_y")}
    return stored.sheet, Layout(sheet=SHEETS[stored.sheet], outlines=stored.outlines, **sizes)


def remember(hall_id: int, name: str, layout: Layout) -> None:
    """Keep a layout for the hall's next badges; needs a transaction."""
    row = queries.find_layout(hall_id) or BadgeLayout(hall_id=hall_id)
    row.sheet, row.outlines = name, layout.outlines
    for size in ("left", "top", "gap_x", "gap_y"):
        setattr(row, size, round(getattr(layout, size) * _TENTHS))
    db.session.add(row)
    db.session.flush()


def show(hall_id: int, scanned: str, *, keys: Sequence[str]) -> Shown:
    """Return the person of a scanned badge; it only reads.

    Raises:
        BadgeUnknown, OtherHall, BadgeReplaced: it opens nothing here, for this reason.
    """
    badge = _get_badge(hall_id, scanned, keys)
    booking = load.load_group(hall_id, badge.booking_id, keys=keys).owner
    if not isinstance(booking, BookingFacts):
        raise errors.BadgeUnknown
    if badge.revoked_at is not None:
        raise errors.BadgeReplaced
    return Shown(badge=badge, booking=booking, person=queries.find_person(badge))


def admit_badge(command: Admit, *, keys: Sequence[str]) -> Admitted:
    """Admit the one person of the badge that `command.code` is; the same event id again answers `repeated`.

    The person counts for the division on the list if there is one, else for the division of the group from which most
    people are still to come; and for the categories that the list names. A person of a division without booked people
    is extra, also offline. `command.counts` is ignored. The booking's row is locked before anything is read. An offline
    scan of a badge whose person is in answers `repeated`: two devices offline may have scanned the same badge.

    Raises:
        BadgeUnknown, OtherHall, BadgeReplaced: it opens nothing here, for this reason.
        BadgeArrived: this person is in. AlreadyArrived: as many are in as were booked; a reason does not help.
        EventIdUsed: the id belongs to another event.
        Refusal: as `desk.service.admit`.
    """
    badge = _get_badge(command.hall_id, command.code, keys)
    act = replace(command, code="", booking_id=badge.booking_id)
    facts = load.load(command.hall_id, [act])
    known = facts.groups.get(badge.booking_id)
    if known is None or not isinstance(known.owner, BookingFacts):
        raise errors.BadgeUnknown
    badge = _get_badge(command.hall_id, command.code, keys, fresh=True)
    person = queries.find_person(badge)
    group = Group.of(known.owner, known.ledger)
    repeated = _is_repeated(facts.events.get(command.event_id), badge)
    if not repeated:
        standing = queries.find_standing(badge)
        # another scan of the same badge has already had the effect that the device asked for
        if standing and command.offline:
            return Admitted(done=_came_true(command, group, standing), name=person.name if person else "")
        _check(badge, group, standing)
    division = _division(person, group, facts.hall.origins)
    categories = find_categories(person, facts.hall.families) if command.categories is None else command.categories
    act = replace(
        act, counts={division: 1}, categories=categories, known_to_come=_known(command, known.owner, group, division)
    )
    done = arrivals.carry_out(act, facts)
    if not repeated:
        event = desk.get_event(command.hall_id, done.event_id)
        db.session.add(BadgeArrival(event_id=event.id, hall_id=badge.hall_id, badge_id=badge.id))
        db.session.flush()
    return Admitted(done=done, name=person.name if person else "")


def _get_badge(hall_id: int, scanned: str, keys: Sequence[str], *, fresh: bool = False) -> Badge:
    try:
        badge = queries.find_badge(codes.token_of(scanned, keys), fresh=fresh)
    except CodeInvalid:
        badge = None
    if badge is None:
        raise errors.BadgeUnknown
    if badge.hall_id != hall_id:
        raise desk_errors.OtherHall
    return badge


def _is_repeated(event: StoredEvent | None, badge: Badge) -> bool:
    """Return whether this event already admitted by this badge. Raises EventIdUsed where it did something else."""
    if event is None:
        return False
    if queries.find_badge_of_event(event.number) != badge.id:
        raise desk_errors.EventIdUsed
    return True


def _came_true(command: Admit, group: Group, standing: DeskEvent) -> Done:
    """Return the answer to an offline scan of a badge whose person has already been admitted: no one is counted."""
    return Done(
        outcome=Outcome.REPEATED,
        event_id=command.event_id,
        occurred_at=standing.occurred_at,
        group=group,
        counts={},
    )


def _check(badge: Badge, group: Group, standing: DeskEvent | None) -> None:
    if badge.revoked_at is not None:
        raise errors.BadgeReplaced
    if standing is not None:
        raise errors.BadgeArrived(group=replace(group, last_admitted_at=standing.occurred_at))
    if not group.to_come:
        raise desk_errors.AlreadyArrived(group=group)


def find_division(person: Person | None, origins: OriginSet) -> str | None:
    """Return the division of a person on the list, or None."""
    place = person.extra.get(ListColumn.PLACE.value, "") if person else ""
    return origins.find(place)


def _division(person: Person | None, group: Group, origins: OriginSet) -> str:
    """Return the division for which a person counts."""
    most = max(group.origins, key=lambda origin: (origin.to_come, origin.booked))
    return find_division(person, origins) or most.division


def _known(command: Admit, booking: BookingFacts, group: Group, division: str) -> Mapping[str, int] | None:
    """Return the counts still to come that the badge assumes: one person, whom only this badge can admit.

    Offline, a person of a division that was not booked is extra, as it is online: no other desk can have used a place
    that does not exist.
    """
    if command.offline is None:
        return group.known_to_come
    return command.known_to_come if division in booking.origins else {}


def _revoke_others(booking: Booking, *, except_ids: Sequence[int]) -> None:
    db.session.execute(
        update(Badge)
        .where(Badge.booking_id == booking.id, Badge.revoked_at.is_(None), Badge.id.not_in(except_ids))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _newest_versions(booking: Booking) -> dict[int, int]:
    rows = db.session.execute(
        select(Badge.person_id, func.max(Badge.version))
        .where(Badge.booking_id == booking.id, Badge.person_id.is_not(None))
        .group_by(Badge.person_id)
    )
    return {person_id: version for person_id, version in rows if person_id is not None}


def _new(booking: Booking, person: Person, *, version: int) -> Badge:
    badge = Badge(
        hall_id=booking.hall_id,
        booking_id=booking.id,
        person_id=person.id,
        version=version,
        token=codes.make_token(),
        issued_at=clock.now(),
    )
    db.session.add(badge)
    return badge
