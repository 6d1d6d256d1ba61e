"""The files for publication: what they hold and what is refused; and an attacker who collects all that is public."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.core.database import db, transaction
from hallapp.ledger.models import MonthClose
from hallapp.origins.china import DIVISIONS
from hallapp.periods import Period
from hallapp.reports import publishing
from hallapp.reports.closing import month_close
from hallapp.reports.figures import filing
from hallapp.reports.models import Publication, PublishedCell
from hallapp.reports.rounding import BASE
from tests.reports.attacker import Attacker, width
from tests.reports.conftest import GUANGZHOU, Counter

OCTOBER, NOVEMBER = Period.month(2026, 10), Period.month(2026, 11)
TABLES = ("divisions", "times", "kinds", "programmes")


def close(hall: Any, *months: Period) -> None:
    for month in months:
        with transaction():
            month_close.close(hall.hall.id, month, staff_id=hall.manager.id)


def reopen(hall: Any, month: Period) -> None:
    with transaction():
        month_close.reopen(hall.hall.id, month, reason="A sheet was found", staff_id=hall.manager.id)


def take(client: FlaskClient, period: object, language: str = "en") -> dict[str, Any]:
    answer = client.get(f"/reports/{period}/open.json?lang={language}")
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json
    return body


def cells(body: dict[str, Any], table: str) -> dict[str, int]:
    return {cell["code"]: cell["visitors"] for cell in body[table]}


def true_counts(hall_id: int, month: Period) -> dict[str, dict[str, int]]:
    """What was filed last, by table and code."""
    query = select(MonthClose).where(MonthClose.hall_id == hall_id, MonthClose.month == month.first)
    figures = filing.read(db.session.scalars(query.order_by(MonthClose.version.desc())).first().figures)
    return {
        "divisions": {one.code: one.visitors for one in figures.divisions},
        "times": {one.first.isoformat(): one.visitors for one in figures.parts},
        "kinds": figures.people_of("kind"),
        "programmes": figures.people_of("programme"),
    }


def test_file_of_a_closed_month_is_rounded_and_adds_up(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    close(november, NOVEMBER)
    body = take(client, NOVEMBER)
    true = true_counts(november.hall.id, NOVEMBER)
    assert (body["rounded_to"], body["period"], body["revisions"]) == (5, "2026-11", [])
    assert body["visitors"] in (70, 75)
    for table in TABLES:
        shown = cells(body, table)
        assert sum(shown.values()) == body["visitors"], table
        for code, people in true[table].items():
            assert shown[code] in {people // BASE * BASE, -(-people // BASE) * BASE}, (table, code)
    assert (len(body["divisions"]), len(body["times"])) == (36, 31)
    assert any("not exact numbers" in line for line in body["method"])
    assert any("multiple of 5" in line for line in body["method"])
    assert any("并非精确数字" in line for line in take(client, NOVEMBER, "zh")["method"])


def test_csv_is_one_plain_table_of_the_same(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    close(november, NOVEMBER)
    with transaction():
        hall = db.session.get_one(type(november.hall), november.hall.id)
        hall.name = hall.name.updated({"en": "=1+1"})
    body = take(client, NOVEMBER)
    answer = client.get("/reports/2026-11/open.csv?lang=en")
    assert answer.headers["Content-Disposition"] == "attachment; filename=lingnan-2026-11-open.csv"
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert {len(row) for row in rows} == {4}
    assert rows[0] == ["Table", "Code", "Name", "People, rounded to multiples of 5"]
    assert rows[1] == ["Total", "2026-11", "November 2026", str(body["visitors"])]
    wanted = [cell for table in TABLES for cell in body[table]]
    assert [row[1:] for row in rows[2 : 2 + len(wanted)]] == [
        [cell["code"], cell["name"], str(cell["visitors"])] for cell in wanted
    ]
    assert ["Publisher", "", "'=1+1", ""] in rows
    assert any("not exact numbers" in row[2] for row in rows)


def test_no_guide_organisation_hour_or_digest_is_in_any_file(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    close(november, NOVEMBER)
    digest = db.session.scalar(select(MonthClose.digest))
    for form in ("csv", "json"):
        text = client.get(f"/reports/2026-11/open.{form}?lang=en").get_data().decode("utf-8-sig")
        for word in ("某校", digest, "09:00", "First visit", "Ways of booking", "walk_in"):
            assert word not in text


def test_only_closed_months_are_published(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    client.sign_in(november.manager)

    def refusal(period: object) -> str:
        answer = client.get(f"/reports/{period}/open.csv?lang=en")
        assert answer.status_code == 409
        return str(answer.text)

    assert "Not closed yet: 2026-11." in refusal(NOVEMBER)
    assert "Not closed yet: 2017-06, 2017-07, " in refusal("since-opening")
    close(november, OCTOBER)
    assert "Not closed yet: 2026-11, 2026-12." in refusal("2026-Q4")
    assert "Not closed yet: 2026-12." in refusal("2026-12"), "it runs"
    assert "Choose one of them" in refusal("2026-10-01..2026-10-31")
    assert client.get("/reports/2027-01/open.csv").status_code == 404
    assert take(client, OCTOBER)["visitors"] == 10
    reopen(november, OCTOBER)
    assert "Not closed yet: 2026-10." in refusal(OCTOBER)
    assert "open.csv" not in client.get("/reports/2026-11").text
    close(november, NOVEMBER)
    assert "open.csv" in client.get("/reports/2026-11").text


def test_published_numbers_are_stored_and_stay_the_same(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    close(november, OCTOBER, NOVEMBER)
    assert db.session.scalar(select(func.count()).select_from(Publication)) == 0
    first = take(client, NOVEMBER)
    for _ in range(20):
        assert take(client, NOVEMBER) == first, "drawn once: nobody can average the draws"
    client.get("/")
    assert [
        (one.month.month, one.revision) for one in db.session.scalars(select(Publication).order_by(Publication.month))
    ] == [(10, 1), (11, 1)]


def test_month_published_again_says_so(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    client.sign_in(november.manager)
    close(november, NOVEMBER)
    before = take(client, NOVEMBER)
    november.counter.walk_in("2026-11-30T10:00", {"540000": 3}, kind="party")
    clock.move_to(datetime(2026, 12, 4, 9, tzinfo=GUANGZHOU))
    client.sign_in(november.manager)
    assert take(client, NOVEMBER) == before, "an adjustment moves nothing that is published"
    reopen(november, NOVEMBER)
    close(november, NOVEMBER)
    after = take(client, NOVEMBER)
    (revision,) = after["revisions"]
    assert (revision["month"], revision["revision"]) == ("2026-11", 2)
    assert after["visitors"] - before["visitors"] in (0, 5)
    moved = {
        (table, code)
        for table in TABLES
        for code, people in cells(after, table).items()
        if people != cells(before, table)[code]
    }
    assert moved <= {
        ("divisions", "540000"),
        ("times", "2026-11-30"),
        ("kinds", "party"),
        ("programmes", "guided-tour"),
    }
    assert revision["numbers_changed"] == len(moved)
    told = "4 published numbers changed" if moved else "no published number changed"
    assert any(told in line and "4 December 2026" in line for line in after["method"])
    for form in ("csv", "json"):
        text = client.get(f"/reports/2026-11/open.{form}?lang=zh").get_data().decode("utf-8-sig")
        assert "重新公布" in text
    reopen(november, NOVEMBER)
    close(november, NOVEMBER)
    again = take(client, NOVEMBER)
    assert [one["revision"] for one in again["revisions"]] == [2, 3]
    assert again["revisions"][1]["numbers_changed"] == 0
    assert all(cells(again, table) == cells(after, table) for table in TABLES)


def test_other_hall_is_not_published(november: SimpleNamespace, client: FlaskClient) -> None:
    close(november, NOVEMBER)
    other = Counter(november.counter.clock, slug="harbour", host="harbour.example")
    with transaction():
        publishing.publish_due(other.hall.id)
    assert db.session.scalar(select(func.count()).select_from(Publication)) == 0
    with transaction():
        publishing.publish_due(november.hall.id)
    assert set(db.session.scalars(select(PublishedCell.hall_id))) == {november.hall.id}


# The attacker: a hall of few visitors, over five months, watched by somebody who takes all that is public.


@pytest.fixture
def small_hall(counter: Counter) -> Iterator[Counter]:
    """A hall that opened on 1 September 2025; most days and divisions have one to four people."""
    with transaction():
        db.session.get_one(type(counter.hall), counter.hall.id).opened_on = date(2025, 9, 1)
    yield counter


def visit(counter: Counter, chance: Random, month: Period) -> None:
    """A few small groups, now and then a large one."""
    days = (month.end - month.first).days
    for _ in range(chance.randrange(9)):
        day = month.first + timedelta(days=chance.randrange(days))
        origins = chance.sample(sorted(DIVISIONS), chance.randint(1, 3))
        counts = {code: chance.choice((1, 2, 3, 4, 9, 40)) for code in origins}
        programme = chance.choice((counter.tour, counter.alone))
        kind = chance.choice(("school", "party", "union"))
        counter.walk_in(f"{day}T10:00", counts, kind=kind, programme=programme)


class Collector:
    """All that the public has seen: each number with the months, table and code that it claims to cover."""

    def __init__(self, counter: Counter, client: FlaskClient) -> None:
        self.counter, self.client = counter, client
        self.months: dict[str, list[dict[str, dict[str, int]]]] = {}
        self.sums: list[tuple[list[str], str, str | None, int]] = []

    def collect(self, closed: list[Period]) -> None:
        self.client.sign_in(self.counter.manager)
        names = [str(month) for month in closed]
        for name in names:
            found = take(self.client, name)
            seen = self.months.setdefault(name, [])
            tables = {table: cells(found, table) for table in TABLES}
            if not seen or len(seen) < 1 + len(found["revisions"]):
                seen.append(tables)
            assert seen[-1] == tables, "no published number changes without a revision"
        self._longer(names)
        self._public(names)

    def _longer(self, names: list[str]) -> None:
        """Quarters, years and all months since the opening, where they are published."""
        periods = {f"{name[:4]}-Q{(int(name[5:]) + 2) // 3}" for name in names} | {name[:4] for name in names}
        for period in (*sorted(periods), "since-opening"):
            if self.client.get(f"/reports/{period}/open.csv").status_code != 200:
                continue
            found = take(self.client, period)
            within = [name for name in names if period == "since-opening" or name in months_of(period)]
            for table in ("divisions", "kinds", "programmes"):
                for code, people in cells(found, table).items():
                    self.sums.append((within, table, code, people))
            for month, people in cells(found, "times").items():
                if len(month) == 7 and month in within:
                    self.sums.append(([month], "divisions", None, people))

    def _public(self, names: list[str]) -> None:
        """The home page, and the screen with its JSON."""
        shown = re.findall(r'<dd class="number">([^<]+)</dd>', self.client.get("/").text)
        screen = self.client.get("/screen.json").json
        if shown:
            for people in (int(shown[0].replace(",", "")), screen["received"]["visitors"]):
                self.sums.append((names, "divisions", None, people))


def months_of(period: str) -> list[str]:
    if "Q" in period:
        last = 3 * int(period[-1])
        return [f"{period[:4]}-{month:02}" for month in range(last - 2, last + 1)]
    return [f"{period}-{month:02}" for month in range(1, 13)]


def test_attacker_who_subtracts_all_that_is_public_learns_no_count(
    small_hall: Counter, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    chance, closed = Random(12), list[Period]()
    collector = Collector(small_hall, client)
    month = Period.month(2025, 9)
    while len(closed) < 5:  # the rest of a year, with a whole quarter, and the month after it
        visit(small_hall, chance, month)
        clock.move_to(datetime(month.end.year, month.end.month, 2, 9, tzinfo=GUANGZHOU))
        close(small_hall, month)
        closed.append(month)
        collector.collect(closed)
        if len(closed) % 2 == 0:
            earlier = chance.choice(closed)
            visit(small_hall, chance, earlier)
            clock.move_to(datetime(month.end.year, month.end.month, 3, 9, tzinfo=GUANGZHOU))
            reopen(small_hall, earlier)
            close(small_hall, earlier)
            collector.collect(closed)
        month = month.following()
    attacker = Attacker()
    for name, versions in collector.months.items():
        for number, tables in enumerate(versions):
            attacker.see_version(number, tables, versions[number - 1] if number else {}, label=name)
    for unknown, bounds in attacker.conclude().items():
        assert width(bounds) >= BASE, (unknown, bounds)
    learn_from_sums(collector)
    true = {str(month): true_counts(small_hall.hall.id, month) for month in closed}
    small = [people for tables in true.values() for people in tables["divisions"].values() if 0 < people < BASE]
    assert len(small) > 10, "there was something to find"


def learn_from_sums(collector: Collector) -> None:
    """Whatever covers more than a month, at any time, is a sum of published months: a subtraction gives these back."""
    assert len(collector.sums) > 500
    for names, table, code, people in collector.sums:
        possible = {0}
        for name in names:
            versions = [tables[table] for tables in collector.months[name]]
            numbers = {version[code] if code else sum(version.values()) for version in versions}
            possible = {one + number for one in possible for number in numbers}
        assert people in possible, (names, table, code, people)


def test_screen_and_home_page_say_nothing_of_the_running_month(
    small_hall: Counter, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    """Watched after every group, and on every day, they give only full tens of the day."""
    seen = set()
    for day in range(1, 6):
        for people in (1, 2, 1):
            small_hall.walk_in(f"2026-12-{day:02}T10:00", {"540000": people})
            client.sign_in(small_hall.manager)
            data = client.get("/screen.json").json
            home = re.sub(r'(nonce|content|value)="[^"]*"', "", client.get("/").text)
            seen.add(json.dumps({**data, "day": "", "board": re.sub(r"12月\d+日 周.", "", data["board"])}))
            assert 'class="received"' not in home
    assert len(seen) == 1, "twenty people of one division leave no trace"
