"""Access needs: given with an agreement of their own, shown to those who prepare the visit, erased with the contact."""

import io
from contextlib import nullcontext
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from sqlalchemy import select

from hallapp.booking import checks, lists, parties, queries, retention, service
from hallapp.booking.access import AccessNeeds
from hallapp.booking.errors import AccessNotOffered, FewerThanWheelchairs, TooManyWheelchairs
from hallapp.booking.lifecycle import SYSTEM
from hallapp.booking.models import Booking, BookingEvent, BookingState
from hallapp.booking.service import ContactData
from hallapp.core.database import db, transaction
from hallapp.core.i18n import force_locale
from hallapp.desk import snapshot
from hallapp.guides import assigning
from hallapp.schedule.models import Hall
from hallapp.schedule.policy import AccessNeed
from tests import factories
from tests.booking.helpers import command, page, typed
from tests.client import CheckingClient
from tests.guides.office import MONDAY, NOON, make_office

pytestmark = pytest.mark.usefixtures("first_of_december")

SIGN, SLOW, LOOP = AccessNeed.SIGN_LANGUAGE, AccessNeed.SLOW_PACE, AccessNeed.HEARING_LOOP
NEEDS = AccessNeeds(wheelchairs=2, needs=(SIGN, SLOW), remark="请安排前排")
IN_ENGLISH = "2 wheelchair places · Sign language · A slower pace, with breaks · 请安排前排"
FORM: dict[str, Any] = {
    "wheelchairs": "２",
    "access_needs": ["slow_pace", "sign_language"],
    "access_remark": " 请安排前排 ",
    "access_consent": "y",
}


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    """The office of the guides' tests, with a time of the tour."""
    with transaction():
        office = make_office()
        office.slot = factories.slot(programme=office.tour, day=MONDAY, starts=time(10))
    return office


def place(slot: Any, **values: Any) -> Booking:
    with transaction():
        return service.place(command(slot, submission=str(uuid4()), **values))


def stored() -> list[AccessNeeds]:
    return list(db.session.scalars(select(Booking.access).order_by(Booking.id)))


needs = st.builds(
    AccessNeeds,
    wheelchairs=st.integers(0, 300),
    needs=st.sets(st.sampled_from([SIGN, SLOW, LOOP])).map(
        lambda some: tuple(one for one in AccessNeed if one in some)
    ),
    remark=st.text(max_size=120),
)


@given(needs)
def test_needs_are_read_as_they_were_stored(given_needs: AccessNeeds) -> None:
    assert AccessNeeds.from_json(given_needs.to_json()) == given_needs
    assert bool(given_needs.to_json()) == bool(given_needs)


def test_a_need_of_a_later_version_is_left_out() -> None:
    assert AccessNeeds.from_json('{"needs": ["guide_dog", "slow_pace"]}') == AccessNeeds(needs=(SLOW,))


@pytest.mark.parametrize(
    ("asked", "offered", "before", "refusal"),
    [
        (NEEDS, (AccessNeed.WHEELCHAIRS, SIGN, SLOW), AccessNeeds(), None),
        (NEEDS, (AccessNeed.WHEELCHAIRS, SIGN), AccessNeeds(), AccessNotOffered),
        (NEEDS, (), NEEDS, None),  # named before the hall stopped asking
        (AccessNeeds(remark="x"), (), AccessNeeds(), AccessNotOffered),
        (AccessNeeds(remark="x"), (LOOP,), AccessNeeds(), None),
        (AccessNeeds(wheelchairs=20), tuple(AccessNeed), AccessNeeds(), None),
        (AccessNeeds(wheelchairs=21), tuple(AccessNeed), AccessNeeds(), TooManyWheelchairs),
        (AccessNeeds(), (), AccessNeeds(), None),
    ],
)
def test_needs_are_checked_against_the_hall_and_the_group(
    asked: AccessNeeds, offered: tuple[AccessNeed, ...], before: AccessNeeds, refusal: type[Exception] | None
) -> None:
    with pytest.raises(refusal) if refusal else nullcontext():
        checks.check_access(asked, offered=offered, visitors=20, before=before)


def test_the_booking_form_takes_needs_with_an_agreement_only(office: SimpleNamespace, client: CheckingClient) -> None:
    empty = page(client.get(f"/book?slot={office.slot.id}&lang=en"))
    assert '<details class="access-needs">' in empty  # folded: most groups have none
    assert 'value="hearing_loop"' not in empty  # this hall has not said that it has one
    form: dict[str, Any] = {**typed(office.slot), **FORM}
    refused = client.submit("/book?lang=en", {**form, "access_consent": ""})
    assert refused.status_code == 422
    assert 'id="access_consent-error">Please tick this box' in page(refused)
    assert '<details class="access-needs" open>' in page(refused)
    for changes, said in (
        ({"wheelchairs": "21"}, "more wheelchair places than people"),
        ({"wheelchairs": "two"}, "Enter a whole number"),
        ({"access_needs": "hearing_loop"}, "The hall cannot prepare"),
        ({"access_needs": "levitation"}, "Please choose one of these."),
        ({"access_remark": "x" * 121}, "Please shorten this"),
    ):
        answer = client.submit("/book?lang=en", {**form, **changes})
        assert (answer.status_code, said in page(answer)) == (422, True), changes
    assert stored() == []
    assert client.submit("/book", form).status_code == 303
    assert client.submit("/book", form).status_code == 303  # the same submit is the same booking
    assert stored() == [NEEDS]
    assert client.submit("/book", {**typed(office.slot), "submission": "none"}).status_code == 303
    assert stored() == [NEEDS, AccessNeeds()]


def test_a_hall_that_does_not_ask_shows_no_question(office: SimpleNamespace, client: CheckingClient) -> None:
    with transaction():
        db.session.merge(office.hall).access_needs = ""
    assert "access-needs" not in page(client.get(f"/book?slot={office.slot.id}"))


def test_needs_are_changed_by_the_organiser_and_by_the_staff(office: SimpleNamespace, client: CheckingClient) -> None:
    booking = place(office.slot, access=NEEDS)
    path = f"/visits/{booking.key}/change"
    shown = page(client.get(f"{path}?what=contact&lang=en"))
    assert 'value="slow_pace" checked' in shown
    assert 'name="wheelchairs" type="text" value="2"' in shown
    data = {"what": "contact", "contact_name": "何秀珍", "phone": "19900001050", "email": "", "note": ""}
    assert client.submit(path, {**data, "wheelchairs": "1", "access_consent": "y"}).status_code == 303
    assert stored() == [AccessNeeds(wheelchairs=1)]
    assert client.submit(path, data).status_code == 303  # taken back: no agreement needed
    assert stored() == [AccessNeeds()]
    client.sign_in(office.manager)
    data |= {"organisation": booking.organisation, "kind": "school"}
    at = f"/bookings/{booking.reference}"
    assert client.submit(f"{at}/contact", {**data, **FORM, "access_consent": ""}).status_code == 422
    assert client.submit(f"{at}/contact", {**data, **FORM}).status_code == 303
    assert stored() == [NEEDS]
    assert "Access needs" in page(client.get(f"{at}?lang=en"))
    details = [event.detail for event in db.session.scalars(select(BookingEvent).order_by(BookingEvent.id))]
    assert {"fields": ["access"]} in details
    assert NEEDS.remark not in str(details)  # the history outlives the erasure


def test_everybody_who_prepares_the_visit_reads_the_needs(office: SimpleNamespace, client: CheckingClient) -> None:
    with transaction():
        db.session.merge(office.hall).name_list = "optional"
    booking = place(office.slot, access=NEEDS, tour_language="zh")
    with transaction():
        assigning.assign(booking, office.an.id, by=office.manager.id)
    key, reference = booking.key, booking.reference
    for path in (f"/visits/{key}", f"/visits/{key}/pass"):
        assert IN_ENGLISH in page(client.get(f"{path}?lang=en")), path
    printed = PdfReader(io.BytesIO(client.get(f"/visits/{key}/pass.pdf?lang=en").data)).pages[0].extract_text()
    assert "2 wheelchair places" in printed
    with time_machine.travel(NOON + timedelta(days=(MONDAY - NOON.date()).days), tick=False):
        client.sign_in(office.manager)
        client.get("/desk?lang=en")
        assert IN_ENGLISH in page(client.submit("/desk/lookup", {"q": reference}))
        for path in (
            f"/admin/guides/week/{MONDAY:%G-W%V}",
            f"/admin/guides/day/{MONDAY}/sheet",
            f"/bookings/{reference}",
            f"/bookings/{reference}/badges",
            "/desk/paper",
        ):
            assert IN_ENGLISH in page(client.get(f"{path}?lang=en")), path
        client.sign_in(office.me)
        assert IN_ENGLISH in page(client.get("/guide?lang=en"))
    book = openpyxl.load_workbook(io.BytesIO(lists.write_xlsx([booking], hall=office.hall, language="en"))).active
    heading, row = book.iter_rows(values_only=True)
    assert dict(zip(heading, row, strict=True))["Access needs"] == IN_ENGLISH


def test_the_review_shows_the_needs(office: SimpleNamespace, client: CheckingClient) -> None:
    with transaction():
        factories.booking(slot=db.session.merge(office.slot), state=BookingState.REQUESTED, access=NEEDS)
    client.sign_in(office.manager)
    assert IN_ENGLISH in page(client.get("/bookings/review?lang=en"))


def test_the_list_that_devices_keep_holds_the_needs_encrypted_only(office: SimpleNamespace) -> None:
    place(office.slot, access=NEEDS)
    with time_machine.travel(NOON + timedelta(days=(MONDAY - NOON.date()).days), tick=False), force_locale("en"):
        taken = snapshot.take(office.hall, days=1, language="en", keys=("a-key-that-signs-nothing-here",))
        assert taken.content["groups"]
        assert "wheelchair" not in str(taken.content)


@pytest.mark.either_database
def test_needs_are_erased_with_the_contact_details(app: Flask) -> None:
    with transaction():
        hall: Hall = factories.hall(retention_months=6)
        slot = factories.slot(programme=factories.programme(hall=hall), day=date(2026, 5, 20))
        booking = factories.booking(slot=slot, access=NEEDS)
    assert stored() == [NEEDS]
    with transaction():
        assert retention.erase(hall) == 1
    db.session.expire_all()
    assert booking.access == AccessNeeds()
    assert db.session.execute(db.text("SELECT access FROM booking")).scalars().all() == [""]


def test_managers_choose_what_is_asked(office: SimpleNamespace, client: CheckingClient) -> None:
    client.sign_in(office.manager)
    shown = page(client.get("/admin/policy?lang=en"))
    assert 'value="slow_pace" checked' in shown
    assert 'value="hearing_loop" >' in shown


def test_each_part_of_a_large_group_prepares_for_all_that_were_named(office: SimpleNamespace) -> None:
    whole = command(
        office.slot, origins=(("440000", 70),), parts=((1, 50), (2, 20)), access=AccessNeeds(wheelchairs=30)
    )
    assert [part.access.wheelchairs for part in whole.split()] == [30, 20]


def test_wheelchair_places_of_a_large_group_are_those_of_all_its_people(office: SimpleNamespace) -> None:
    with transaction():
        office.hall.large_group_max = 200
        later = factories.slot(programme=office.tour, day=MONDAY, starts=time(14), visitor_capacity=60)
    large = {"origins": (("440000", 60),), "parts": ((office.slot.id, 40), (later.id, 20))}
    with pytest.raises(TooManyWheelchairs):
        place(office.slot, access=AccessNeeds(wheelchairs=61), **large)
    db.session.rollback()
    booking = place(office.slot, access=AccessNeeds(wheelchairs=30), **large)

    def change(number: int, wheelchairs: int, **values: Any) -> list[int]:
        with transaction():
            part = queries.list_parts(db.session.get_one(Booking, booking.id))[number]
            known = {"contact_name": part.contact_name, "phone": part.phone, "email": part.email, "note": part.note}
            data = ContactData(**known | values, access=AccessNeeds(wheelchairs=wheelchairs))
            parties.change_contact(part, data, by=SYSTEM)
        return [part.access.wheelchairs for part in queries.list_parts(booking)]

    assert change(1, 20, contact_name="李四") == [30, 20]  # what the page of the small part shows is no change
    assert change(0, 25) == [25, 20]
    with pytest.raises(TooManyWheelchairs):
        change(0, 61)


def test_a_group_keeps_at_least_as_many_people_as_wheelchair_places(office: SimpleNamespace) -> None:
    booking = place(office.slot, origins=(("440000", 20),), access=AccessNeeds(wheelchairs=15))

    def resize(row: Booking, people: int) -> None:
        with transaction():
            service.change_people(queries.get_booking(office.hall.id, row.reference), [("440000", people)], by=SYSTEM)

    with pytest.raises(FewerThanWheelchairs):
        resize(booking, 14)
    db.session.rollback()
    resize(booking, 15)
    with transaction():
        office.hall.large_group_max = 200
        later = factories.slot(programme=office.tour, day=MONDAY, starts=time(14), visitor_capacity=60)
    large = {"origins": (("440000", 60),), "parts": ((office.slot.id, 40), (later.id, 20))}
    whole = place(office.slot, organisation="大团", phone="+862083450001", access=AccessNeeds(wheelchairs=30), **large)
    resize(queries.list_parts(whole)[1], 12)
    assert [part.access.wheelchairs for part in queries.list_parts(whole)] == [30, 12]
