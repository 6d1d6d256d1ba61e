"""The pages: who may open them, what they say in both languages, and at what cost."""

import re
from datetime import date, datetime
from types import SimpleNamespace

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from hallapp.accounts.roles import Role
from hallapp.core.database import transaction
from hallapp.ledger import figures
from hallapp.ledger.facets import ALL, DIVISION, TIME
from hallapp.ledger.models import Figure
from hallapp.origins.china import DIVISIONS
from tests import factories, markup
from tests.queries import Queries
from tests.reports.conftest import GUANGZHOU, NOW, Counter

PATHS = (
    "/reports",
    "/reports/2026-11",
    "/reports/2026",
    "/reports/since-opening",
    *(
        f"/reports/{name}.{form}"
        for name in ("2026-11", "2026", "since-opening")
        for form in ("json", "csv", "xlsx", "pdf")
    ),
)


def tables(page: str) -> dict[str, list[list[str]]]:
    """The cells of each table of a page, by the id of its caption; bars are left out."""
    root = markup.tree(page)
    found = {}
    for table in root.iter("table"):
        rows = [
            ["".join(cell.itertext()).strip() for cell in row if "bar-cell" not in (cell.get("class") or "")]
            for row in table.iter("tr")
        ]
        found[table.find("caption").get("id")] = rows
    return found


@pytest.mark.parametrize("path", PATHS)
def test_reports_need_the_permission_to_read_them(app: object, client: FlaskClient, path: str) -> None:
    with transaction():
        hall = factories.hall()
        people = {role: factories.staff(hall=hall, role=role) for role in Role}
    assert client.get(path).status_code == 303
    statuses = {}
    for role, staff in people.items():
        client.sign_in(staff)
        statuses[role] = client.get(path).status_code
    assert statuses == {Role.GUIDE: 403, Role.DESK: 403, Role.MANAGER: 200, Role.DIRECTOR: 200, Role.ADMIN: 200}


def test_manager_sees_the_own_hall_only(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    other = Counter(clock, slug="other", name_zh="别的展馆", host="127.0.0.1")
    client.sign_in(other.manager)
    assert client.get("/reports/2026-11.json").json["totals"]["visitors"] == 0
    client.sign_in(november.manager)
    body = client.get("/reports/2026-11.json").json
    assert (body["hall"], body["totals"]["visitors"]) == ("lingnan", 74)
    assert "别的展馆" not in client.get("/reports/2026-11").text


def test_month_in_english(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11?lang=en").text
    assert (
        "In November 2026, 74 people arrived in 5 groups, from 4 of the 34 provincial-level divisions."
        " That is 64 people more than in October 2026 (+640.0%)."
    ) in page
    found = tables(page)
    assert found["where-table"] == [
        ["Rank", "Division", "People", "Share", "Groups"],
        ["1", "Guangdong", "38", "51.4%", "2"],
        ["2", "Beijing", "20", "27.0%", "1"],
        ["3", "Macao", "6", "8.1%", "1"],
        ["4", "Hunan", "5", "6.8%", "2"],
        ["", "Overseas", "4", "5.4%", "1"],
        ["", "Not stated", "1", "1.4%", "1"],
        ["", "Total", "74", "100%", "5"],
    ]
    assert found["when-table"] == [
        ["Day", "People", "Groups"],
        ["Sun 1 Nov", "8", "1"],
        ["Tue 10 Nov", "40", "2"],
        ["Wed 11 Nov", "20", "1"],
        ["Mon 30 Nov", "6", "1"],
        ["Total", "74", "5"],
    ]
    assert found["programmes"][1:3] == [["Guided tour", "69", "93.2%", "4"], ["Self-guided visit", "5", "6.8%", "1"]]
    assert ["Individual visitors", "5", "6.8%", "1"] in found["kinds"]
    assert "The three counts agree." in page
    absent = page.partition("No visitors from: ")[2].partition(".<")[0].split(", ")
    assert len(absent) == 30


def test_month_in_chinese(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11").text
    assert ("2026年11月，到馆74人、5个团队，来自全国34个省级行政区中的4个。比2026年10月多64人（+640.0%）。") in page
    assert tables(page)["where-table"][1] == ["1", "广东", "38", "51.4%", "2"]
    assert "三项合计一致。" in page


def test_every_tile_says_its_name_and_number(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11").text
    for division in DIVISIONS.values():
        assert f"<title>{division.zh}：" in page
    assert "<title>广东：38人（51.4%），2个团队</title>" in page
    assert "<title>未说明：1人（1.4%），1个团队</title>" in page


def test_running_month_is_not_compared_as_if_it_were_over(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports/2026-12?lang=en").text
    assert "So far in December 2026, 7 people arrived in 1 group, from 1 of the 34" in page
    assert "All of November 2026 had 74 people." in page
    assert "Still running" in page
    assert 'rel="next"' not in page
    assert 'href="/reports/2026-11"' in page


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/reports/2026-09", "No visitors in September 2026. August 2026 had no visitors either."),
        (
            "/reports/2026-10",
            "from 1 of the 34 provincial-level divisions. There were no visitors in September 2026",
        ),
        ("/reports/2017-06", "No visitors in June 2017. The hall opened on 29 June 2017, so there is nothing earlier"),
    ],
)
def test_zero_people_are_named_in_words(
    november: SimpleNamespace, client: FlaskClient, path: str, sentence: str
) -> None:
    client.sign_in(november.manager)
    assert sentence in client.get(f"{path}?lang=en").text


def test_fewer_and_equal_numbers_are_named_in_words(
    counter: Counter, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    counter.walk_in("2026-08-05T10:00", {"440000": 8})
    counter.walk_in("2026-09-05T10:00", {"overseas": 7})
    counter.walk_in("2026-10-06T10:00", {"440000": 7})
    clock.move_to(NOW)
    client.sign_in(counter.manager)
    september = client.get("/reports/2026-09?lang=en").text
    assert (
        "In September 2026, 7 people arrived in 1 group. That is 1 person fewer than in August 2026 (−12.5%)."
        in september
    )
    assert "That is as many people as in September 2026." in client.get("/reports/2026-10").text


def test_empty_hall_has_designed_pages(counter: Counter, client: FlaskClient) -> None:
    client.sign_in(counter.manager)
    assert "No visitors yet in December 2026." in client.get("/reports/2026-12?lang=en").text
    assert "No visitors yet. A group appears here as soon as the desk admits it." in client.get("/reports").text
    assert "No visitors yet." in client.get("/reports/since-opening").text
    assert "<table" not in client.get("/reports/2026-12").text


def test_way_in_leads_to_each_month(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports?lang=en").text
    assert "Since the opening on 29 June 2017, 91 people arrived in 7 groups, from 4 of the 34" in page
    [november_link] = re.findall(r'<a class="report-month[^>]+href="/reports/2026-11">(.*?)</a>', page, re.DOTALL)
    assert re.sub("<[^>]+>", " ", november_link).split() == ["Nov", "74"]
    assert "No visitors in: 2025, 2024, 2023, 2022, 2021, 2020, 2019, 2018, 2017." in page
    assert page.index('href="/reports/2026-12"') < page.index('href="/reports/2026-11"')  # the present month first


@pytest.mark.parametrize("name", ["2026-13", "2026-00", "abc", "2026-1", "20261", "2026-11.doc", "2026-13.csv", "0000"])
def test_no_page_where_there_is_no_period(counter: Counter, client: FlaskClient, name: str) -> None:
    client.sign_in(counter.manager)
    assert client.get(f"/reports/{name}").status_code == 404


def test_periods_out_of_the_hall_s_time_say_why(counter: Counter, client: FlaskClient) -> None:
    client.sign_in(counter.manager)
    for form in ("", ".csv", ".pdf"):
        response = client.get(f"/reports/2017-05{form}?lang=en")
        assert response.status_code == 404
        assert "The hall opened on 2017-06-29: there is no report for 2017-05." in response.text
        response = client.get(f"/reports/2027-01{form}?lang=en")
        assert response.status_code == 404
        assert "2027-01 has not begun yet." in response.text


def test_wrong_summary_is_shown_as_wrong(november: SimpleNamespace, client: FlaskClient) -> None:
    with transaction() as session:
        session.execute(update(Figure).where(Figure.facet == DIVISION).values(visitors=Figure.visitors + 1))
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11?lang=en").text
    assert "The counts differ. Do not send this report" in page
    assert "The three counts agree." not in page


def test_names_are_text_and_never_markup(counter: Counter, client: FlaskClient) -> None:
    with transaction():
        counter.alone.name = counter.alone.name.updated({"zh": "<b>=1+1</b>"})
    counter.walk_in("2026-11-05T10:00", {"440000": 7}, programme=counter.alone)
    client.sign_in(counter.manager)
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in client.get("/reports/2026-11").text


@pytest.mark.parametrize("path", ["/reports", "/reports/2026-11", "/reports/2026", "/reports/2026-11.pdf"])
def test_queries_do_not_grow_with_the_rows(counter: Counter, client: FlaskClient, path: str) -> None:
    counter.walk_in("2026-11-01T10:00", {"440000": 1})
    client.sign_in(counter.manager)
    client.get(path)  # reads what the process holds from then on
    with Queries() as for_one:
        assert client.get(path).status_code == 200
    parts = [(ALL, ""), (DIVISION, "440000"), *((TIME, str(hour)) for hour in range(100))]
    moved = {part: figures.Amount(2, 1, 0) for part in parts}
    with transaction():
        figures.add(counter.hall.id, {date(2026, 11, 1 + n): moved for n in range(25)})
    with Queries() as for_many:
        page = client.get(path)
    assert for_many.number == for_one.number <= 29
    if path == "/reports/2026-11":
        assert tables(page.text)["where-table"][1][2] == "51"


def test_clock_of_the_page_is_the_hall_s(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    assert "Made on 1 December 2026 at 00:10" in client.get("/reports/2026-11?lang=en").text
    made = datetime.fromisoformat(client.get("/reports/2026-11.json").json["made_at"])
    assert made == datetime(2026, 12, 1, 0, 10, tzinfo=GUANGZHOU)
