"""Preview of a rule for no-shows: its effect on the groups that are known to have missed visits."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from hallapp.booking.absence import identity_of, settled_by
from hallapp.booking.models import Booking, Pause
from hallapp.booking.pseudonyms import pseudonym
from hallapp.booking.queries import booking_or_party, counted_absences
from hallapp.core.database import db
from hallapp.schedule.models import Hall, Programme, Slot
from hallapp.schedule.no_shows import Consequence, NoShowScope, Settled, Tiers, find_tier, first_day

#: The phone and the organisation by which a group is known; None where the rule does not use it.
Identity = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The number of groups whose next no-show has one consequence, by the saved rule and by the proposed one."""

    consequence: Consequence
    saved: int
    proposed: int


def preview(hall: Hall, tiers: Tiers, scope: NoShowScope) -> list[Effect]:
    """Return what the next no-show of each known group would lead to, by consequence, the mildest first."""
    first = min(first_day(rule, hall.today()) for rule in (hall.no_show_tiers, tiers))
    absences = _list_absences(hall.id, first)
    pauses = db.session.scalars(select(Pause).where(Pause.hall_id == hall.id)).all()
    saved = _count(absences, pauses, hall.no_show_tiers, hall.no_show_scope, today=hall.today())
    proposed = _count(absences, pauses, tiers, scope, today=hall.today())
    return [Effect(consequence=each, saved=saved[each], proposed=proposed[each]) for each in Consequence]


def _list_absences(hall_id: int, first: date) -> Sequence[tuple[Booking, date]]:
    """Return a booking of each no-show with its day; a large group has one."""
    days = (
        select(func.max(Booking.id).label("id"), func.max(Slot.day).label("day"))
        .join(Booking.slot)
        .join(Programme, Slot.programme_id == Programme.id)
        .where(Slot.hall_id == hall_id, *counted_absences(first))
        .group_by(booking_or_party())
        .subquery()
    )
    rows = db.session.execute(select(Booking, days.c.day).join(days, Booking.id == days.c.id))
    return [(booking, day) for booking, day in rows]


def _count(
    absences: Iterable[tuple[Booking, date]], pauses: Iterable[Pause], tiers: Tiers, scope: NoShowScope, *, today: date
) -> Counter[Consequence]:
    """Count the groups by the consequence of a no-show today; without a tier it is the message about the visit."""
    days: dict[tuple[str, str], dict[int, date]] = defaultdict(dict)
    known: set[Identity] = set()
    for booking, day in absences:
        identity = identity_of(booking, scope)
        known |= {identity} - {(None, None)}
        for name in _names(identity):
            days[name][booking.id] = day
    settled: dict[tuple[str, str], dict[int, Settled]] = defaultdict(dict)
    for pause in pauses:
        for name in _names((pause.phone, pause.organisation_key)):
            settled[name][pause.id] = settled_by(pause)
    counts: Counter[Consequence] = Counter()
    for identity in known:
        own = {number: day for name in _names(identity) for number, day in days[name].items()}
        before = {number: one for name in _with_pseudonyms(identity) for number, one in settled[name].items()}
        reached = find_tier(tiers, [*own.values(), today], list(before.values()), today=today)
        counts[reached[0].consequence if reached else Consequence.REMIND] += 1
    return counts


def _with_pseudonyms(identity: Identity) -> list[tuple[str, str]]:
    """Return the names of a group, and those that its pauses have where a person had their data erased."""
    return [(kind, form) for kind, name in _names(identity) for form in (name, pseudonym(name))]


def _names(identity: Identity) -> list[tuple[str, str]]:
    phone, organisation_key = identity
    return [
        *([("phone", phone)] if phone else []),
        *([("organisation", organisation_key)] if organisation_key else []),
    ]
