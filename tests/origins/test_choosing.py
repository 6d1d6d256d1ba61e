"""The page on which a hall chooses its places of origin, and what it refuses once people have been recorded."""

from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import Origin
from hallapp.core.database import db, transaction
from hallapp.origins import own
from hallapp.origins.models import OwnOrigins
from hallapp.schedule.models import Hall
from tests import factories
from tests.booking.helpers import page


@pytest.fixture
def house(app: Flask) -> SimpleNamespace:
    with transaction():
        hall = factories.hall()
        programme = factories.programme(hall=hall)
        manager = factories.staff(hall=hall, role=Role.ADMIN)
    client = app.test_client()
    client.sign_in(manager)
    return SimpleNamespace(hall=hall, programme=programme, client=client)


def chosen(house: SimpleNamespace) -> tuple[str, str, bool, bool]:
    db.session.expire_all()
    hall = db.session.get_one(Hall, house.hall.id)
    return hall.origin_set, hall.home_division, hall.origin_cities, hall.origin_countries


def choose(house: SimpleNamespace, **fields: str) -> Any:
    house.client.get("/admin/origins")
    return house.client.submit("/admin/origins", fields)


def upload(house: SimpleNamespace, content: bytes) -> Any:
    house.client.get("/admin/origins")
    sent = {"file": (BytesIO(content), "places.csv")}
    return house.client.submit("/admin/origins/own", sent, content_type="multipart/form-data")


@pytest.mark.either_database
def test_a_hall_chooses_its_set_before_the_first_booking_and_not_after(house: SimpleNamespace) -> None:
    assert chosen(house) == ("cn", "440000", False, False)
    shown = page(house.client.get("/admin/origins?set=DE&lang=en"))
    assert "Germany: 16 Bundesländer" in shown and "Baden-Württemberg" in shown
    assert choose(house, set="DE", home="DE-BE", countries="y").status_code == 303
    assert chosen(house) == ("DE", "DE-BE", False, True)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "origins_chosen")).one()
    assert entry.detail["before"]["origin_set"] == "cn"
    with transaction():
        factories.booking(slot=factories.slot(programme=house.programme), origins={"DE-BY": 20})
    for refused in ("cn", "US", "world"):
        answer = choose(house, set=refused, home={"cn": "440000", "US": "US-MA", "world": "DE"}[refused])
        assert answer.status_code == 409 and "recorded figures never move" in page(answer)
    assert chosen(house) == ("DE", "DE-BE", False, True)
    assert "So the set stays as it is" in page(house.client.get("/admin/origins"))
    assert choose(house, set="DE", home="DE-HH").status_code == 303, "the rest may still change"
    assert chosen(house) == ("DE", "DE-HH", False, False)


@pytest.mark.parametrize(
    "fields", [{"set": "XX", "home": "XX"}, {"set": "DE", "home": "440000"}, {"set": "DE", "home": "unknown"}, {}]
)
def test_what_is_no_set_or_no_place_of_it_is_refused(house: SimpleNamespace, fields: dict[str, str]) -> None:
    assert choose(house, **fields).status_code == 422
    assert chosen(house) == ("cn", "440000", False, False)


def test_a_list_of_its_own_is_checked_shown_and_chosen(house: SimpleNamespace) -> None:
    wrong = upload(house, b"code,name\n_x,A\nok,\n")
    assert wrong.status_code == 422 and "第2行" in page(wrong) and "第3行" in page(wrong)
    assert db.session.scalars(select(OwnOrigins)).all() == []
    for _again in range(2):
        answer = upload(house, "code,name,name_zh\nn,North,北岸\ns,South,南岸\n".encode())
        assert answer.status_code == 303
    code = db.session.scalars(select(OwnOrigins.code)).one()
    assert "北岸" in page(house.client.get(answer.location))
    assert choose(house, set=code, home="s").status_code == 303
    assert chosen(house)[:2] == (code, "s")
    assert '<option value="n">北岸</option>' in page(house.client.get("/book"))
    assert upload(house, b"x" * (own.FILE_MOST + 1)).status_code == 422


def test_another_halls_list_is_unknown_here(house: SimpleNamespace) -> None:
    with transaction():
        other = factories.hall()
        places = [{"code": "z", "names": {"*": "Zone"}, "region": {}, "tile": None}]
        db.session.add(OwnOrigins(hall_id=other.id, code="own-0123456789ab", made_at=other.created_at, places=places))
    assert choose(house, set="own-0123456789ab", home="z").status_code == 422
    assert "Zone" not in page(house.client.get("/admin/origins?set=own-0123456789ab"))


def test_cities_of_the_home_division_and_countries_are_offered_where_the_hall_asks_for_them(
    house: SimpleNamespace,
) -> None:
    assert 'value="_440100"' not in page(house.client.get("/book"))
    assert choose(house, set="cn", home="440000", cities="y", countries="y").status_code == 303
    for address in ("/book?lang=en", "/desk?lang=en"):
        shown = page(house.client.get(address))
        assert "Guangdong · Guangzhou" in shown and "Overseas · Germany" in shown, address
        assert 'value="_430100"' not in shown and 'value="_HK"' not in shown, address


@pytest.mark.usefixtures("first_of_december")
def test_a_booking_keeps_the_places_that_the_hall_asks_for_no_longer(house: SimpleNamespace, app: Flask) -> None:
    assert choose(house, set="cn", home="440000", cities="y", countries="y").status_code == 303
    booking = factories.make(
        factories.booking,
        slot=factories.make(factories.slot, programme=house.programme),
        origins={"_440100": 6, "_DE": 5},
    )
    assert choose(house, set="cn", home="430000").status_code == 303
    own, change = app.test_client(), f"/visits/{booking.key}/change"
    shown = page(own.get(f"{change}?what=people&lang=en"))
    assert '<option selected value="_440100">Guangdong · Guangzhou' in shown
    assert '<option selected value="_DE">Overseas · Germany' in shown and 'value="_FR"' not in shown
    lines = {
        f"origins-{n}-{name}": value
        for n, one in enumerate((("_440100", "7"), ("_DE", "5")))
        for name, value in zip(("division", "visitors"), one, strict=True)
    }
    assert own.submit(change, {"what": "people", **lines}).status_code == 303
    strange = page(refused := own.submit(change, {"what": "people", **lines, "origins-1-division": "_FR"}))
    assert refused.status_code == 422 and 'value="_FR"' not in strange
    blank = own.submit(change, {"what": "people", **lines, "origins-0-division": "", "origins-1-division": ""})
    assert (
        blank.status_code == 422
        and page(blank).count("origins-0-division-error")
        and "origins-error" not in page(blank)
    )
    office = f"/bookings/{booking.reference}"
    assert '<option selected value="_440100">' in page(house.client.get(office))
    assert house.client.submit(f"{office}/people", lines | {"origins-0-visitors": "8"}).status_code == 303
    places = {one.division: one.visitors for one in db.session.scalars(select(Origin))}
    assert places == {"_440100": 8, "_DE": 5}
