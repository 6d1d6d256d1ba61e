"""Resources on the pages: defined by the manager, asked for by groups, given by the staff, handed out by the desk."""

import io
from datetime import time
from types import SimpleNamespace

import openpyxl
import pytest
from flask import Flask

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.desk import snapshot
from hallapp.resources.models import AskedBy
from hallapp.resources.queries import find_left, list_resources
from tests import factories
from tests.api.table import program
from tests.booking.helpers import MADE, page, typed
from tests.client import CheckingClient
from tests.desk.conftest import clock, code_of, counter
from tests.resources import define

__all__ = ["clock", "counter"]

FORM = {
    "name_zh": "讲解耳机",
    "name_en": "Headsets",
    "unit_zh": "台",
    "unit_en": "sets",
    "quantity": "30",
    "scope": "moment",
    "asked_by": "organiser",
    "per_booking": "1",
    "people_each": "1",
}


@pytest.fixture
def hall(counter: SimpleNamespace) -> SimpleNamespace:
    """The counter's hall, with free times in a week, 30 headsets, and 2 buses that only the staff give."""
    with transaction():
        counter.hall.slots_until = MADE
        counter.slot = factories.slot(programme=counter.programme, visitor_capacity=500)
        counter.later = factories.slot(programme=counter.programme, starts=time(14))
        define.headsets(counter.hall.id)
        define.rooms(counter.hall.id, names={"en": "Bus"}, units={}, asked_by=AskedBy.STAFF, people_each=50)
    return counter


def stored(organisation: str) -> Booking:
    db.session.rollback()
    return db.session.scalars(db.select(Booking).where(Booking.organisation == organisation)).one()


def test_a_manager_defines_changes_and_retires_a_resource(counter: SimpleNamespace, client: CheckingClient) -> None:
    client.sign_in(counter.manager)
    client.get("/admin/resources/new")
    for wrong in ({"name_zh": "", "name_en": ""}, {"quantity": "two"}, {"per_booking": "0"}, {"people_each": "-1"}):
        answer = client.submit("/admin/resources/new", FORM | wrong)
        assert (answer.status_code, "field-error" in page(answer)) == (422, True), wrong
    ticked = {"programmes": [str(counter.programme.id), "9999"]}
    assert client.submit("/admin/resources/new", FORM | ticked).status_code == 303
    [one] = list_resources(counter.hall.id)
    assert (one.quantity, one.people_each, one.programmes) == (30, 1, frozenset({counter.programme.id}))
    assert "Headsets" in page(client.get("/admin/resources?lang=en"))
    with transaction():
        slot = factories.slot(programme=counter.programme)
    client.get("/book")
    booked = typed(slot, organisation="耳机团", **{"resources-1": "12"})
    assert client.submit("/book", booked).status_code == 303

    client.get("/admin/resources/1?lang=en")
    asked = client.submit("/admin/resources/1", FORM | {"quantity": "10"})
    booking = stored("耳机团")
    assert (asked.status_code, f'name="keeps-{booking.id}"' in page(asked)) == (409, True)
    assert list_resources(counter.hall.id)[0].quantity == 30
    nonsense = client.submit("/admin/resources/1", FORM | {"quantity": "10", f"keeps-{booking.id}": "some"})
    assert nonsense.status_code == 409
    given = {"quantity": "10", "retired": "y", f"keeps-{booking.id}": "4"}
    assert client.submit("/admin/resources/1", FORM | given).status_code == 303
    assert stored("耳机团").resources == {1: 4}
    assert "resources-1" not in page(client.get("/book"))
    assert client.get("/admin/resources/77").status_code == 404


@pytest.mark.parametrize("text", ["21", "31", "viele", "-1", "1.5", "99999"])
def test_a_wrong_number_is_shown_beside_its_field(hall: SimpleNamespace, client: CheckingClient, text: str) -> None:
    client.get("/book")
    answer = client.submit("/book", typed(hall.slot, **{"resources-1": text}))
    assert answer.status_code == 422
    assert 'id="resources-1-error"' in page(answer)
    assert f'value="{text}"' in page(answer)
    assert "30 sets left at this time" in page(client.submit("/book?lang=en", typed(hall.slot, refresh="language")))


def test_groups_ask_until_none_is_left(hall: SimpleNamespace, client: CheckingClient) -> None:
    client.get("/book")
    many = {"origins-0-visitors": "25", "resources-1": "25"}
    visit = client.submit("/book", typed(hall.slot, organisation="第一小学", **many))
    assert visit.status_code == 303
    assert "Headsets" in page(client.get(f"{visit.location}?lang=en"))
    assert "25 sets" in page(client.get(f"{visit.location}?lang=en"))
    taken = client.submit("/book?lang=en", typed(hall.slot, organisation="第二小学", **many))
    assert (taken.status_code, "Headsets: 5 left at this time" in page(taken)) == (409, True)
    assert 'id="resources-1-error"' in page(taken)
    assert "Headsets: 5 sets left" in page(client.get(f"/book?lang=en&slot={hall.slot.id}"))
    bus = client.submit("/book", typed(hall.slot, organisation="第三小学", **{"resources-2": "1"}))
    assert bus.status_code == 422

    change = f"{visit.location}/change?what=people"
    assert 'value="25"' in page(client.get(change))
    fields = {"what": "people", "origins-0-division": "440000", "origins-0-visitors": "25"}
    too_many = client.submit(f"{visit.location}/change", fields | {"resources-1": "26"})
    assert (too_many.status_code, 'id="resources-1-error"' in page(too_many)) == (422, True)
    assert client.submit(f"{visit.location}/change", fields | {"resources-1": "3"}).status_code == 303
    assert stored("第一小学").resources == {1: 3}
    assert client.submit(f"{visit.location}/change", fields | {"resources-1": ""}).status_code == 303
    assert stored("第一小学").resources == {}
    assert find_left(hall.hall.id, [hall.slot.day])[hall.slot.id][1] == 30


def test_the_staff_give_resources_and_see_them(hall: SimpleNamespace, client: CheckingClient) -> None:
    client.sign_in(hall.desk)
    assert "Bus: 2 left" in page(client.get(f"/bookings/new?lang=en&day={hall.slot.day}"))
    more = {"source": "phone", "pass_language": "zh", "submission": "another", "resources-1": "28", "resources-2": "1"}
    placed = client.submit("/bookings/new", typed(hall.slot, organisation="电话预约", **more))
    assert placed.status_code == 303
    booking = stored("电话预约")
    assert booking.resources == {1: 28, 2: 1}
    shown = page(client.get(f"/bookings/{booking.reference}?lang=en"))
    assert "28 sets" in shown
    people = {"origins-0-division": "440000", "origins-0-visitors": "20"}
    full = client.submit(f"/bookings/{booking.reference}/people", people | {"resources-1": "31", "resources-2": "1"})
    assert (full.status_code, 'id="resources-1-error"' in page(full)) == (409, True)
    client.submit(f"/bookings/{booking.reference}/people", people | {"resources-1": "2", "resources-2": ""})
    assert stored("电话预约").resources == {1: 2}
    assert "Equipment and rooms" in page(client.get(f"/bookings/{booking.reference}?lang=en"))
    client.sign_in(hall.manager)
    client.get("/bookings?lang=en")
    listed = openpyxl.load_workbook(io.BytesIO(client.submit("/bookings/export.xlsx").data)).active
    assert listed is not None
    assert "Headsets 2 sets" in [cell for row in listed.iter_rows(values_only=True) for cell in row]


def test_the_desk_hands_them_out_with_and_without_a_network(hall: SimpleNamespace, client: CheckingClient) -> None:
    with transaction():
        slot = hall.booking.slot
        booking = factories.booking(slot=slot, organisation="耳机团", resources={1: 12})
        code = code_of(booking)
    client.sign_in(hall.desk)
    client.get("/desk?lang=en")
    assert "Hand out: Headsets 12 sets" in page(client.submit("/desk/lookup?lang=en", {"q": code}))
    taken = snapshot.take(hall.hall, days=1, language="zh", keys=["key"])
    assert [row.get("resources") for row in taken.content["groups"]] == [None, "请发放：讲解耳机12台"]
    assert "Headsets 12 sets" in page(client.get("/desk/paper?lang=en"))


def test_programs_ask_for_resources_and_read_what_is_left(app: Flask) -> None:
    with transaction():
        hall = factories.hall()
        admin = factories.staff(hall=hall, role=Role.ADMIN)
        slot = factories.slot(programme=factories.programme(hall=hall, guides=0))
        define.headsets(hall.id)
    site = program(app, admin)
    assert site.get("/resources").json["items"][0]["name"] == {"zh": "讲解耳机", "en": "Headsets"}
    body = {
        **{"slot": slot.id, "organisation": "书社", "kind": "association", "contact_name": "梁㛃", "consent": True},
        **{"phone": "020 8345 0000", "origins": [{"division": "440000", "visitors": 20}], "resources": {"1": 12}},
    }
    placed = site.post("/bookings", body)
    assert (placed.status_code, placed.json["resources"]) == (201, {"1": 12})
    assert site.get(f"/slots/{slot.id}").json["resources_left"] == {"1": 18}
    at = f"/bookings/{placed.json['reference']}"
    assert site.patch(at, {"resources": {"1": 20}}).json["resources"] == {"1": 20}
    refused = site.patch(at, {"resources": {"1": 21}})
    assert (refused.status_code, refused.json["code"]) == (422, "too_many_resources")
    assert site.patch(at, {"resources": {"x": 1}}).status_code == 422
    site.post(f"{at}/cancel", {})
    assert [one["resources_left"] for one in site.get(f"/slots?first={slot.day}&last={slot.day}").json["items"]] == [
        {"1": 30}
    ]
