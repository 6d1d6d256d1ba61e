"""Every face of a report says the same numbers: JSON, CSV, XLSX, PDF, and the page."""

import csv
import io
import json
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import openpyxl
import pypdf
import pytest
from flask.testing import FlaskClient

from hallapp.core.database import transaction
from hallapp.core.i18n import force_locale
from hallapp.origins.china import DIVISIONS
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports import words
from hallapp.reports.exports import Format, export
from hallapp.reports.exports.cells import ratio
from hallapp.reports.figures.parts import Sum
from hallapp.reports.figures.service import get_report
from tests.reports import made as made_up
from tests.reports.conftest import Counter
from tests.reports.golden_pages import wordy_app
from tests.reports.test_pages import tables as tables_of_page

NOVEMBER = Period.month(2026, 11)
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", '=HYPERLINK("http://example.org")')


def made(hall: object, form: Format, *, language: str = "en", period: Period = NOVEMBER) -> bytes:
    with force_locale(language):
        return export(get_report(hall, period), form)


def pdf_text(file: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(file)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_json_has_the_shape_that_others_rely_on(november: SimpleNamespace) -> None:
    body = json.loads(made(november.hall, Format.JSON))
    assert body["hall"] == "lingnan"
    assert body["hall_name"] == "Lingnan Exhibition Hall"
    assert body["month"] == "2026-11"
    assert body["closed"] is False
    assert body["totals"] == {
        "visitors": 74,
        "groups": 5,
        "booked_visitors": 40,
        "divisions": 4,
        "overseas_visitors": 4,
        "unknown_visitors": 1,
        "absent_visitors": 5,
        "capacity": body["totals"]["capacity"],
        "use_of_capacity": round(40 / body["totals"]["capacity"], 3),
        "average_group": 14.8,
    }
    assert body["previous"] == {"month": "2026-10", "visitors": 10, "groups": 1}
    assert [division["code"] for division in body["divisions"]] == list(DIVISIONS)
    assert body["divisions"][18] == {
        "code": "440000",
        "iso": "CN-GD",
        "name": "Guangdong",
        "visitors": 38,
        "groups": 2,
        "share": 0.514,
        "previous_visitors": 10,
        "last_year_visitors": 0,
    }
    assert body["divisions"][-2]["iso"] is None
    assert len(body["days"]) == 30
    assert body["days"][9] == {"day": "2026-11-10", "visitors": 40, "groups": 2}
    assert body["check"] == {"divisions": 74, "days": 74, "ledger": 74, "agrees": True}
    assert body["last_year"] == {"month": "2025-11", "visitors": 0, "groups": 0}
    assert (body["digest"], body["adjusted_since"], body["filed"]["months"]) == (None, 0, 0)
    assert {row["code"]: row["visitors"] for row in body["regions"]} == {
        "mainland": 63,
        "outer": 6,
        "overseas": 4,
        "unknown": 1,
    }
    for table in ("sources", "guides", "organisations", "regions", "kinds", "programmes"):
        assert sum(row["visitors"] for row in body[table]) == 74, table
    assert sum(row["visitors"] for row in body["times"]) + body["untimed_visitors"] == 74
    assert {"weekday": 2, "hour": 9, "visitors": 33} in body["times"]
    assert {"division": "430000", "month": "2026-11", "day": "2026-11-01"} in body["first_seen"]
    assert {"milestones", "adjustments", "prefectures", "trend", "undated"} <= set(body)


def test_json_of_a_year_and_since_opening(november: SimpleNamespace) -> None:
    year = json.loads(made(november.hall, Format.JSON, period=Period.year(2026)))
    assert year["year"] == "2026"
    assert year["months"][10] == {"month": "2026-11", "visitors": 74, "groups": 5}
    assert year["previous"] == {"year": "2025", "visitors": 0, "groups": 0}
    opening = json.loads(made(november.hall, Format.JSON, period=SINCE_OPENING))
    assert opening["since_opening"] == "since-opening"
    assert opening["years"][-1] == {"year": "2026", "visitors": 91, "groups": 7}
    assert opening["previous"] is None


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["2026-11", "2026"])
def test_all_faces_say_the_same_numbers(
    november: SimpleNamespace, client: FlaskClient, language: str, name: str
) -> None:
    period = Period.parse(name)
    body = json.loads(made(november.hall, Format.JSON, language=language, period=period))
    many = "days" if name == "2026-11" else "months"
    rows = [*body["divisions"], *body[many], *body["programmes"], *body["kinds"]]
    numbers = [(row["visitors"], row["groups"]) for row in rows]
    shares = [row.get("share") for row in rows]

    text = made(november.hall, Format.CSV, language=language, period=period).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))[6:]
    from_csv = lines[: len(rows)]
    assert [(int(row[3]), int(row[4])) for row in from_csv] == numbers
    assert [row[5] for row in from_csv] == ["" if share is None else f"{share:.1%}" for share in shares]

    book = openpyxl.load_workbook(io.BytesIO(made(november.hall, Format.XLSX, language=language, period=period)))
    order = (1, 3, 6, 7)  # divisions, days or months, programmes, kinds
    from_xlsx = [row for place in order for row in book.worksheets[place].iter_rows(min_row=2, values_only=True)]
    assert [row[2:4] for row in from_xlsx] == numbers
    assert [row[4] if len(row) > 4 else None for row in from_xlsx] == shares

    client.sign_in(november.manager)
    page = tables_of_page(client.get(f"/reports/{name}?lang={language}").text)
    from_page = {tuple(row[-4:]) for row in page["where-table"][1:-1]}
    assert from_page == {
        (row["name"], str(row["visitors"]), f"{row['share']:.1%}", str(row["groups"]))
        for row in body["divisions"]
        if row["visitors"]
    }

    printed = pdf_text(made(november.hall, Format.PDF, language=language, period=period))
    for division in (row for row in body["divisions"] if row["visitors"]):
        cells = (division["name"], division["visitors"], f"{division['share']:.1%}", division["groups"])
        assert re.search(r"\s*".join(re.escape(str(cell)) for cell in cells), printed), cells
    assert re.sub(r"\s", "", body["sentence"]) in re.sub(r"\s", "", printed)


def test_csv_opens_right_in_excel(november: SimpleNamespace) -> None:
    file = made(november.hall, Format.CSV, language="zh")
    assert file.startswith(b"\xef\xbb\xbf")
    assert file.count(b"\r\n") == file.count(b"\n") >= 1 + 5 + 36 + 30 + 2 + 12
    lines = file.decode("utf-8-sig").split("\r\n")
    assert lines[0] == "表,代码,名称,人数,团队数,人数占比,上期人数,上年同期人数"
    assert lines[1] == "合计,2026-11,岭南展览馆,74,5,,10,0"
    assert "省级行政区,440000,广东,38,2,51.4%,10,0" in lines
    assert "每日,2026-11-10,11月10日 周二,40,2,,," in lines
    assert "星期与时刻,2/09,二 09:00–10:00,33,,,," in lines
    assert "预约未到,2026-11,,5,,,," in lines


@pytest.mark.parametrize("name", FORMULAS)
def test_names_like_formulas_stay_text(counter: Counter, name: str) -> None:
    with transaction():
        counter.alone.name = counter.alone.name.updated({"en": name})
        counter.hall.name = counter.hall.name.updated({"en": name})
    rows = list(csv.reader(io.StringIO(made(counter.hall, Format.CSV).decode("utf-8-sig"), newline="")))
    assert rows[1][2] == f"'{name}"
    assert [row[2] for row in rows if row[1] == "self-guided"] == [f"'{name}"]
    sheet = openpyxl.load_workbook(io.BytesIO(made(counter.hall, Format.XLSX)))["Programmes"]
    assert [(cell.value, cell.data_type, cell.hyperlink) for cell in sheet["B"][2:]] == [(name, "s", None)]


def test_pdf_is_printable_in_the_hall_s_font_alone(november: SimpleNamespace) -> None:
    reader = pypdf.PdfReader(io.BytesIO(made(november.hall, Format.PDF, language="zh")))
    assert [(round(page.mediabox.width), round(page.mediabox.height)) for page in reader.pages] == [(595, 842)] * len(
        reader.pages
    )
    fonts = {font["/BaseFont"] for page in reader.pages for font in page["/Resources"]["/Font"].values()}
    fonts = {
        str(font).partition("+")[2] or str(font)
        for font in (one.get_object() if hasattr(one, "get_object") else one for one in fonts)
    }
    assert fonts == {"HallSans-Regular"}
    assert reader.metadata.title == "岭南展览馆 · 2026年11月 · 观众来源月报"
    text = pdf_text(made(november.hall, Format.PDF, language="zh"))
    for word in ("观众来源月报", "制表", "复核", "批准", "盖章处", "三项合计一致。", "方格按大致方位排列"):
        assert word in text
    for division in DIVISIONS.values():
        assert division.zh in text


def test_pdf_of_an_empty_month_and_of_every_length(counter: Counter) -> None:
    for period in (NOVEMBER, Period.year(2026), SINCE_OPENING):
        assert "No visitors" in pdf_text(made(counter.hall, Format.PDF, period=period))


def test_pdf_of_a_demonstration_says_so_on_every_page(november: SimpleNamespace) -> None:
    with transaction():
        november.hall.demonstration = True
    for page in pypdf.PdfReader(io.BytesIO(made(november.hall, Format.PDF))).pages:
        assert "Demonstration: made-up visitors and bookings" in page.extract_text()


@pytest.mark.parametrize("form", list(Format))
def test_files_are_served_with_their_names_and_types(
    november: SimpleNamespace, client: FlaskClient, form: Format
) -> None:
    client.sign_in(november.manager)
    response = client.get(f"/reports/2026-11.{form}?lang=en")
    assert response.status_code == 200
    assert response.content_type == form.mimetype
    if form in (Format.JSON, Format.CSV):
        assert response.data == made(november.hall, form)
    names = "filename=lingnan-2026-11.{0}; filename*=UTF-8''{1}2026-11.{0}"
    shown = "inline" if form is Format.JSON else "attachment"
    english = names.format(form, "Lingnan%20Exhibition%20Hall%20-%20Monthly%20visitor%20report%20")
    assert response.headers["Content-Disposition"] == f"{shown}; {english}"
    chinese = client.get(f"/reports/2026-11.{form}?lang=zh").headers["Content-Disposition"]
    assert chinese == f"{shown}; {names.format(form, quote('岭南展览馆观众来源月报'))}"


def test_percent_never_hides_somebody() -> None:
    assert words.percent(0.0, 1) == "<0.1%"
    assert words.percent(0.0, 0) == "0.0%"
    assert words.percent(0.514, 38) == "51.4%"
    assert [words.signed_percent(*pair) for pair in ((64, 10), (-1, 8), (1, 3), (-2, 3))] == [
        "+640.0%",
        "−12.5%",
        "+33.3%",
        "−66.7%",
    ]


def test_unchanged_numbers_have_no_minus_sign() -> None:
    pairs = ((0, 64), (-1, 100_000), (1, 100_000), (-1, 2_000), (-1, 2_001))
    assert [words.signed_percent(*pair) for pair in pairs] == ["±0.0%", "±0.0%", "±0.0%", "−0.1%", "±0.0%"]
    assert [str(ratio(*pair)) for pair in pairs] == ["0.0", "0.0", "0.0", "-0.001", "0.0"]
    assert ratio(0, 0) is None


def test_as_many_as_before_and_as_a_year_before_is_said_so(tmp_path: Path) -> None:
    then = Sum(3_412, 100)
    report = made_up.report(NOVEMBER, previous=then, last_year=then)
    with wordy_app(tmp_path).app_context(), force_locale("en"):
        assert words.sentence(report).endswith(
            " That is as many people as in October 2026. That is as many people as a year before, in November 2025."
        )
        assert [(one.people, one.percent) for one in words.comparisons(report)] == [("±0", "±0.0%")] * 2
    with wordy_app(tmp_path).app_context(), force_locale("zh"):
        assert words.sentence(report).endswith("人数与2026年10月持平。人数与上年同期（2025年11月）持平。")
