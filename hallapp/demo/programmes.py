"""The demonstration's programmes beside its visits: talks with two hosts, and an online programme with an audience."""

import secrets
from datetime import date, time, timedelta

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.online import ledger
from hallapp.online.ledger import NewLine
from hallapp.online.models import AudienceSource, OnlineSession
from hallapp.schedule.models import Hall, Mode, Programme, Slot
from hallapp.talks import hosts
from hallapp.talks.models import Talk, TalkMode, TalkState

_EVERY_DAY = tuple((weekday, time(10), time(17)) for weekday in range(7))
#: Talks by the days from today, the hour, the host, the way, and what became of each.
_TALKS = (
    (-5, 10, 1, TalkMode.PHONE, TalkState.HELD),
    (-4, 14, 2, TalkMode.ONLINE, TalkState.HELD),
    (-2, 11, 1, TalkMode.ONLINE, TalkState.HELD),
    (-2, 15, 1, TalkMode.PHONE, TalkState.MISSED),
    (1, 10, 1, TalkMode.ON_SITE, TalkState.BOOKED),
    (1, 11, 2, TalkMode.PHONE, TalkState.BOOKED),
    (2, 14, 1, TalkMode.ONLINE, TalkState.BOOKED),
)
_GUESTS = ("梁晓彤", "何志明", "Anna Lee", "林婉君", "欧阳子轩", "吴淑芬", "黎家豪")
#: People and minutes of each past session by place.
_AUDIENCE = (
    {"440000": (86, 4_130), "_440100": (41, 2_050), "430000": (12, 540), "710000": (6, 312), "overseas": (3, 95)},
    {"440000": (102, 5_204), "110000": (18, 870), "450000": (15, 655), "810000": (9, 402), "820000": (4, 187)},
)


def fill(hall: Hall, *, guide: int, by: int) -> None:
    """Let guests talk with two hosts, the first with the account of a guide, and let an audience follow online."""
    _offer_talks(hall, guide=guide, by=by)
    _broadcast(hall)


def _offer_talks(hall: Hall, *, guide: int, by: int) -> None:
    usual = {"minutes": 30, "notice_hours": 2, "days_ahead": 14, "most_open": 1}
    usual |= {"missed_most": 2, "missed_days": 180, "pause_days": 30}
    hosts.save_rules(hosts.SaveRules(hall_id=hall.id, by=by, open=True, programme_id=hall.programmes[0].id, **usual))
    for staff_id, name, zh, en in (
        (guide, "刘晓岚", "家史与口述史", "Family and oral history"),
        (None, "何文珍", "读书与生涯规划", "Reading and careers"),
    ):
        hosts.save_host(
            hosts.SaveHost(
                hall_id=hall.id,
                by=by,
                number=None,
                staff_id=staff_id,
                name=name,
                profile=Texts({}),
                topics=Texts({"zh": zh, "en": en}),
                languages=("zh", "en"),
                modes=tuple(mode.value for mode in TalkMode),
                link="https://meeting.example.org/hall",
                email=None,
                active=True,
                spans=_EVERY_DAY,
                days_off=(),
            )
        )
    db.session.add_all(_talk(hall, number) for number in range(len(_TALKS)))
    db.session.flush()


def _talk(hall: Hall, number: int) -> Talk:
    days, hour, host, mode, state = _TALKS[number]
    day = hall.today() + timedelta(days=days)
    starts_at = clock.at(day, time(hour), hall.time_zone)
    return Talk(
        hall_id=hall.id,
        number=number + 1,
        key=secrets.token_urlsafe(32),
        submission=secrets.token_urlsafe(16),
        host_number=host,
        chosen=number % 2 == 0,
        state=state,
        mode=mode,
        language="zh",
        page_language="zh",
        day=day,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        division="440000" if mode is TalkMode.ON_SITE else "",
        guest=_GUESTS[number],
        phone=f"+86199000017{number:02}",
        stars=5 - number if state is TalkState.HELD else None,
        comment="老师很耐心，谢谢！" if number == 0 else "",
        made_at=clock.now() - timedelta(days=7),
    )


def _broadcast(hall: Hall) -> None:
    programme = Programme(
        hall=hall,
        slug="cloud-talk",
        name=Texts({"zh": "云讲堂", "en": "Online lecture"}),
        mode=Mode.ONLINE,
        minutes=60,
        guides=0,
        group_min=1,
        group_max=300,
        position=1 + max(one.position for one in hall.programmes),
    )
    db.session.add(programme)
    db.session.flush()
    today = hall.today()
    for weeks, parts in zip((2, 1), _AUDIENCE, strict=True):
        slot = _session(programme, today - timedelta(weeks=weeks))
        lines = [NewLine(f"presence {slot.id} {place}", place, *numbers) for place, numbers in parts.items()]
        ledger.write(slot, lines, AudienceSource.PRESENCE)
        peak = sum(people for people, _minutes in parts.values()) - 11
        db.session.add(OnlineSession(hall_id=hall.id, slot_id=slot.id, peak=peak))
    coming = _session(programme, today + timedelta(days=3))
    db.session.add(OnlineSession(hall_id=hall.id, slot_id=coming.id, stream="https://live.example.org/cloud-talk"))
    db.session.flush()


def _session(programme: Programme, day: date) -> Slot:
    starts_at = clock.at(day, time(19, 30), programme.hall.time_zone)
    slot = Slot(
        hall_id=programme.hall_id,
        programme=programme,
        day=day,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=programme.minutes),
        visitor_capacity=300,
        guide_capacity=0,
        open_by_hand=True,
    )
    db.session.add(slot)
    db.session.flush()
    return slot
