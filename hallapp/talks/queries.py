"""Reads of hosts, talks and their figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import joinedload, selectinload

from hallapp.accounts.models import Staff
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.core.i18n import gettext as _
from hallapp.ledger.models import Arrival, DeskEvent
from hallapp.privacy.notice import tells
from hallapp.schedule.calendar import Why, judge
from hallapp.schedule.models import Hall
from hallapp.schedule.queries import list_calendar_days
from hallapp.talks.models import Talk, TalkHost, TalkMode, TalkSetting, TalkState
from hallapp.talks.times import Busy, Opening, Rules, list_openings


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkFigures:
    """The talks of a period: those that were held, by mode; missed and cancelled ones; and the stars."""

    held: Mapping[TalkMode, int]
    missed: int
    cancelled: int
    rated: int
    stars: float | None

    @property
    def talks(self) -> int:
        """Return the talks that were held, in all modes."""
        return sum(self.held.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """The answers that many pages need about the talks of a hall."""

    is_open: bool
    staff_ids: frozenset[int]


def _load(hall_id: int) -> _Known:
    is_open = db.session.scalar(select(TalkSetting.open).where(TalkSetting.hall_id == hall_id))
    accounts = db.session.scalars(select(TalkHost.staff_id).where(TalkHost.hall_id == hall_id))
    return _Known(is_open=bool(is_open), staff_ids=frozenset(filter(None, accounts)))


_KNOWN = Facts(_load)


def find_setting(hall_id: int) -> TalkSetting | None:
    """Return the rules of a hall for its talks, or None where it has none."""
    return db.session.get(TalkSetting, hall_id)


def is_open(hall_id: int, *, version: int | None = None) -> bool:
    """Return whether a hall offers talks now; `version` is that of its facts, where the caller has read it."""
    return _KNOWN.get(hall_id, version=version).is_open


def is_host(hall_id: int, staff_id: int, *, version: int | None = None) -> bool:
    """Return whether an account belongs to a host; `version` is that of its facts, where the caller has read it."""
    return staff_id in _KNOWN.get(hall_id, version=version).staff_ids


def list_hosts(hall_id: int) -> Sequence[TalkHost]:
    """Return all hosts of a hall with their hours, those who take talks first, by name."""
    return db.session.scalars(
        select(TalkHost)
        .where(TalkHost.hall_id == hall_id)
        .options(selectinload(TalkHost.hours), selectinload(TalkHost.days_off))
        .order_by(TalkHost.active.desc(), TalkHost.name, TalkHost.number)
    ).all()


def find_host(hall_id: int, number: int) -> TalkHost | None:
    """Return a host of a hall by number, or None."""
    return db.session.get(TalkHost, (hall_id, number))


def find_host_of_staff(hall_id: int, staff_id: int) -> TalkHost | None:
    """Return the host who signs in with an account, or None."""
    return db.session.scalar(select(TalkHost).where(TalkHost.hall_id == hall_id, TalkHost.staff_id == staff_id))


def rules_of(hall: Hall, setting: TalkSetting) -> Rules:
    """Return the rules by which a hall offers times now."""
    return Rules(
        now=clock.now(),
        zone=hall.time_zone,
        minutes=setting.minutes,
        notice_hours=setting.notice_hours,
        days_ahead=setting.days_ahead,
    )


def find_openings(
    hall: Hall, setting: TalkSetting, *, mode: TalkMode, language: str, host: int | None = None
) -> list[Opening]:
    """Return the free times for a talk in this way and language, with one host or with all of them, by time.

    No guest is asked to the hall on a day that is closed as an exception; by phone and online there are talks.
    """
    rules = rules_of(hall, setting)
    closed = list_closed_days(hall, rules.days[0], rules.days[-1]) if mode is TalkMode.ON_SITE else frozenset()
    hosts = [one for one in list_hosts(hall.id) if one.offers(mode, language) and host in (None, one.number)]
    days = [day for day in rules.days if day not in closed]
    return list_openings(hosts, find_busy(hall.id, rules.days), rules, days=days)


def list_closed_days(hall: Hall, first: date, last: date) -> frozenset[date]:
    """Return the days that are closed by hand or for a holiday.

    The weekdays on which the hall is always closed are not among them: the hours of a host say more about these.
    """
    facts = (judge(hall, one.day, one) for one in list_calendar_days(hall.id, first=first, last=last))
    return frozenset(one.day for one in facts if not one.open and one.why is not Why.CLOSED_WEEKDAY)


def list_on_closed_days(hall: Hall, first: date, last: date) -> Sequence[Talk]:
    """Return the booked talks at the hall, from today on, of days that have been closed since, by time."""
    closed = list_closed_days(hall, max(first, hall.today()), last)
    mine = (Talk.hall_id == hall.id, Talk.day.in_(closed), Talk.mode == TalkMode.ON_SITE)
    query = select(Talk).where(*mine, Talk.state == TalkState.BOOKED).options(*_WHOLE)
    return db.session.scalars(query.order_by(Talk.starts_at, Talk.number)).all() if closed else ()


def find_busy(hall_id: int, days: Sequence[date]) -> Busy:
    """Return the times of the talks that take place on these days, by host."""
    rows = db.session.execute(
        select(Talk.host_number, Talk.starts_at, Talk.ends_at).where(
            Talk.hall_id == hall_id, Talk.day.between(days[0], days[-1]), Talk.state != TalkState.CANCELLED
        )
    )
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for host, starts_at, ends_at in rows:
        found.setdefault(host, []).append((starts_at, ends_at))
    return found


def get_talk_by_key(key: str) -> Talk:
    """Return the talk of a guest's key, with host and hall. Raises NoResultFound."""
    found = db.session.scalar(select(Talk).where(Talk.key == key).options(*_WHOLE))
    if found is None:
        raise NoResultFound
    return found


def get_talk_of_host(hall_id: int, host: int, number: int) -> Talk:
    """Return a talk of a host by number. Raises NoResultFound where it is another host's."""
    mine = (Talk.hall_id == hall_id, Talk.host_number == host, Talk.number == number)
    return db.session.scalars(select(Talk).where(*mine).options(*_WHOLE)).one()


def get_talk(hall_id: int, number: int) -> Talk:
    """Return a talk of a hall by number. Raises NoResultFound."""
    return db.session.scalars(select(Talk).where(Talk.hall_id == hall_id, Talk.number == number).options(*_WHOLE)).one()


def list_talks(hall_id: int, *, first: date) -> Sequence[Talk]:
    """Return the talks of all hosts from a day on, and earlier ones whose result is not recorded, by time."""
    wanted = (Talk.day >= first) | (Talk.state == TalkState.BOOKED)
    query = select(Talk).where(Talk.hall_id == hall_id, wanted).options(*_WHOLE)
    return db.session.scalars(query.order_by(Talk.starts_at, Talk.number)).all()


def list_talks_of_host(host: TalkHost, *, first: date) -> Sequence[Talk]:
    """Return a host's talks from a day on, and earlier ones whose outcome is not recorded, by time."""
    wanted = (Talk.day >= first) | (Talk.state == TalkState.BOOKED)
    mine = (Talk.hall_id == host.hall_id, Talk.host_number == host.number)
    return db.session.scalars(select(Talk).where(*mine, wanted).options(*_WHOLE).order_by(Talk.starts_at)).all()


def list_earlier_of_host(host: TalkHost, *, before: date, days: int) -> Sequence[Talk]:
    """Return a host's talks of some days before a day whose result is known, the newest first."""
    mine = (Talk.hall_id == host.hall_id, Talk.host_number == host.number)
    of_days = Talk.day.between(before - timedelta(days=days), before - timedelta(days=1))
    query = select(Talk).where(*mine, of_days, Talk.state.in_((TalkState.HELD, TalkState.MISSED)))
    return db.session.scalars(query.options(*_WHOLE).order_by(Talk.starts_at.desc())).all()


def list_booked(hall_id: int, day: date) -> Sequence[Talk]:
    """Return the booked talks of a day, by time."""
    query = select(Talk).where(Talk.hall_id == hall_id, Talk.day == day, Talk.state == TalkState.BOOKED)
    return db.session.scalars(query.options(*_WHOLE).order_by(Talk.starts_at, Talk.number)).all()


def find_host_by_feed(hall_id: int, digest: str) -> TalkHost | None:
    """Return the host whose calendar has an address, or None: also for one who left or whose account is closed."""
    mine = (TalkHost.hall_id == hall_id, TalkHost.feed_digest == digest, TalkHost.active, Staff.active)
    return db.session.scalar(select(TalkHost).join(Staff, Staff.id == TalkHost.staff_id).where(*mine))


def list_for_feed(host: TalkHost, first: date, last: date) -> Sequence[Talk]:
    """Return a host's talks of some days that are booked or were held, by time."""
    mine = (Talk.hall_id == host.hall_id, Talk.host_number == host.number, Talk.day.between(first, last))
    query = select(Talk).where(*mine, Talk.state.in_((TalkState.BOOKED, TalkState.HELD)))
    return db.session.scalars(query.order_by(Talk.starts_at)).all()


def count_open(hall_id: int, phone: str) -> int:
    """Return the talks to come of a phone number."""
    return _count(hall_id, phone, Talk.state == TalkState.BOOKED, Talk.ends_at > clock.now())


def find_pause(hall: Hall, setting: TalkSetting, phone: str) -> date | None:
    """Return the first day on which a phone number may book again after missed talks, or None where it may now."""
    if not setting.missed_most:
        return None
    since = hall.today() - timedelta(days=setting.missed_days)
    missed = (Talk.state == TalkState.MISSED, Talk.day >= since)
    if _count(hall.id, phone, *missed) < setting.missed_most:
        return None
    last = db.session.scalar(select(func.max(Talk.day)).where(Talk.hall_id == hall.id, Talk.phone == phone, *missed))
    until = last + timedelta(days=setting.pause_days) if last else hall.today()
    return until if until > hall.today() else None


class HostSum(NamedTuple):
    """Talks of a host in one way with one result, by the host's number and name."""

    host: int
    name: str
    mode: TalkMode
    state: TalkState
    talks: int


def sum_by_host(hall_id: int, first: date, end: date) -> list[HostSum]:
    """Return the talks of the days from `first` to the day before `end` by host, way and state, in the hosts' order."""
    rows = db.session.execute(
        select(TalkHost.number, TalkHost.name, Talk.mode, Talk.state, func.count())
        .join(Talk.host)
        .where(*_of_days(hall_id, first, end))
        .group_by(TalkHost.number, TalkHost.name, Talk.mode, Talk.state)
        .order_by(TalkHost.number, Talk.mode, Talk.state)
    )
    return [HostSum(*row) for row in rows]


def sum_held(hall_id: int, first: date, end: date) -> int:
    """Return the talks of some days that were held."""
    held = select(func.count()).select_from(Talk).where(*_of_days(hall_id, first, end), Talk.state == TalkState.HELD)
    return db.session.scalar(held) or 0


def sum_visitors(hall_id: int, first: date, end: date) -> int:
    """Return the guests of the talks of some days whom the arrival ledger counts now, whatever the way of the talk."""
    counted = select(Talk.event_id).where(*_of_days(hall_id, first, end), Talk.event_id.is_not(None))
    events, total = db.session.scalars(counted).all(), 0
    for begin in range(0, len(events), _EVENTS_AT_ONCE):
        mine = DeskEvent.event_id.in_(events[begin : begin + _EVENTS_AT_ONCE])
        admissions = select(DeskEvent.id).where(DeskEvent.hall_id == hall_id, mine)
        total += (
            db.session.scalar(
                select(func.coalesce(func.sum(Arrival.visitors), 0))
                .join(DeskEvent, DeskEvent.id == Arrival.event_id)
                .where(DeskEvent.hall_id == hall_id, DeskEvent.id.in_(admissions) | DeskEvent.undoes_id.in_(admissions))
            )
            or 0
        )
    return int(total)


def list_unrecorded(hall_id: int, first: date, end: date) -> list[tuple[str, int]]:
    """Return the hosts of talks that have begun and whose result is not recorded, with the number of these talks."""
    rows = db.session.execute(
        select(TalkHost.name, func.count())
        .join(Talk.host)
        .where(*_of_days(hall_id, first, end), Talk.state == TalkState.BOOKED, Talk.starts_at <= clock.now())
        .group_by(TalkHost.number, TalkHost.name)
        .order_by(TalkHost.number)
    )
    return [(name, talks) for name, talks in rows]


def get_figures(hall_id: int, first: date, end: date) -> TalkFigures:
    """Return the talks of the days from `first` to the day before `end`."""
    rows = db.session.execute(
        select(Talk.state, Talk.mode, func.count(), func.count(Talk.stars), func.sum(Talk.stars))
        .where(*_of_days(hall_id, first, end))
        .group_by(Talk.state, Talk.mode)
    ).all()
    rated = sum(row[3] for row in rows)
    return TalkFigures(
        held={mode: sum(row[2] for row in rows if row[:2] == (TalkState.HELD, mode)) for mode in TalkMode},
        missed=sum(row[2] for row in rows if row[0] is TalkState.MISSED),
        cancelled=sum(row[2] for row in rows if row[0] is TalkState.CANCELLED),
        rated=rated,
        stars=sum(int(row[4] or 0) for row in rows) / rated if rated else None,
    )


_EVENTS_AT_ONCE = 500
_WHOLE = (joinedload(Talk.host, innerjoin=True), joinedload(Talk.hall, innerjoin=True))


def _of_days(hall_id: int, first: date, end: date) -> tuple[ColumnElement[bool], ...]:
    return Talk.hall_id == hall_id, Talk.day >= first, Talk.day < end


def _count(hall_id: int, phone: str, *conditions: object) -> int:
    mine = (Talk.hall_id == hall_id, Talk.phone == phone)
    return db.session.scalar(select(func.count()).select_from(Talk).where(*mine, *conditions)) or 0  # type: ignore[arg-type]


@tells
def tell_practice(hall: Hall) -> Sequence[tuple[str, str]]:
    """Return what the privacy notice says of talks, where the hall offers them."""
    if not is_open(hall.id):
        return ()
    return (
        (
            _("Your name, phone and words when you book a talk"),
            _("So that the host can reach you. Only the host and you see your shared note."),
        ),
    )
