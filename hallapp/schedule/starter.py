"""A new hall: its facts, and the programmes and opening times that it starts with. All of them are rows to change."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from blinker import Signal

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.regions import CHINA, countries, time_zones
from hallapp.core.texts import Texts
from hallapp.origins import queries as origins
from hallapp.origins.errors import OriginSetUnknown
from hallapp.schedule import checks, errors, queries
from hallapp.schedule.holidays import NO_HOLIDAYS, is_calendar
from hallapp.schedule.models import DayRule, Hall, Opening, Programme, WeekTemplate

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")  # without a port: requests are compared without it
#: Held while a hall is created, so that commands and browsers on several hosts at once create only one.
MAKING_HALLS = "making halls"
#: Sent with each new hall as sender, so that rooms above give it what it starts with.
hall_created = Signal()


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateHall:
    """The facts of a new hall; texts that are not given stay empty and are left out on pages."""

    slug: str
    name: Mapping[str, str]
    opened_on: date | None = None  # None: today
    country: str = CHINA
    holiday_calendar: str | None = None  # None: the country's
    time_zone: str | None = None  # None: the country's, where it has only one
    origin_set: str = "cn"
    home_division: str = "440000"
    host: str | None = None
    address: Mapping[str, str] = field(default_factory=dict)
    directions: Mapping[str, str] = field(default_factory=dict)
    bring: Mapping[str, str] = field(default_factory=dict)
    late: Mapping[str, str] = field(default_factory=dict)
    intro: Mapping[str, str] = field(default_factory=dict)
    coach: Mapping[str, str] = field(default_factory=dict)
    access: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""
    notice_hours: int = 2
    demonstration: bool = False
    draft: bool = True
    closed_weekdays: str = "0"
    programmes: tuple[str, ...] | None = None  # None: all of `STARTERS`

    def values(self) -> dict[str, Any]:
        """Return the columns of the hall."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "programmes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """A programme that a hall may begin with, and its times of day, the same on every day that is open."""

    slug: str
    name: Texts
    about: Mapping[str, str]
    minutes: int
    group_min: int
    group_max: int
    guides: int
    times: tuple[time, ...]
    places: int
    guides_on_duty: int


STARTERS = (
    Starter(
        slug="guided-tour",
        name=Texts({"zh": "讲解参观", "en": "Guided tour"}),
        about={
            "zh": "讲解员带领参观常设展览。",
            "en": "A guide leads the group through the permanent exhibition.",
        },
        minutes=90,
        group_min=8,
        group_max=50,
        guides=1,
        times=(time(9, 0), time(10, 30), time(14, 0), time(15, 30)),
        places=100,
        guides_on_duty=3,
    ),
    Starter(
        slug="themed-session",
        name=Texts({"zh": "主题活动", "en": "Themed session"}),
        about={
            "zh": "在主题教室举行讲座、宣誓或课程。",
            "en": "A talk, an oath or a class in the session room.",
        },
        minutes=60,
        group_min=10,
        group_max=60,
        guides=1,
        times=(time(9, 30), time(14, 30)),
        places=60,
        guides_on_duty=1,
    ),
    Starter(
        slug="self-guided",
        name=Texts({"zh": "自行参观", "en": "Self-guided visit"}),
        about={
            "zh": "按自己的节奏参观，不设讲解。",
            "en": "At your own pace, without a guide.",
        },
        minutes=60,
        group_min=1,
        group_max=20,
        guides=0,
        times=tuple(time(hour) for hour in range(9, 17)),
        places=40,
        guides_on_duty=0,
    ),
)


def create_hall(command: CreateHall) -> Hall:
    """Create a hall with programmes that are open on all but its closing days; slots are made by `extend_slots`.

    Raises:
        HallExists, HostTaken: where the short name or the host is another hall's.
        InvalidInput: for a short name, a host, a time zone, a division or an opening day that cannot be used, and for
            a long text.
    """
    command = _completed(command)
    _check(command)
    host = command.host.lower() if command.host else None
    if queries.find_hall(command.slug) is not None:
        raise errors.HallExists(slug=command.slug)
    if host and any(hall.host == host for hall in queries.list_halls()):
        raise errors.HostTaken(host=host)
    facts = command.values() | {"host": host, "opened_on": command.opened_on or clock.today(str(command.time_zone))}
    facts["languages"] = ",".join(language for language, name in command.name.items() if name.strip()) or "zh"
    # The usual rule of the field: closed on Mondays unless it is a statutory holiday.
    hall = Hall(**facts, holidays=DayRule.OPEN, created_at=clock.now())
    db.session.add(hall)
    db.session.flush()
    chosen = [start for start in STARTERS if command.programmes is None or start.slug in command.programmes]
    for position, start in enumerate(chosen):
        _add_programme(hall, start, position=position)
    hall_created.send(hall)
    return hall


def _completed(command: CreateHall) -> CreateHall:
    """Return the command with the holidays and the time zone of its country.

    Raises:
        CountryUnknown, TimeZoneMissing: where they cannot be told.
    """
    if command.country not in countries():
        raise errors.CountryUnknown(country=command.country)
    calendar = command.holiday_calendar
    if calendar is None:
        calendar = command.country if is_calendar(command.country) else NO_HOLIDAYS
    if not is_calendar(calendar):
        raise errors.HolidaysUnknown(calendar=calendar)
    time_zone = command.time_zone
    if time_zone is None:
        zones = time_zones(command.country)
        if len(zones) != 1:
            raise errors.TimeZoneMissing(country=command.country, example=zones[0] if zones else "Europe/Berlin")
        time_zone = zones[0]
    return replace(command, holiday_calendar=calendar, time_zone=time_zone)


def _check(command: CreateHall) -> None:
    if not _SLUG.fullmatch(command.slug) or len(command.slug) > 40:
        raise errors.HallSlugInvalid(slug=command.slug)
    if command.host and not _HOST.fullmatch(command.host.lower()):
        raise errors.HostInvalid(host=command.host)
    for name, text in command.values().items():
        kind: Any = Hall.__table__.c[name].type
        if isinstance(text, Mapping):
            for words in text.values():
                _check_length(name, words, kind.most)
        elif isinstance(text, str):
            _check_length(name, text, getattr(kind, "length", None))
    _check_home(command)
    try:
        clock.zone(str(command.time_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise errors.TimeZoneUnknown(name=str(command.time_zone)) from None
    if command.opened_on:
        checks.check_opening_day(command.opened_on, clock.today(str(command.time_zone)))


def _check_length(name: str, text: str, most: int | None) -> None:
    if most and len(text) > most:
        raise errors.FactTooLong(field=name, text=text[:10], most=most)


def _check_home(command: CreateHall) -> None:
    try:
        known = origins.get_set(0, command.origin_set, command.home_division)
    except KeyError:
        raise OriginSetUnknown from None
    if command.home_division not in [one.code for one in known.places]:
        raise errors.HomeDivisionUnknown(division=command.home_division, example=known.example)


def _add_programme(hall: Hall, start: Starter, *, position: int) -> None:
    programme = Programme(
        hall_id=hall.id,
        slug=start.slug,
        name=start.name,
        about=start.about,
        minutes=start.minutes,
        group_min=start.group_min,
        group_max=start.group_max,
        guides=start.guides,
        position=position,
    )
    db.session.add(programme)
    db.session.flush()
    template = WeekTemplate(hall_id=hall.id, programme_id=programme.id, valid_from=hall.opened_on)
    template.openings = [
        Opening(
            hall_id=hall.id,
            weekday=weekday,
            starts=starts,
            visitor_capacity=start.places,
            guide_capacity=start.guides_on_duty,
        )
        for weekday in range(7)  # Mondays too: `closed_weekdays` closes them, and a holiday may open one
        for starts in start.times
    ]
    db.session.add(template)
    db.session.flush()
