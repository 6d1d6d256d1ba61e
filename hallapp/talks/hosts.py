"""The rules of a hall for its talks, and its hosts. Changes are recorded in the audit trail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note
from hallapp.talks import queries
from hallapp.talks.errors import HostTaken, HoursOverlap, ProgrammeNeeded
from hallapp.talks.models import TalkDayOff, TalkHost, TalkHours, TalkMode, TalkSetting

#: A period of a week: weekday, from, to.
Span = tuple[int, time, time]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveRules:
    """The command that sets the rules of a hall; the attributes are those of `TalkSetting`."""

    hall_id: int
    by: int | None
    open: bool
    programme_id: int | None
    minutes: int
    notice_hours: int
    days_ahead: int
    most_open: int
    missed_most: int
    missed_days: int
    pause_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveHost:
    """The command that adds a host (`number` is None) or changes one."""

    hall_id: int
    by: int | None
    number: int | None
    staff_id: int | None
    name: str
    profile: Texts
    topics: Texts
    languages: Collection[str]
    modes: Collection[str]
    link: str
    email: str | None
    active: bool
    spans: Collection[Span]
    days_off: Collection[date]


def save_rules(command: SaveRules) -> None:
    """Set the rules of a hall; talks that are booked stay as they are.

    Raises:
        ProgrammeNeeded: talks are offered, some host talks at the hall, and no programme counts those guests.
    """
    capacity.hold_hall(command.hall_id)
    at_hall = any(TalkMode.ON_SITE in host.modes.split(",") for host in queries.list_hosts(command.hall_id))
    if command.open and command.programme_id is None and at_hall:
        raise ProgrammeNeeded
    setting = queries.find_setting(command.hall_id)
    if setting is None:
        setting = TalkSetting(hall_id=command.hall_id, minutes=command.minutes)
        db.session.add(setting)
    names = ("open", "programme_id", "minutes", "notice_hours", "days_ahead", "most_open", "missed_most", "missed_days")
    detail = apply(setting, {name: getattr(command, name) for name in (*names, "pause_days")})
    subject = f"hall {command.hall_id}"
    note(hall_id=command.hall_id, by=command.by, action="talk_rules_saved", subject=subject, detail=detail)


def save_host(command: SaveHost) -> TalkHost:
    """Add a host, or change one; talks that are booked stay as they are.

    Raises:
        HostTaken: the account belongs to another host. HoursOverlap: two periods overlap.
        ProgrammeNeeded: the host talks at the hall, which offers talks and has no programme for these guests.
    """
    capacity.hold_hall(command.hall_id)
    _check(command)
    host = queries.find_host(command.hall_id, command.number) if command.number else None
    if host is None:
        last = db.session.scalar(select(func.max(TalkHost.number)).where(TalkHost.hall_id == command.hall_id))
        host = TalkHost(hall_id=command.hall_id, number=(last or 0) + 1, name=command.name)
        db.session.add(host)
    values: dict[str, Any] = {
        name: getattr(command, name) for name in ("name", "profile", "topics", "link", "email", "active")
    }
    values |= {"languages": ",".join(command.languages), "modes": ",".join(command.modes), "staff_id": command.staff_id}
    detail = apply(host, values)
    hours = _replace(host, command)
    if hours and not detail:
        detail = {"after": {"hours": hours}}
    subject = f"talk host {host.number}"
    note(hall_id=command.hall_id, by=command.by, action="talk_host_saved", subject=subject, detail=detail)
    return host


def _check(command: SaveHost) -> None:
    spans = sorted(command.spans)
    if any(one[0] == other[0] and other[1] < one[2] for one, other in pairwise(spans)):
        raise HoursOverlap
    others = [one for one in queries.list_hosts(command.hall_id) if one.number != command.number]
    if command.staff_id is not None and command.staff_id in {one.staff_id for one in others}:
        raise HostTaken
    setting = queries.find_setting(command.hall_id)
    counts_guests = setting is None or not setting.open or setting.programme_id is not None
    if TalkMode.ON_SITE in command.modes and not counts_guests:
        raise ProgrammeNeeded


def _replace(host: TalkHost, command: SaveHost) -> str:
    """Replace hours and days off where they differ; return the new ones as a text, empty where nothing changed."""
    spans, off = sorted(command.spans), sorted(set(command.days_off))
    present = sorted((one.weekday, one.starts, one.ends) for one in host.hours)
    if present == spans and [one.day for one in host.days_off] == off:
        return ""
    host.hours, host.days_off = [], []
    db.session.flush()
    host.hours = [TalkHours(weekday=day, starts=starts, ends=ends) for day, starts, ends in spans]
    host.days_off = [TalkDayOff(day=day) for day in off]
    db.session.flush()
    periods = [f"{day} {starts:%H:%M}-{ends:%H:%M}" for day, starts, ends in spans]
    return "; ".join([*periods, *(day.isoformat() for day in off)])
