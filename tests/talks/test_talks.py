"""Talks: booked once whoever asks at the same moment, recorded by their host, counted apart, and erased."""

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hallapp.accounts.roles import Role
from hallapp.booking import retention
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.desk import service as desk
from hallapp.ledger.facets import PROGRAMME
from hallapp.ledger.queries import count_visitors, list_spans
from hallapp.notifications.models import OutboxMessage
from hallapp.periods import Span
from hallapp.schedule import regions
from hallapp.schedule.errors import TimesWouldMeet
from hallapp.schedule.models import CalendarDay, DayKind, DayRule, Hall
from hallapp.talks import queries, service
from hallapp.talks.errors import HostTaken, HoursOverlap, ProgrammeNeeded, TalkClosed, TalkTaken
from hallapp.talks.models import Talk, TalkDayOff, TalkHost, TalkHours, TalkMode, TalkSetting, TalkState
from hallapp.talks.times import Rules, list_openings
from hallapp.talks.web.forms import shown_instant
from tests import factories
from tests.booking.helpers import page
from tests.conftest import examples
from tests.processes import at_once
from tests.talks.helpers import NOW, TODAY, ZONE, at, command, make_office, save_host, save_rules


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    with time_machine.travel(NOW, tick=False), transaction():
        return make_office()


def book(hall: Hall, **values: Any) -> int:
    with transaction():
        return service.book(command(hall, **values)).number


def get(hall: Hall, number: int) -> Talk:
    return db.session.get_one(Talk, (hall.id, number))


def _race(app: Flask, share: tuple[int, int]) -> list[str]:
    """Book a time in one process, for several phones one after the other; what became of each."""
    hall_id, process = share
    with app.app_context(), time_machine.travel(NOW, tick=False):
        found = []
        for number in range(4):
            hall = db.session.get_one(Hall, hall_id)
            try:
                with transaction():
                    wanted = command(hall, submission=f"{process}-{number}", phone=f"+86199000{process}00{number:02}")
                    found.append(f"host {service.book(wanted).host_number}")
            except DomainError as refusal:
                found.append(refusal.code)
        return found


@pytest.mark.either_database
def test_one_time_is_given_once_to_each_host(office: SimpleNamespace, database_url: str, tmp_path: Path) -> None:
    shares = [(office.hall.id, process) for process in range(2)]
    results = Counter(one for found in at_once(database_url, tmp_path, _race, shares) for one in found)
    assert results == {"host 1": 1, "host 2": 1, "talk_taken": 6}


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_guests_at_the_hall_are_visitors_and_others_are_not(office: SimpleNamespace) -> None:
    hall, staff = office.hall, office.people[0].id
    phones = [f"+861990000200{n}" for n in range(3)]
    talks = [
        book(hall, submission=mode.value, mode=mode, host=1, phone=phone, starts_at=at(10 + n))
        for n, (mode, phone) in enumerate(zip((TalkMode.ON_SITE, TalkMode.PHONE), phones, strict=False))
    ]
    talks.append(
        book(hall, submission="o", mode=TalkMode.ONLINE, host=2, phone=phones[2], division="", starts_at=at(11))
    )
    with pytest.raises(TalkClosed), transaction():
        service.record_held(get(hall, talks[0]), staff_id=staff)  # it has not begun
    with time_machine.travel(at(12), tick=False):
        for number in talks:
            with transaction():
                service.record_held(get(hall, number), staff_id=staff)
        assert count_visitors(hall.id, TODAY) == 1
        spans = list_spans(hall.id, (Span.DAY, TODAY, None), PROGRAMME)
        assert [(part, one.visitors) for _day, part, one in spans] == [(str(office.programme.id), 1)]
        figures = queries.get_figures(hall.id, TODAY, TODAY + timedelta(days=1))
        assert (figures.talks, dict(figures.held)) == (3, dict.fromkeys(TalkMode, 1))
        for number in talks:
            with transaction():
                service.record_missed(get(hall, number), staff_id=staff)
        assert count_visitors(hall.id, TODAY) == 0
        with transaction():
            service.record_held(get(hall, talks[0]), staff_id=staff)
        assert count_visitors(hall.id, TODAY) == 1
        figures = queries.get_figures(hall.id, TODAY, TODAY + timedelta(days=1))
        assert (figures.talks, figures.missed) == (1, 2)
        with transaction():
            counted = get(hall, talks[0]).event_id
            desk.take_back(desk.TakeBack(hall_id=hall.id, staff_id=staff, event_id=counted, own_id=str(uuid4())))
        with transaction():
            service.record_missed(get(hall, talks[0]), staff_id=staff)
        assert count_visitors(hall.id, TODAY) == 0
        assert queries.get_figures(hall.id, TODAY, TODAY + timedelta(days=1)).missed == 3


@pytest.mark.either_database
@time_machine.travel(NOW, tick=False)
def test_a_guest_books_and_only_the_two_see_the_note(office: SimpleNamespace, app: Flask) -> None:
    hall, guest, host, other = office.hall, *(app.test_client() for _ in range(3))
    host.sign_in(office.people[0])
    other.sign_in(office.people[1])
    assert "10:00–10:30" in page(guest.get("/talks?lang=en"))
    assert guest.get("/talk/%00").status_code == 404
    form = {"starts": shown_instant(at(10)), "host": "1", "mode": "on_site", "language": "zh", "submission": "a\0"}
    assert guest.get("/talks/book", query_string=form).status_code == 200
    typed = form | {"guest": "罗小龙", "phone": "19900001050", "email": "luo@example.org", "wish": "我的家史"}
    refused = guest.submit("/talks/book?lang=en", typed | {"phone": "12"})
    assert refused.status_code == 422 and "我的家史" in page(refused) and "Please tick this box" in page(refused)
    assert guest.submit("/talks/book", typed | {"consent": "y"}).status_code == 422  # a place is needed at the hall
    placed = guest.submit("/talks/book", typed | {"consent": "y", "division": "440000"})
    assert placed.status_code == 303
    assert guest.submit("/talks/book", typed | {"consent": "y", "division": "440000"}).location == placed.location
    path = placed.location
    taken = guest.submit(
        "/talks/book?lang=en", typed | {"consent": "y", "division": "440000", "submission": "b", "phone": "19900001051"}
    )
    assert taken.status_code == 409 and "10:30–11:00" in page(taken) and "我的家史" in page(taken)
    assert db.session.scalars(select(OutboxMessage.recipient)).all() == ["luo@example.org"]

    assert guest.submit(f"{path}/note", {"note": "我很紧张"}).status_code == 303
    assert "我很紧张" in page(host.get("/my-talks"))
    assert "我很紧张" not in page(other.get("/my-talks"))
    number = db.session.scalars(select(Talk.number)).one()
    for act in ("note", "held", "missed", "cancel"):
        assert other.submit(f"/my-talks/{number}/{act}").status_code == 404
    shown = page(host.get("/my-talks"))
    seen = shown.split('name="seen" value="')[1].split('"')[0]
    assert guest.submit(f"{path}/note", {"note": "我很紧张，会带照片", "seen": seen}).status_code == 303
    late = host.submit(f"/my-talks/{number}/note", {"note": "别紧张", "seen": seen})
    assert late.status_code == 409 and "会带照片" in page(late) and ">别紧张</textarea>" in page(late)
    assert get(hall, number).note == "我很紧张，会带照片"
    seen = page(late).split('name="seen" value="')[1].split('"')[0]
    assert host.submit(f"/my-talks/{number}/note", {"note": "带照片来，别紧张", "seen": seen}).status_code == 303
    again = guest.submit(f"{path}/note", {"note": "好的", "seen": "0" * 16})
    assert again.status_code == 409 and "别紧张" in page(again) and "好的</textarea>" in page(again)
    assert "DTSTART:20261123T020000Z" in guest.get(f"{path}/talk.ics").text
    assert host.submit(f"/my-talks/{number}/note", {"note": "x" * 1001}).status_code == 422
    with time_machine.travel(at(10, 20), tick=False):
        assert guest.submit(f"{path}/cancel").status_code == 409
        assert host.submit(f"/my-talks/{number}/held").status_code == 303
        assert guest.submit(f"{path}/feedback", {"stars": "9"}).status_code == 422
        assert guest.submit(f"{path}/feedback", {"stars": "5", "comment": "很好"}).status_code == 303
        assert guest.submit(f"{path}/feedback", {"stars": "1"}).status_code == 409
        assert "很好" in page(host.get("/my-talks"))
        assert guest.submit(f"{path}/erase").status_code == 303
        db.session.expire_all()
        talk = get(hall, number)
        assert (talk.guest, talk.phone, talk.note, talk.comment, talk.stars) == ("", "", "", "", 5)
        assert "罗小龙" not in page(host.get("/my-talks"))
        assert db.session.scalars(select(OutboxMessage.recipient)).all() == []


@time_machine.travel(NOW, tick=False)
def test_missed_talks_pause_a_phone_and_the_host_cancels_with_a_reason(office: SimpleNamespace, app: Flask) -> None:
    hall = office.hall
    with transaction():
        save_rules(hall, office.programme.id, missed_most=1, pause_days=30)
    first = book(hall)
    with pytest.raises(DomainError) as refused:
        book(hall, submission="two", starts_at=at(11))
    assert refused.value.code == "too_many_talks"
    with time_machine.travel(at(11), tick=False), transaction():
        service.record_missed(get(hall, first), staff_id=office.people[0].id)
    monday = NOW + timedelta(days=7)
    with time_machine.travel(monday, tick=False):
        with pytest.raises(DomainError) as refused:
            book(hall, submission="three", starts_at=at(11, day=monday.date()))
        assert refused.value.code == "talk_paused"
        other = book(
            hall, submission="four", starts_at=at(11, day=monday.date()), phone="+8613800138000", email="a@b.cn"
        )
        with transaction():
            service.cancel(get(hall, other), reason="生病", by=service.By.HOST)
        assert "生病" in db.session.scalars(select(OutboxMessage.body).order_by(OutboxMessage.id.desc())).first()
        assert book(hall, submission="five", starts_at=at(11, day=monday.date()), phone="+8613800138000")
    with time_machine.travel(NOW + timedelta(days=31), tick=False):
        assert book(hall, submission="six", starts_at=at(10, day=date(2026, 12, 28)))
    with time_machine.travel(NOW + timedelta(days=800), tick=False), transaction():
        retention.erase(hall)
    assert set(db.session.scalars(select(Talk.phone))) == {""}
    assert get(hall, first).state is TalkState.MISSED


@pytest.mark.parametrize("why", [{"open": False}, {"kind": DayKind.HOLIDAY}])
@time_machine.travel(NOW, tick=False)
def test_no_guest_is_asked_to_a_hall_that_is_closed(office: SimpleNamespace, app: Flask, why: dict[str, Any]) -> None:
    hall, manager = office.hall, app.test_client()
    at_hall, by_phone = book(hall), book(hall, submission="b", mode=TalkMode.PHONE, phone="+8619900001051")
    manager.sign_in(factories.make(factories.staff, hall=hall, role=Role.MANAGER))
    calendar = ("/admin/calendar/2026-11", f"/admin/calendar/days/{TODAY}")
    assert not any(f"/bookings/talks#talk-{at_hall}" in page(manager.get(path)) for path in calendar)
    with transaction():
        db.session.get_one(Hall, hall.id).holidays = DayRule.CLOSED
        db.session.add(CalendarDay(hall_id=hall.id, day=TODAY, **why))
    for path in calendar:
        shown = page(manager.get(path))
        assert f"/bookings/talks#talk-{at_hall}" in shown and f"#talk-{by_phone}" not in shown
    rules = queries.find_setting(hall.id)
    assert rules is not None
    days = {
        mode: {one.day for one in queries.find_openings(hall, rules, mode=mode, language="zh")} for mode in TalkMode
    }
    assert TODAY in days[TalkMode.PHONE] and TODAY in days[TalkMode.ONLINE] and TODAY not in days[TalkMode.ON_SITE]
    with pytest.raises(TalkTaken), transaction():
        service.book(command(hall, submission="c", starts_at=at(11), phone="+8619900001052"))


@pytest.mark.either_database
@pytest.mark.parametrize("days", [6, 8, 45])
def test_a_talk_is_recorded_however_late(office: SimpleNamespace, days: int) -> None:
    hall = office.hall
    with time_machine.travel(NOW, tick=False):
        number = book(hall)
    with time_machine.travel(NOW + timedelta(days=days), tick=False):
        for act, visitors in ((service.record_held, 1), (service.record_missed, 0), (service.record_held, 1)):
            with transaction():
                act(get(hall, number), staff_id=office.people[0].id)
            assert count_visitors(hall.id, TODAY) == visitors


@time_machine.travel(NOW, tick=False)
def test_hosts_and_rules_that_contradict_each_other_are_refused(office: SimpleNamespace) -> None:
    hall = office.hall
    overlapping = ((0, at(9).time(), at(11).time()), (0, at(10).time(), at(12).time()))
    for refusal, values in ((HoursOverlap, {"spans": overlapping}), (HostTaken, {"staff_id": office.people[0].id})):
        with pytest.raises(refusal), transaction():
            save_host(hall, **values)
    with pytest.raises(ProgrammeNeeded), transaction():
        save_rules(hall, None)
    with transaction():
        save_host(hall, office.people[0].id, number=1, days_off=(TODAY,), spans=((0, at(10).time(), at(12).time()),))
    setting = queries.find_setting(hall.id)
    assert setting is not None
    found = queries.find_openings(hall, setting, mode=TalkMode.PHONE, language="zh")
    assert {one.host for one in found if one.day == TODAY} == {2}
    with transaction():
        save_host(hall, office.people[0].id, number=1)
    book(hall, host=1)
    found = queries.find_openings(hall, setting, mode=TalkMode.PHONE, language="zh")
    assert [one.host for one in found if one.day == TODAY] == [2, 1, 2, 2, 1, 2, 1]  # the one with fewer talks first
    assert queries.find_openings(hall, setting, mode=TalkMode.PHONE, language="ru") == []


@settings(max_examples=examples(30))
@given(
    spans=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 22), st.integers(1, 4)), max_size=6),
    minutes=st.integers(5, 120),
    taken=st.lists(st.tuples(st.integers(0, 10), st.integers(0, 23), st.integers(1, 200)), max_size=8),
    off=st.sets(st.integers(0, 10), max_size=3),
)
def test_every_opening_lies_in_the_hours_and_beside_all_talks(
    spans: list[tuple[int, int, int]], minutes: int, taken: list[tuple[int, int, int]], off: set[int]
) -> None:
    hours = [
        TalkHours(weekday=day, starts=at(begin).time(), ends=at(min(23, begin + length)).time())
        for day, begin, length in spans
        if begin < min(23, begin + length)
    ]
    days_off = [TalkDayOff(day=TODAY + timedelta(days=number)) for number in off]
    host = TalkHost(number=1, name="x", hours=hours, days_off=days_off)
    starts = [(at(hour, day=TODAY + timedelta(days=day)), length) for day, hour, length in taken]
    busy = {1: [(begin, begin + timedelta(minutes=length)) for begin, length in starts]}
    rules = Rules(now=NOW, zone="Asia/Shanghai", minutes=minutes, notice_hours=2, days_ahead=10)
    for one in list_openings([host], busy, rules, days=rules.days):
        begin, end = one.starts_at.astimezone(ZONE), one.ends_at.astimezone(ZONE)
        assert end - begin == timedelta(minutes=minutes) and begin >= NOW + timedelta(hours=2)
        assert begin.date() == one.day and one.day not in {each.day for each in days_off}
        assert any(h.weekday == one.day.weekday() and h.starts <= begin.time() and end.time() <= h.ends for h in hours)
        assert all(end <= before or after <= begin for before, after in busy[1])


def test_a_hall_without_talks_says_so(app: Flask) -> None:
    factories.make(factories.hall)
    guest = app.test_client()
    assert guest.get("/talks").status_code == guest.get("/talks/book").status_code == 404
    assert guest.submit("/talks/book", {"mode": "phone"}).status_code == 404


def test_held_facts_are_never_older_than_their_version(office: SimpleNamespace) -> None:
    with transaction():
        read_before = db.session.get_one(TalkSetting, office.hall.id)
        db.session.execute(update(TalkSetting).values(open=False), execution_options={"synchronize_session": False})
        assert (read_before.open, queries.is_open(office.hall.id)) == (True, False)


@time_machine.travel(NOW, tick=False)
def test_a_manager_adds_a_host_whose_form_shows_what_was_saved(office: SimpleNamespace, app: Flask) -> None:
    manager = app.test_client()
    manager.sign_in(factories.make(factories.staff, hall=office.hall, role=Role.MANAGER))
    form = {"name": "林老师", "spoken": ["zh", "yue"], "modes": ["online"], "active": "y"}
    form |= {"days_1": ["1", "3"], "from_1": "14:00", "to_1": "16:30", "days_off": "2026-12-01\n2026-12-08"}
    for wrong, words in (
        ({"link": "rooms.example.org"}, "begins with https://"),
        ({"link": ""}, "need the link"),
        ({"to_1": "14:00"}, "ends after it begins"),
        ({"days_1": []}, "needs weekdays"),
        ({"days_off": "8 December"}, "one day in each line"),
        ({"spoken": []}, "at least one language"),
    ):
        refused = manager.submit("/admin/talks/new?lang=en", form | {"link": "https://rooms.example.org/2"} | wrong)
        assert refused.status_code == 422 and words in page(refused) and "林老师" in page(refused)
    assert manager.submit("/admin/talks/new", form | {"link": "https://rooms.example.org/2"}).status_code == 303
    host = queries.find_host(office.hall.id, 3)
    assert host is not None
    assert [(one.weekday, f"{one.starts:%H:%M}", f"{one.ends:%H:%M}") for one in host.hours] == [
        (1, "14:00", "16:30"),
        (3, "14:00", "16:30"),
    ]
    shown = manager.get("/admin/talks/3?lang=en").text
    assert 'value="14:00"' in shown and "2026-12-08" in shown and shown.count("checked") == 6
    rules = dict.fromkeys(("minutes", "notice_hours", "days_ahead", "most_open", "missed_most"), "1")
    refused = manager.submit("/admin/talks?lang=en", rules | {"missed_days": "1", "pause_days": "1"})
    assert refused.status_code == 422 and "Enter a number from 5" in page(refused)
    assert "Talks held" in page(manager.get("/reports/talks?lang=en"))


@pytest.mark.either_database
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Asia/Bangkok"])  # an hour earlier, and an hour later
def test_another_time_zone_keeps_the_clock_of_talks_to_come(office: SimpleNamespace, zone: str) -> None:
    talks = [("1", at(10)), ("2", at(11))]
    with time_machine.travel(NOW, tick=False):
        mine = {"host": office.numbers[0], "email": "guest@example.org"}
        numbers = [book(office.hall, submission=n, phone=f"+8619900001{n}00", starts_at=t, **mine) for n, t in talks]
        gone = book(office.hall, submission="3", phone="+8619900001300")
        with transaction():
            service.cancel(get(office.hall, gone))
        assert regions.preview(office.hall, zone).talks == 2
    with time_machine.travel(at(10, 15), tick=False):
        if zone == "Asia/Tokyo":
            with pytest.raises(TimesWouldMeet), transaction():
                regions.save_region(regions.SaveRegion.of(office.hall, by=None, time_zone=zone))
    with time_machine.travel(NOW, tick=False), transaction():
        regions.save_region(regions.SaveRegion.of(office.hall, by=None, time_zone=zone))
    found = [get(office.hall, number) for number in numbers]
    assert [talk.starts_at.astimezone(ZoneInfo(zone)).hour for talk in found] == [10, 11]
    assert {talk.ends_at - talk.starts_at for talk in found} == {timedelta(minutes=30)}
    assert get(office.hall, gone).starts_at == at(10, 30)
