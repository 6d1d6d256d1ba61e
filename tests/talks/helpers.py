"""A hall that offers talks, and what guests send."""

from datetime import date, datetime, time
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hallapp.accounts.roles import Role
from hallapp.core.texts import Texts
from hallapp.schedule.models import Hall
from hallapp.talks import hosts
from hallapp.talks.models import TalkMode
from hallapp.talks.service import BookTalk
from tests import factories

ZONE = ZoneInfo("Asia/Shanghai")
#: A Monday.
NOW = datetime(2026, 11, 23, 8, tzinfo=ZONE)
TODAY = date(2026, 11, 23)


def make_office(*, hosts_count: int = 2, **rules: Any) -> SimpleNamespace:
    """A hall with hosts who take talks on Mondays from 10:00 to 12:00; needs a transaction."""
    hall = factories.hall()
    programme = factories.programme(hall=hall, guides=0, group_min=1, name_en="Talks", name_zh="一对一交流")
    people = [factories.staff(hall=hall, role=Role.GUIDE) for _ in range(hosts_count)]
    save_rules(hall, programme.id, **rules)
    numbers = [save_host(hall, staff.id, name=f"导师{n}").number for n, staff in enumerate(people, start=1)]
    return SimpleNamespace(hall=hall, programme=programme, people=people, numbers=numbers)


def save_rules(hall: Hall, programme_id: int | None, **rules: Any) -> None:
    """Set the rules of a hall: talks of 30 minutes, two hours before."""
    usual = {"open": True, "minutes": 30, "notice_hours": 2, "days_ahead": 7, "most_open": 1}
    usual |= {"missed_most": 0, "missed_days": 180, "pause_days": 90}
    hosts.save_rules(hosts.SaveRules(hall_id=hall.id, by=None, programme_id=programme_id, **usual | rules))


def save_host(hall: Hall, staff_id: int | None = None, **values: Any) -> Any:
    """Add a host, or change one."""
    usual: dict[str, Any] = {
        "number": None,
        "name": "陈导师",
        "profile": Texts({"zh": "退休教师", "en": "A retired teacher"}),
        "topics": Texts({"zh": "家史", "en": "Family history"}),
        "languages": ("zh", "en"),
        "modes": ("on_site", "phone", "online"),
        "link": "https://rooms.example.org/1",
        "email": None,
        "active": True,
        "spans": ((0, time(10), time(12)),),
        "days_off": (),
    }
    return hosts.save_host(hosts.SaveHost(hall_id=hall.id, by=None, staff_id=staff_id, **usual | values))


def command(hall: Hall, **values: Any) -> BookTalk:
    """A guest takes whoever is free at 10:30 on Monday."""
    usual: dict[str, Any] = {
        "submission": "one-form",
        "starts_at": at(10, 30),
        "host": None,
        "mode": TalkMode.ON_SITE,
        "language": "zh",
        "page_language": "zh",
        "guest": "罗小龙",
        "phone": "+8619900001050",
        "email": None,
        "division": "440000",
        "wish": "",
    }
    return BookTalk(hall=hall, **usual | values)


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """A time of that Monday at the hall."""
    return datetime.combine(day, time(hour, minute), ZONE)
