"""People of an online programme are not expected in the hall, get no pass, and never count as visitors."""

from datetime import time, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.admin.today import queries as today
from hallapp.booking import absence, join_links
from hallapp.booking.lifecycle import SYSTEM, note
from hallapp.booking.models import Booking, BookingState, Verb
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.desk import queries as desk
from hallapp.desk import service as admissions
from hallapp.desk.errors import TakesPlaceOnline
from hallapp.ledger.models import Arrival
from hallapp.messages import daily
from hallapp.notifications.models import OutboxMessage
from hallapp.passes import ics, queries
from hallapp.periods import Period
from hallapp.reports.figures import absences
from hallapp.reports.figures.queries import sum_places
from hallapp.schedule.models import Mode
from hallapp.screen import queries as screen
from tests import factories
from tests.conftest import SECRET
from tests.office import DAY, ZONE, again

ON_THE_WAY = {"directions": "地铁二号线", "bring": "身份证", "late": "请打电话", "coach": "东门停车"}


@pytest.fixture
def live(app: Flask, first_of_december: time_machine.Traveller) -> SimpleNamespace:
    """A hall whose room is full with 20 people inside, and an online programme at the same time with 300 places."""
    with transaction():
        hall = factories.hall(inside_capacity=20, **{f"{name}_zh": text for name, text in ON_THE_WAY.items()})
        tour = factories.slot(programme=factories.programme(hall=hall), day=DAY, inside_capacity=20)
        talk = factories.programme(hall=hall, mode=Mode.ONLINE, guides=0, group_min=1, group_max=300, name_zh="云讲堂")
        slot = factories.slot(programme=talk, day=DAY, inside_capacity=20, visitor_capacity=300)
        return SimpleNamespace(
            hall=hall,
            slot=slot,
            tour=tour,
            visit=factories.booking(slot=tour, organisation="来馆团"),
            booking=factories.booking(slot=slot, origins={"440000": 200, "710000": 60}, email="g@example.com"),
            desk=factories.staff(hall=hall, password_hash="none"),
            manager=factories.staff(hall=hall, role=Role.MANAGER, password_hash="none"),
        )


def placed(row: Booking) -> Booking:
    """The booking, after its signal was sent as by a placement."""
    with transaction():
        booking = db.session.get_one(Booking, row.id)
        note(booking, Verb.PLACED, by=SYSTEM, before=None)
    return again(row)


@pytest.mark.either_database
def test_nobody_of_an_online_programme_is_expected_in_the_hall(live: SimpleNamespace) -> None:
    hall, evening = live.hall.id, clock.at(DAY, time(20), ZONE)
    only_the_visit = [live.visit.id]
    assert [one.booking.id for one in desk.get_day(hall, DAY).bookings] == only_the_visit
    assert [one.id for one in desk.list_bookings_of(hall, [DAY])] == only_the_visit
    assert [one.id for one in screen.list_groups(hall, DAY, after=clock.now())] == only_the_visit
    assert today.count_booked(hall, DAY) == (1, 20)
    assert sum_places(hall, Period.month(2026, 12)) == (100, 20)
    stretches = [(DAY, DAY + timedelta(days=1))]
    assert absences.count_by_booking(hall, stretches, until=evening) == 20
    assert again(live.slot).inside_booked == 20


def test_no_pass_no_way_to_the_hall_but_the_page_to_join(live: SimpleNamespace, app: Flask) -> None:
    booking = placed(live.booking)
    assert queries.find_current_pass(booking.id) is None
    client = app.test_client()
    for name in ("pass", "pass.pdf", "pass.png", "pass/reissue"):
        assert client.get(f"/visits/{booking.key}/{name}").status_code == 404
    page = client.get(f"/visits/{booking.key}?lang=zh").get_data(as_text=True)
    entry = ics.render(booking, language="zh").decode().replace("\r\n ", "")
    with time_machine.travel(clock.at(DAY - timedelta(days=1), time(10), ZONE), tick=False), transaction():
        assert daily.remind(live.hall) == 1
    mails = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert len(mails) == 2
    texts = [page, entry, *(mail.body for mail in mails), *(mail.html or "" for mail in mails)]
    for text in texts:
        assert not [way for way in ON_THE_WAY.values() if way in text]
        assert "/pass" not in text
    assert "LOCATION:线上" in entry
    assert all(join_links.address_of(booking) in mail.body for mail in mails)
    assert join_links.address_of(booking) in entry and booking.key not in entry


@pytest.mark.parametrize("with_reason", [False, True])
def test_the_desk_counts_nobody_of_it(live: SimpleNamespace, with_reason: bool) -> None:
    command = admissions.Admit(
        hall_id=live.hall.id,
        staff_id=live.manager.id,
        role=live.manager.role,
        event_id=str(uuid4()),
        code=live.booking.reference,
        reason="站在门口" if with_reason else "",
    )
    with time_machine.travel(live.slot.starts_at, tick=False), pytest.raises(TakesPlaceOnline), transaction():
        admissions.admit(command, keys=(SECRET,))
    assert db.session.scalar(select(func.count()).select_from(Arrival)) == 0


def test_nobody_of_it_is_a_no_show(live: SimpleNamespace) -> None:
    with time_machine.travel(live.slot.ends_at + timedelta(days=2), tick=False), transaction():
        assert absence.mark_absent_bookings(live.hall) == 1
    assert (again(live.booking).state, again(live.visit).state) == (BookingState.CONFIRMED, BookingState.ABSENT)
