"""The private calendars of guides and halls, as a calendar program reads them."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from icalendar import Calendar

from hallapp.booking import service as bookings
from hallapp.booking.lifecycle import ORGANISER, note
from hallapp.booking.models import Booking, Verb
from hallapp.core.database import db, transaction
from hallapp.guides import assigning, feeds
from hallapp.guides.models import CalendarFeed, Guide
from hallapp.guides.web import calendar_feeds
from hallapp.kinds.standard import INDIVIDUAL
from tests import factories
from tests.booking.helpers import page
from tests.guides.office import NOON, TUESDAY, group, make_office
from tests.office import signed_in
from tests.queries import Queries


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    with time_machine.travel(NOON, tick=False):
        with transaction():
            made = make_office()
            made.school = group(made.tour, organisation="东湖小学", contact_name="何秀英", phone="13800000001")
            made.family = group(made.tour, day=TUESDAY, organisation="欧阳娜娜", kind=INDIVIDUAL)
            for booking in (made.school, made.family):
                note(booking, Verb.PLACED, by=ORGANISER, before=None)
        made.client, made.mine = signed_in(app, made.manager), signed_in(app, made.me)
        made.outside = app.test_client()
        yield made


def make_feed(client: Any, path: str, **form: str) -> str:
    """Press the button, and return the path of the address that the page shows."""
    client.get(path)
    shown = page(client.submit(path, form))
    return "/calendars/" + shown.partition("/calendars/")[2].partition("<")[0]


def events(answer: Any) -> dict[str, Any]:
    return {str(event["summary"]): event for event in Calendar.from_ical(answer.data).walk("VEVENT")}


@pytest.mark.either_database
def test_guide_subscribes_to_groups_of_their_own(office: SimpleNamespace) -> None:
    with transaction():
        assigning.assign(office.school, office.an.id, by=office.manager.id, accept=True)
    address = make_feed(office.mine, "/guide/calendar")
    answer = office.outside.get(address)
    assert answer.mimetype == "text/calendar" and answer.headers["Referrer-Policy"] == "no-referrer"
    assert list(events(answer)) == ["东湖小学 · 20人"]
    event = events(answer)["东湖小学 · 20人"]
    assert event.start == office.school.slot.starts_at and event["sequence"] == 0
    assert "何秀英" not in answer.text and "1380000" not in answer.text.replace("\r\n ", "")
    same = office.outside.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    with time_machine.travel(NOON.replace(hour=5), tick=False), transaction():
        bookings.change_people(db.session.get(Booking, office.school.id), (("440000", 21),))
    changed = office.outside.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert events(changed)["东湖小学 · 21人"]["sequence"] == 1
    with transaction():
        bookings.cancel(db.session.get(Booking, office.school.id))
    assert not events(office.outside.get(address))


def test_address_can_be_replaced_and_withdrawn(office: SimpleNamespace) -> None:
    first = make_feed(office.client, "/admin/feeds", guide="")
    assert set(events(office.outside.get(first))) == {"东湖小学 · 20人", "个人 · 20人"}
    assert "欧阳" not in office.outside.get(first).text
    second = make_feed(office.client, "/admin/feeds", guide="")
    assert office.outside.get(first).status_code == 404 and office.outside.get(second).status_code == 200
    token = second.rpartition("/")[2].removesuffix(".ics")
    assert token not in {feed.digest for feed in db.session.query(CalendarFeed)} and len(token) == 32
    office.client.submit("/admin/feeds/withdraw", {"guide": ""})
    assert office.outside.get(second).status_code == 404


def test_no_other_hall_and_no_former_guide_is_opened(office: SimpleNamespace) -> None:
    with transaction():
        elsewhere = factories.hall()
        token = feeds.renew(office.hall.id, office.an.id, by=office.manager.id)
    assert office.outside.get(f"/calendars/{office.hall.id}/{token}.ics").status_code == 200
    for wrong in (f"{elsewhere.id}/{token}", "0/x", "99999999999/x", f"{office.hall.id}/%F0%9F%98%80", "x/y"):
        assert office.outside.get(f"/calendars/{wrong}.ics").status_code == 404
    for leaving, back in (("staff", True), ("guide", False)):
        with transaction():
            guide = db.session.get(Guide, office.an.id)
            left = guide.staff if leaving == "staff" else guide
            left.active = False
        assert office.outside.get(f"/calendars/{office.hall.id}/{token}.ics").status_code == 404
        with transaction():
            db.session.get(type(left), left.id).active = back
    assert office.mine.get("/guide/calendar").status_code == 404
    for number in ("999", "x"):
        assert office.client.submit("/admin/feeds", {"guide": number}).status_code == 404


def test_guessing_is_limited_and_the_cost_does_not_grow(
    office: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = make_feed(office.client, "/admin/feeds", guide="")
    with Queries() as few:
        office.outside.get(address)
    with transaction():
        for day in range(10, 20):
            note(group(office.tour, day=TUESDAY.replace(day=day)), Verb.PLACED, by=ORGANISER, before=None)
    with Queries() as many:
        assert office.outside.get(address).text.count("BEGIN:VEVENT") == 12
    assert many.number <= few.number + 1
    monkeypatch.setattr(calendar_feeds, "LIMIT_PER_NETWORK", 2)
    answer = office.outside.get("/calendars/1/guess.ics")
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0
