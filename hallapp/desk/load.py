"""Load all that acts at the desk need, at once, before anything is decided.

The rows of the groups are locked before anything else of them is read, bookings before walk-ins and each in the order
of their numbers, so that desks wait for each other and never in a circle.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import joinedload

from hallapp.accounts.models import Staff
from hallapp.booking import blocks
from hallapp.booking.models import Booking, Origin
from hallapp.categories.queries import list_families
from hallapp.core import clock
from hallapp.core import facts as held
from hallapp.core.database import db
from hallapp.core.prepared import Prepared
from hallapp.desk import errors, scanned, signals
from hallapp.desk.commands import Admit, AdmitWalkIn, Command, TakeBack
from hallapp.desk.facts import (
    BookingFacts,
    ConflictFacts,
    Facts,
    GroupFacts,
    HallFacts,
    Owner,
    OwnerKey,
    ProgrammeFacts,
    SlotFacts,
    WalkInFacts,
    owner_of,
)
from hallapp.desk.models import DeskConflict
from hallapp.desk.scanned import Means
from hallapp.guides.models import Assignment
from hallapp.kinds.queries import list_kinds
from hallapp.ledger import categories, closes, ledger
from hallapp.ledger.lines import StoredEvent
from hallapp.ledger.models import WalkIn, Way
from hallapp.passes.models import Pass
from hallapp.schedule.models import Hall, Mode, Programme, Slot

Target = int | str


def load(hall_id: int, commands: Sequence[Command], *, keys: Sequence[str] = ()) -> Facts:
    """Return what is known for some commands of one hall, with their groups locked; it needs a transaction.

    Of a scanned code it asks for the pass, the booking, and the events of the group: three queries, and one more that
    locks on PostgreSQL. So many are they for a batch, too. Groups of events that are repeated may need others.
    """
    targets = {one.target for one in commands if isinstance(one, Admit)}
    return _load(hall_id, commands, find_bookings(hall_id, targets, keys=keys))


def load_again(commands: Sequence[Command], facts: Facts) -> Facts:
    """Return what is known now, after another desk has changed it."""
    return _load(facts.hall.id, commands, facts.bookings)


def _load(hall_id: int, commands: Sequence[Command], bookings: Mapping[Target, int | errors.Refusal]) -> Facts:
    undone = {one.event_id for one in commands if isinstance(one, TakeBack)}
    owners = {owner_of(event) for event in ledger.read_events(hall_id, ids=undone)}
    owners |= {found for found in bookings.values() if isinstance(found, int)}
    own = {one.own_id if isinstance(one, TakeBack) else one.event_id for one in commands} - {None}
    facts = _read(hall_id, owners, ids=undone | cast(set[str], own), lock=True)
    facts.bookings = {
        target: errors.Unknown() if isinstance(found, int) and found not in facts.groups else found
        for target, found in bookings.items()
    }
    if len(commands) > 1:  # only then is an event found that this very person has just made
        facts.staff = db.session.scalar(select(Staff.name).where(Staff.id == commands[0].staff_id)) or ""
    named = {one.organisation for one in commands if isinstance(one, AdmitWalkIn) and one.asks_about_block}
    if named:
        facts.blocked = blocks.find_blocked_names(hall_id, facts.hall.day_of(facts.now), named)
    days = {facts.events[event_id].day for event_id in undone & facts.events.keys()}
    facts.closed = frozenset(day.replace(day=1) for day in days if _is_closed(facts, day))
    return facts


def _is_closed(facts: Facts, day: date) -> bool:
    return closes.find_past(facts.hall.id, day, now=facts.now) is not None


def load_events(hall_id: int, ids: Collection[str]) -> Facts:
    """Return what is known of events, with their groups locked."""
    owners = {owner_of(event) for event in ledger.read_events(hall_id, ids=ids)}
    return _read(hall_id, owners, ids=ids, lock=True)


def load_group(hall_id: int, target: Target, *, keys: Sequence[str], lock: bool = False) -> GroupFacts:
    """Return the group of a scanned code or a typed reference, or of a booking's number; with `lock` its row is locked.

    Raises:
        InvalidCode, InvalidReference, Unknown, NotAPass, OtherHall, Replaced: there is none, for this reason.
    """
    found = find_bookings(hall_id, {target}, keys=keys)[target]
    if not isinstance(found, int):
        raise found
    groups = _read(hall_id, {found}, lock=lock).groups
    if found not in groups:
        raise errors.Unknown
    return groups[found]


def find_bookings(
    hall_id: int, targets: Collection[Target], *, keys: Sequence[str]
) -> dict[Target, int | errors.Refusal]:
    """Return the number of the booking that each target means, or why it means none."""
    found: dict[Target, int | errors.Refusal] = {}
    named: dict[Means, dict[str, list[Target]]] = {means: {} for means in Means}
    for target in targets:
        if isinstance(target, int):
            found[target] = target
            continue
        try:
            means, value = scanned.read(target, keys)
        except errors.Refusal as refusal:
            found[target] = refusal
        else:
            found[target] = errors.Unknown()
            named[means].setdefault(value, []).append(target)
    for means, texts in named.items():
        for value, meant in _FINDERS[means](hall_id, list(texts)) if texts else ():
            found |= dict.fromkeys(texts[value], meant)
    return found


def _find_passes(hall_id: int, tokens: Sequence[str]) -> Iterable[tuple[str, int | errors.Refusal]]:
    for token, hall, booking, revoked_at in _PASSES.rows({"tokens": tokens}):
        if hall != hall_id:
            yield token, errors.OtherHall()
        else:
            yield token, booking if revoked_at is None else errors.Replaced()


def _find_references(hall_id: int, references: Sequence[str]) -> Iterable[tuple[str, int | errors.Refusal]]:
    rows = _REFERENCES.rows({"hall": hall_id, "references": references})
    return ((reference, number) for reference, number in rows)


_PASSES = Prepared(
    select(Pass.token, Pass.hall_id, Pass.booking_id, Pass.revoked_at).where(
        Pass.token.in_(bindparam("tokens", expanding=True))
    )
)
_REFERENCES = Prepared(
    select(Booking.reference, Booking.id).where(
        Booking.hall_id == bindparam("hall"), Booking.reference.in_(bindparam("references", expanding=True))
    )
)
_FINDERS: Mapping[Means, Callable[[int, Sequence[str]], Iterable[tuple[str, int | errors.Refusal]]]] = {
    Means.PASS: _find_passes,
    Means.REFERENCE: _find_references,
}


def _read(hall_id: int, owners: Collection[OwnerKey], *, ids: Collection[str] = (), lock: bool = False) -> Facts:
    """Return groups with all their events, and the events with these ids with their groups, whichever they are."""
    bookings, walk_ins = sorted(key for key in owners if key > 0), sorted(-key for key in owners if key < 0)
    found: dict[OwnerKey, Owner] = _read_bookings(hall_id, bookings, lock=lock) if bookings else {}
    hall = next(iter(found.values())).hall if found else get_hall(hall_id)
    if walk_ins:
        found |= _read_walk_ins(hall, walk_ins, lock=lock)
    facts = Facts(hall=hall, now=clock.now(), next_number=ledger.NOT_WRITTEN)
    events: dict[OwnerKey, list[StoredEvent]] = {}
    ours = [key for key in bookings if key in found]  # a device may name the booking of another hall
    read = ledger.read_events(hall_id, ids=ids, booking_ids=ours, walk_in_ids=walk_ins)
    for event in categories.with_categories(hall_id, read) if hall.families else read:
        events.setdefault(owner_of(event), []).append(event)
        facts.events[event.event_id] = event
    facts.groups = _groups(found, events)
    others = events.keys() - facts.groups.keys()  # of events that are repeated, of groups that nobody asked for
    if others:
        facts.groups |= _read(hall_id, others).groups
    return facts


def _groups(
    owners: Mapping[OwnerKey, Owner], events: Mapping[OwnerKey, Sequence[StoredEvent]]
) -> dict[OwnerKey, GroupFacts]:
    offline = [one.number for some in events.values() for one in some if one.snapshot_at]
    conflicts = _read_conflicts(offline) if offline else {}
    groups = {}
    for key, owner in owners.items():
        mine = tuple(events.get(key, ()))
        waiting = tuple(conflict for event in mine for conflict in conflicts.get(event.number, ()))
        groups[key] = GroupFacts(owner=owner, events=mine, conflicts=waiting)
    return groups


def _read_bookings(hall_id: int, numbers: Sequence[int], *, lock: bool) -> dict[OwnerKey, Owner]:
    given = {"hall": hall_id, "numbers": numbers}
    if lock and db.engine.dialect.name == "postgresql":  # on SQLite nobody else writes before this transaction ends
        _LOCK_BOOKINGS.rows(given)
    rows = _BOOKINGS.rows(given)
    if not rows:
        return {}
    hall = _HALLS.get(hall_id, version=rows[0][-1])
    return {number: _booking(hall, list(some)) for number, some in groupby(rows, key=itemgetter(0))}


_IS_OURS = (Booking.hall_id == bindparam("hall"), Booking.id.in_(bindparam("numbers", expanding=True)))
_LOCK_BOOKINGS = Prepared(select(Booking.id).where(*_IS_OURS).order_by(Booking.id).with_for_update())
_OF_BOOKING = (
    *("id", "state", "reference", "kind", "organisation", "contact_name", "phone", "note", "guide_note"),
    *("visitors", "guides", "tour_language", "access", "party", "categories", "resources"),
)


def _bookings() -> Select[Any]:
    in_force = select(Pass.version).where(Pass.booking_id == Booking.id, Pass.revoked_at.is_(None))
    leads = (
        select(Assignment.guide_id)
        .where(Assignment.booking_id == Booking.id, Assignment.dropped_at.is_(None))
        .order_by(Assignment.id)
    )
    return (
        select(
            *(getattr(Booking, name) for name in _OF_BOOKING),
            in_force.limit(1).scalar_subquery(),
            leads.limit(1).scalar_subquery(),
            *(Booking.source, Slot.day, Slot.starts_at, Slot.ends_at, Slot.programme_id),
            *(Origin.division, Origin.visitors, held.version_of(bindparam("hall"))),
        )
        .join(Slot, Slot.id == Booking.slot_id)
        .join(Origin, Origin.booking_id == Booking.id)
        .where(*_IS_OURS)
        .order_by(Booking.id, Origin.division)
    )


_BOOKINGS = Prepared(_bookings)


def _booking(hall: HallFacts, rows: Sequence[Any]) -> BookingFacts:
    """Return a booking from its rows, one for each of its origins."""
    own = len(_OF_BOOKING)
    *_, source, day, starts_at, ends_at, programme_id, _division, _visitors, _version = rows[0]
    return BookingFacts(
        **dict(zip(_OF_BOOKING, rows[0][:own], strict=True)),
        hall=hall,
        source=Way(source),
        pass_version=rows[0][own],
        guide_id=rows[0][own + 1],
        slot=SlotFacts(day=day, starts_at=starts_at, ends_at=ends_at, programme=hall.programmes[programme_id]),
        origins={row[-3]: row[-2] for row in rows},
    )


def _read_walk_ins(hall: HallFacts, numbers: Sequence[int], *, lock: bool) -> dict[OwnerKey, Owner]:
    query = _LOCK_WALK_INS if lock else _WALK_INS
    rows = query.rows({"hall": hall.id, "numbers": numbers})
    return {
        -number: WalkInFacts(
            id=number, hall=hall, programme=hall.programmes[programme], kind=kind, organisation=organisation
        )
        for number, programme, kind, organisation in rows
    }


_SELECT_WALK_INS = (
    select(WalkIn.id, WalkIn.programme_id, WalkIn.kind, WalkIn.organisation)
    .where(WalkIn.hall_id == bindparam("hall"), WalkIn.id.in_(bindparam("numbers", expanding=True)))
    .order_by(WalkIn.id)
)
_LOCK_WALK_INS = Prepared(_SELECT_WALK_INS.with_for_update())
_WALK_INS = Prepared(_SELECT_WALK_INS)


def _read_conflicts(events: Sequence[int]) -> dict[int, list[ConflictFacts]]:
    found: dict[int, list[ConflictFacts]] = {}
    for event, *values in _CONFLICTS.rows({"events": events}):
        conflict = ConflictFacts(event=event, **dict(zip(_OF_CONFLICT, values, strict=True)))
        found.setdefault(event, []).append(conflict)
    return found


_OF_CONFLICT = ("division", "visitors", "counted", "reason", "decision")
_CONFLICTS = Prepared(
    select(DeskConflict.event_id, *(getattr(DeskConflict, name) for name in _OF_CONFLICT))
    .where(DeskConflict.event_id.in_(bindparam("events", expanding=True)))
    .order_by(DeskConflict.event_id, DeskConflict.division)
)


def get_hall(hall_id: int) -> HallFacts:
    """Return the rules of a hall; they are held in this process until they change."""
    return _HALLS.get(hall_id)


def _load_hall(hall_id: int) -> HallFacts:
    query = select(Programme).where(Programme.hall_id == hall_id).options(joinedload(Programme.hall, innerjoin=True))
    programmes = db.session.scalars(query.execution_options(populate_existing=True)).all()
    hall = db.session.get_one(Hall, hall_id)
    known = {one.id: _programme(one) for one in programmes}
    offered = [one for one in programmes if one.active and one.mode is Mode.ON_SITE]
    offered.sort(key=lambda one: (one.guides > 0, one.position, one.id))
    return HallFacts(
        id=hall.id,
        time_zone=hall.time_zone,
        door=hall.door,
        crowd=hall.crowd,
        origins=hall.origins,
        families=list_families(hall_id),
        kinds=list_kinds(hall_id),
        programmes=known,
        walk_in=tuple(known[one.id] for one in offered),
        followed=signals.are_followed(hall_id),
    )


def _programme(programme: Programme) -> ProgrammeFacts:
    return ProgrammeFacts(
        id=programme.id,
        slug=programme.slug,
        name=programme.name,
        guides=programme.guides,
        policy=programme.policy,
        most_walk_in=programme.hall.crowd.walk_in or programme.policy.group_max,
        online=programme.is_online,
    )


_HALLS = held.Facts(_load_hall)
