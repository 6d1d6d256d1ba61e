"""Categories on the pages: defined by the manager, given at booking, corrected at the desk, shown in every report."""

import csv
import io
import re
from types import SimpleNamespace
from uuid import uuid4

import openpyxl
import pypdf
import pytest

from hallapp.booking.models import Booking, TourLanguage
from hallapp.categories.queries import list_families
from hallapp.categories.service import CategoryInput, SaveFamily, save_family
from hallapp.core.database import db, transaction
from hallapp.desk import load
from hallapp.schedule.models import Programme
from tests import factories
from tests.booking.helpers import MADE, page, typed
from tests.categories.conftest import AGES, MEMBERS, MINORS, OLDER, ROLES, define, named
from tests.client import CheckingClient

FAMILY = {
    "name_zh": "年龄",
    "name_en": "Age",
    "adds_up": "y",
    "rest_en": "Adults",
    "required": "y",
    "categories-0-name_en": "Minors",
    "categories-1-name_zh": "老年人",
    "categories-1-name_en": "Older people",
    "categories-2-name_en": "",
}


@pytest.fixture
def hall(counter: SimpleNamespace) -> SimpleNamespace:
    """The counter's hall, with a free time in a week."""
    with transaction():
        counter.hall.slots_until = MADE
        counter.slot = factories.slot(programme=counter.programme)
    return counter


def stored(organisation: str) -> dict[int, int]:
    db.session.rollback()
    return db.session.scalars(db.select(Booking).where(Booking.organisation == organisation)).one().categories


def test_manager_defines_a_family_and_hides_a_category(hall: SimpleNamespace, client: CheckingClient) -> None:
    client.sign_in(hall.manager)
    client.get("/admin/categories/new")
    assert client.submit("/admin/categories/new", {"name_zh": "年龄"}).status_code == 409  # no category yet
    long = client.submit("/admin/categories/new", {**FAMILY, "categories-1-name_zh": "长" * 41})
    assert (long.status_code, "长" * 41 in page(long), "Older people" in page(long)) == (422, True, True)
    assert client.submit("/admin/categories/new", FAMILY).status_code == 303
    [family] = list_families(hall.hall.id)
    assert (family.adds_up, family.required, family.name("en"), family.rest_name("zh")) == (True, True, "Age", "Adults")
    assert [one.name("zh") for one in family.categories] == ["Minors", "老年人"]
    again = {
        "name_zh": "年龄段",
        "name_en": "Ages",
        "adds_up": "y",
        "categories-0-number": str(MINORS),
        "categories-0-name_en": "Under 18",
        "categories-0-hidden": "y",
        "categories-1-number": str(OLDER),
        "categories-1-name_zh": "60岁及以上",
        "categories-1-name_en": "60 and older",
    }
    assert client.submit(f"/admin/categories/{AGES}", again).status_code == 303
    [family] = list_families(hall.hall.id)
    assert [(one.number, one.name("en"), one.hidden) for one in family.categories] == [
        (MINORS, "Under 18", True),
        (OLDER, "60 and older", False),
    ]
    assert client.get(f"/admin/categories/{AGES}").status_code == 200
    assert client.get("/admin/categories").status_code == 200
    define(hall.hall.id)
    with transaction():
        factories.booking(slot=hall.slot, visitors=20, categories={7: 20, 8: 20, 9: 1})  # the second family of `define`
    refused = client.submit("/admin/categories/7", {**FAMILY, "categories-0-number": "8", "categories-1-number": "9"})
    assert (refused.status_code, "adds_up-error" in page(refused)) == (409, True)
    for unknown in (MINORS, 99, "²"):
        assert client.get(f"/admin/categories/{unknown}").status_code == 404


@pytest.mark.parametrize(
    ("numbers", "status", "known"),
    [
        ({}, 303, {}),
        ({MINORS: "２０"}, 303, {AGES: 20, MINORS: 20}),
        ({MINORS: "0", MEMBERS: "20"}, 303, {AGES: 20, ROLES: 20, MEMBERS: 20}),
        ({MINORS: "15", OLDER: "6"}, 409, None),
        ({MEMBERS: "21"}, 409, None),
        ({MINORS: "zwei"}, 422, None),
        ({MINORS: "-1"}, 422, None),
        ({MINORS: "99999"}, 422, None),
        ({99: "3"}, 303, {}),
    ],
)
def test_organiser_gives_numbers_that_must_fit(
    hall: SimpleNamespace, client: CheckingClient, numbers: dict[int, str], status: int, known: dict[int, int] | None
) -> None:
    define(hall.hall.id)
    fields = {f"category-{number}": text for number, text in numbers.items()}
    client.get("/book")
    answer = client.submit("/book", typed(hall.slot, organisation="第一小学", **fields))
    assert answer.status_code == status
    if known is not None:
        assert stored("第一小学") == known
    else:
        assert 'id="categories-error"' in page(answer)
        assert all(f'value="{text}"' in page(answer) for text in numbers.values())


def test_required_numbers_are_asked_of_organisers_and_not_of_the_staff(
    hall: SimpleNamespace, client: CheckingClient
) -> None:
    with transaction():
        save_family(
            SaveFamily(
                hall_id=hall.hall.id,
                names=named("年龄", "Age"),
                rest={},
                adds_up=False,
                required=True,
                categories=(CategoryInput(names=named("未成年人", "Minors")),),
            )
        )
    client.get("/book")
    refused = client.submit("/book", typed(hall.slot))
    assert (refused.status_code, 'id="categories-error"' in page(refused)) == (422, True)
    visit = client.submit("/book", typed(hall.slot, **{"category-2": "0"}))
    assert visit.status_code == 303
    assert "年龄" in page(client.get(visit.location))
    client.sign_in(hall.desk)
    client.get("/bookings/new")
    given = typed(hall.slot, organisation="电话预约", source="phone", pass_language="zh", submission="another")
    assert client.submit("/bookings/new", given).status_code == 303
    assert stored("电话预约") == {}


def test_desk_corrects_the_numbers_and_every_face_of_the_report_shows_them(
    hall: SimpleNamespace, client: CheckingClient
) -> None:
    define(hall.hall.id)
    with transaction():
        db.session.get_one(Booking, hall.booking.id).categories = {AGES: 40, MINORS: 30, OLDER: 5}
    client.sign_in(hall.manager)
    client.get("/desk")
    reference = hall.booking.reference
    card = page(client.submit("/desk/lookup", {"q": reference}))
    assert 'name="category-2" id="card-category-2" value="30"' in card
    assert 'name="category-5" id="card-category-5" value=""' in card
    act = {
        "event_id": str(uuid4()),
        "code": reference,
        "origins-0-division": "440000",
        "origins-0-visitors": "33",
        "category-2": "30",
        "category-3": "5",
        "category-5": "",
    }
    refused = client.submit("/desk/arrivals", act)
    assert (refused.status_code, 'id="card-category-2" value="30"' in page(refused)) == (422, True)
    assert client.submit("/desk/arrivals", {**act, "category-3": "x"}).status_code == 422
    assert client.submit("/desk/arrivals", {**act, "category-2": "20", "category-3": ""}).status_code == 200
    walk_in = {"event_id": str(uuid4()), "counts": {"440000": 7}, "categories": {"5": 4}}
    assert client.send_json("/desk/walk-ins", walk_in).status_code == 200
    shown = page(client.get("/reports/2026-11"))
    assert "33" in shown
    rows = [("1.2", 20), ("1.3", 0), ("1.rest", 13), ("1.unknown", 7), ("4.5", 4), ("4.6", 0), ("4.unknown", 33)]
    found = client.get("/reports/2026-11.json").get_json()["categories"]
    assert [(row["code"], row["visitors"]) for row in found] == rows
    lines = list(csv.reader(io.StringIO(client.get("/reports/2026-11.csv").get_data(as_text=True).lstrip("\ufeff"))))
    codes = dict(rows)
    assert [(line[1], int(line[3])) for line in lines if line[1] in codes and "：" in line[2]] == rows
    book = openpyxl.load_workbook(io.BytesIO(client.get("/reports/2026-11.xlsx").data))
    assert [
        (row[0].value, row[2].value) for row in book["人员类别"].iter_rows(min_row=2) if row[0].value in codes
    ] == rows
    text = "".join(
        one.extract_text() for one in pypdf.PdfReader(io.BytesIO(client.get("/reports/2026-11.pdf").data)).pages
    )
    assert "未成年人" in text
    assert "成年人" in text


def test_a_hall_without_categories_reads_none(hall: SimpleNamespace, client: CheckingClient) -> None:
    assert "category-" not in page(client.get("/book"))
    assert load.get_hall(hall.hall.id).families == ()


def test_reporting_sheet_of_the_year_has_what_the_ledger_has(hall: SimpleNamespace, client: CheckingClient) -> None:
    define(hall.hall.id)
    with transaction():
        db.session.get_one(Programme, hall.programme.id).educational = True
        booking = db.session.get_one(Booking, hall.booking.id)
        booking.guides, booking.tour_language = 1, TourLanguage.ENGLISH
        booking.categories = {AGES: 40, MINORS: 30}
    client.sign_in(hall.manager)
    client.get("/desk")
    for counts, path in ((None, "/desk/arrivals"), ({"overseas": 3, "440000": 2}, "/desk/walk-ins")):
        act = {"event_id": str(uuid4()), "code": hall.booking.reference, "counts": counts}
        assert client.send_json(path, {name: value for name, value in act.items() if value}).status_code == 200
    assert "/reports/2026/sheet" in page(client.get("/reports/2026"))
    assert "EGMUS 6a" in page(client.get("/reports/2026/sheet"))
    assert "2026年（截至目前）" in re.findall("<h1>(.*?)</h1>", page(client.get("/reports/2026/sheet")))[0]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/reports/2026/sheet.xlsx").data))
    assert book.active["E2"].value == f"{hall.hall.text('name', 'zh')} · 2026年（截至目前）"
    found = {row[0].strip("　"): row[1:3] for row in book.active.iter_rows(min_row=2, values_only=True)}
    assert found == {
        "总参观人次": (45, 2),
        "免费参观人次": (45, 2),
        "国外观众": (3, 1),
        "年龄": (40, None),
        "未成年人": (30, 1),
        "60岁及以上": (0, 0),
        "成年人": (10, None),
        "身份": (0, None),
        "党员": (0, 0),
        "集团员工": (0, 0),
        "未说明": (45, None),
        "导览讲解": (40, 1),
        "教育活动": (45, 2),
        "线上观众": (0, None),
    }
