"""Several halls of one installation: only the halls that opened their totals to an account are added up for it."""

import csv
import io
from datetime import date

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.periods import Period
from hallapp.reports.network import service
from hallapp.reports.network.service import ReaderListed, ReaderUnknown
from tests import factories
from tests.reports.conftest import Counter

#: People of November 2026 in three halls; the third one opens its totals to nobody.
PEOPLE = {"Canton": 30, "Berlin": 50, "Secret": 70}


@pytest.fixture
def halls(app: Flask, clock: time_machine.Traveller) -> list[Counter]:
    found = []
    for name, people in PEOPLE.items():
        counter = Counter(clock, name_en=name, name_zh=name)
        counter.walk_in("2026-11-10 10:00", {"440000": people - 5, "110000": 5})
        found.append(counter)
    return found


@pytest.fixture
def director(halls: list[Counter]) -> Staff:
    with transaction():
        return factories.staff(hall=halls[0].hall, role=Role.DIRECTOR, name="director")


def rows(client: FlaskClient) -> dict[tuple[str, str], str]:
    answer = client.get("/network/2026-11.csv?lang=en")
    table = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    return {(row[0], row[2] or row[1]): row[3] for row in table}


@pytest.mark.either_database
def test_totals_of_the_halls_that_are_open_to_an_account(halls: list[Counter], director: Staff, app: Flask) -> None:
    reader, admin = app.test_client(), app.test_client()
    reader.sign_in(director)
    alone = reader.get("/network/2026-11?lang=en").text
    assert "Only your own hall is shown" in alone
    assert "Berlin" not in alone
    assert "/network" not in reader.get("/reports").text
    with transaction():
        administrator = factories.staff(hall=halls[1].hall, role=Role.ADMIN)
    admin.sign_in(administrator)
    admin.get("/admin/staff/network")
    assert admin.submit("/admin/staff/network", {"name": "nobody"}).status_code == 422
    assert admin.submit("/admin/staff/network", {"name": "director"}).status_code == 303
    assert "director" in admin.get("/admin/staff/network").text

    page = reader.get("/network/2026-11?lang=en").text
    assert "November 2026 (so far): 80 people in 2 groups, in 2 halls." in page
    assert '<th scope="col" class="number">October 2026</th>' in page
    assert 'rel="prev" href="/network/2026-10"' in page and 'rel="next"' not in page
    assert 'rel="next" href="/network/2026-11"' in reader.get("/network/2026-10?lang=en").text
    assert 'href="/network/2026-11">Nov</a>' in page and 'href="/network/2026-12"' not in page
    assert page.index("Berlin") < page.index("62.5%") < page.index("37.5%")
    assert rows(reader) == {
        ("Table", "Name"): "People",
        ("Halls", "Berlin"): "50",
        ("Halls", "Canton"): "30",
        ("Total", "2026-11"): "80",
        ("2026-11", "Berlin"): "50",
        ("2026-11", "Canton"): "30",
        ("Places of origin", "Beijing"): "10",
        ("Places of origin", "Guangdong"): "70",
    }
    paper = PdfReader(io.BytesIO(reader.get("/network/2026-11.pdf?lang=en").data))
    text = "".join(one.extract_text() for one in paper.pages)
    assert "Berlin" in text
    for shown in (page, text, reader.get("/network?lang=en").text):
        assert "Secret" not in shown
        assert "All figures are those of the present ledger." in shown.replace("\n", " ")
    assert "/network" in reader.get("/reports").text
    # Every other page stays that of the reader's own hall.
    assert "30 people" in reader.get("/reports/2026-11?lang=en").text
    assert reader.get("/network/2027").status_code == reader.get("/network/since-opening").status_code == 404

    assert admin.submit(f"/admin/staff/network/{director.id}/remove").status_code == 303
    assert "Berlin" not in reader.get("/network/2026-11?lang=en").text


def test_people_of_halls_with_other_places_are_in_every_face(
    halls: list[Counter], director: Staff, app: Flask, clock: time_machine.Traveller
) -> None:
    world = Counter(clock, name_en="Paris", name_zh="Paris", country="FR", origin_set="world", home_division="FR")
    world.walk_in("2026-11-10 11:00", {"FR": 6, "IT": 11, "unknown": 20})
    with transaction():
        for hall in (halls[1].hall, world.hall):
            service.grant(hall.id, "director", by=None)
    reader = app.test_client()
    reader.sign_in(director)
    page = reader.get("/network/2026-11?lang=en").text
    table = page[page.index("Places of origin: Paris") :]
    assert "Places of origin: Canton, Berlin" in page and page.count('<svg class="bar"') > 5
    assert table.index("Italy") < table.index("France") < table.index("Not stated")
    found = rows(reader)
    places = {key: int(people) for key, people in found.items() if key[0].startswith("Places of origin")}
    assert places[("Places of origin: Paris", "Italy")] == 11
    assert sum(places.values()) == int(found[("Total", "2026-11")]) == 117
    paper = PdfReader(io.BytesIO(reader.get("/network/2026-11.pdf?lang=en").data))
    text = "".join(one.extract_text() for one in paper.pages)
    assert "Italy" in text and "Places of origin: Paris" in text


def test_a_hall_opens_its_totals_to_readers_of_other_halls_once(halls: list[Counter], director: Staff) -> None:
    berlin = halls[1].hall.id
    with transaction():
        factories.staff(hall=halls[0].hall, role=Role.DESK, name="desk-of-canton")
        factories.staff(hall=halls[1].hall, role=Role.DIRECTOR, name="director-of-berlin")
        factories.staff(hall=halls[0].hall, role=Role.DIRECTOR, name="gone", active=False)
    for name in ("desk-of-canton", "director-of-berlin", "gone", "", "no such person"):
        with pytest.raises(ReaderUnknown), transaction():
            service.grant(berlin, name, by=None)
    with transaction():
        service.grant(berlin, " director ", by=None)
    with pytest.raises(ReaderListed), transaction():
        service.grant(berlin, "director", by=None)


def test_command_gives_an_account_more_halls(halls: list[Counter], app: Flask) -> None:
    berlin = halls[1].hall
    command = ["staff", "add", "boss", "--role", "director", "--password-stdin", "--hall", halls[0].hall.slug]
    done = app.test_cli_runner().invoke(args=[*command, "--halls", berlin.slug], input="a long enough secret\n")
    assert done.exit_code == 0, done.output
    assert [one.staff.name for one in service.list_readers(berlin.id)] == ["boss"]


def test_halls_of_different_time_zones_count_their_own_days(
    halls: list[Counter], director: Staff, app: Flask, clock: time_machine.Traveller
) -> None:
    reader = app.test_client()
    reader.sign_in(director)
    told = "days, months and years begin at each hall's own midnight."
    assert told not in reader.get("/network/2026-11?lang=en").text.replace("&#39;", "'")
    far = Counter(clock, name_en="Paris", name_zh="Paris", time_zone="Europe/Paris")
    far.walk_in("2026-12-01T06:30", {"440000": 4})  # 23:30 of 30 November in Paris
    with transaction():
        service.grant(far.hall.id, "director", by=None)
    far._at("2026-12-02T12:00")
    reader.sign_in(director)
    assert told in reader.get("/network/2026-11?lang=en").text.replace("&#39;", "'")
    assert rows(reader)[("Halls", "Paris")] == "4"
    paper = PdfReader(io.BytesIO(reader.get("/network/2026-11.pdf?lang=en").data))
    text = " ".join("".join(one.extract_text() for one in paper.pages).split())
    assert told in text and "(Asia/Shanghai)" in text


def test_halls_that_opened_since_the_period_before_are_named(
    halls: list[Counter], director: Staff, app: Flask, clock: time_machine.Traveller
) -> None:
    young = Counter(clock, name_en="Paris", name_zh="Paris", opened_on=date(2026, 11, 1))
    young.walk_in("2026-11-10 11:00", {"440000": 20})
    halls[0].walk_in("2026-10-10 11:00", {"440000": 7})
    with transaction():
        service.grant(young.hall.id, "director", by=None)
    young._at("2026-12-01T12:00")
    reader = app.test_client()
    reader.sign_in(director)
    told = "Not open for all of October 2026, so the totals cannot be compared: Paris (opened on 1 November 2026)."
    assert told in reader.get("/network/2026-11?lang=en").text
    paper = PdfReader(io.BytesIO(reader.get("/network/2026-11.pdf?lang=en").data))
    assert told in " ".join("".join(one.extract_text() for one in paper.pages).split())
    assert "Not open for all of" not in reader.get("/network/2026-10?lang=en").text

    young.walk_in("2026-10-30 11:00", {"440000": 4})  # a trial before the opening
    young._at("2026-12-01T12:00")
    network = service.get_network(service.list_readable(director.id), Period.month(2026, 11))
    assert {one.hall.name("en"): one.before for one in network.halls} == {"Canton": 7, "Paris": 4}
    assert network.before == 11
