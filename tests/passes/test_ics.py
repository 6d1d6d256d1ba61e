"""The calendar entry, read line by line as RFC 5545 has it."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from hallapp.booking import service as bookings
from hallapp.booking.lifecycle import ORGANISER, note
from hallapp.booking.models import Booking, BookingState, Verb
from hallapp.core import calendars
from hallapp.core.calendars import Entry
from hallapp.core.database import transaction
from hallapp.passes import ics
from tests import factories

NOW = datetime(2026, 11, 20, 9, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def properties(entry: bytes, *, method: str = "PUBLISH") -> dict[str, str]:
    """Unfold the lines and part each at its first colon; nothing is unescaped."""
    assert entry.endswith(b"\r\n")
    assert b"\n" not in entry.replace(b"\r\n", b"") and b"\r" not in entry.replace(b"\r\n", b"")
    assert max(len(line) for line in entry.split(b"\r\n")) <= 75
    for line in entry.split(b"\r\n"):
        line.decode()  # no character is split
    lines = entry.decode().replace("\r\n ", "").split("\r\n")[:-1]
    begin = lines.index("BEGIN:VEVENT")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    assert sorted(lines[1:begin]) == [f"METHOD:{method}", "PRODID:-//hallapp//visit//EN", "VERSION:2.0"]
    return dict(line.split(":", 1) for line in lines[begin + 1 : -2])


@pytest.fixture
def booking(app: Flask) -> Booking:
    with transaction():
        hall = factories.hall(slug="lingnan", bring_zh="本凭证；身份证\n雨天带伞", directions_zh="A\\B 口, 步行")
        slot = factories.slot(programme=factories.programme(hall=hall), day=date(2026, 12, 5), starts=time(9, 30))
        return factories.booking(slot=slot, reference="K7M29QXT", organisation="高𠮷祥读书会" * 6)


def test_entry_says_when_where_and_what(booking: Booking) -> None:
    with time_machine.travel(NOW, tick=False):
        entry = ics.render(booking, language="zh")
    assert properties(entry) == {
        "UID": "K7M29QXT@lingnan.hallapp",
        "DTSTAMP": "20261120T011530Z",
        "SEQUENCE": "0",
        "STATUS": "CONFIRMED",
        "DTSTART": "20261205T013000Z",
        "DTEND": "20261205T030000Z",
        "SUMMARY": "岭南展览馆 · 讲解参观",
        "LOCATION": "广州市越秀区东风路一号",
        "DESCRIPTION": (
            f"{'高𠮷祥读书会' * 6}\\n20人\\n预约编号：K7M2-9QXT\\n"
            "A\\\\B 口\\, 步行\\n本凭证；身份证\\n雨天带伞\\n020 8345 0000"
        ),
        "ORGANIZER;CN=岭南展览馆": "mailto:no-reply@[127.0.0.1]",
    }


@time_machine.travel(NOW, tick=False)
def test_entry_of_a_cancelled_booking_takes_the_same_event_off(booking: Booking) -> None:
    with transaction():
        placed(booking)
        bookings.cancel(booking)
    found = properties(ics.render(booking, language="en"), method="CANCEL")
    assert (found["UID"], found["STATUS"], found["SEQUENCE"]) == ("K7M29QXT@lingnan.hallapp", "CANCELLED", "1")
    assert found['ORGANIZER;CN="Lingnan Exhibition Hall"'] == "mailto:no-reply@[127.0.0.1]"
    assert found["SUMMARY"] == "Lingnan Exhibition Hall · Guided tour"


@time_machine.travel(NOW, tick=False)
def test_entry_of_a_moved_booking_replaces_the_one_before(booking: Booking) -> None:
    with transaction():
        placed(booking)
        later = factories.slot(programme=booking.slot.programme, day=date(2026, 12, 6), starts=time(14))
        bookings.move(booking, later.id)
    found = properties(ics.render(booking, language="zh"))
    assert (found["UID"], found["STATUS"], found["SEQUENCE"]) == ("K7M29QXT@lingnan.hallapp", "CONFIRMED", "1")
    assert (found["DTSTART"], found["DTEND"]) == ("20261206T060000Z", "20261206T073000Z")


@pytest.mark.parametrize("state", BookingState)
def test_entry_says_how_certain_the_visit_is(booking: Booking, state: BookingState) -> None:
    with transaction():
        booking.state = state
        booking.offered_until = NOW if state is BookingState.OFFERED else None
    asked = {BookingState.REQUESTED, BookingState.WAITLISTED, BookingState.OFFERED}
    agreed = {BookingState.CONFIRMED, BookingState.ARRIVED, BookingState.ABSENT}
    expected = "TENTATIVE" if state in asked else "CONFIRMED" if state in agreed else "CANCELLED"
    method = "CANCEL" if expected == "CANCELLED" else "PUBLISH"
    assert properties(ics.render(booking, language="zh"), method=method)["STATUS"] == expected


def placed(booking: Booking) -> None:
    """The first line of its history, as each booking has one."""
    note(booking, Verb.PLACED, by=ORGANISER, before=None)


def test_entry_holds_no_secret(booking: Booking) -> None:
    assert booking.key.encode() not in ics.render(booking, language="zh").replace(b"\r\n ", b"")


def test_parts_that_remain_are_published_with_those_that_are_cancelled(booking: Booking) -> None:
    with transaction():
        gone = factories.booking(slot=booking.slot, state=BookingState.CANCELLED)
    calendar = Calendar.from_ical(ics.render(booking, gone, language="zh"))
    assert calendar["method"] == "PUBLISH"
    assert [event["status"] for event in calendar.events] == ["CONFIRMED", "CANCELLED"]
    assert ics.method_of(gone, gone) == "CANCEL"


@given(st.text())
def test_any_text_comes_back_from_a_calendar_program(text: str) -> None:
    text = text.encode(errors="ignore").decode()
    entry = calendars.write([Entry(**_ENTRY, summary=text, location=text, description=text)], name=text)
    assert all(len(part) <= 75 for part in entry.split(b"\r\n"))
    (event,) = Calendar.from_ical(entry).events
    shown = "".join(c for c in "\n".join(text.splitlines()) if c.isprintable() or c == "\n")
    assert [str(event[name]) for name in ("summary", "location", "description")] == [shown] * 3


_ENTRY = {
    "uid": "a@b",
    "sequence": 0,
    "stamp": NOW,
    "status": "CONFIRMED",
    "starts_at": NOW,
    "ends_at": NOW,
}
