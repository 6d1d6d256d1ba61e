"""The pictures of a real month: on its page, as files, with the report's own figures in them."""

import io
from datetime import date
from itertools import product
from types import SimpleNamespace
from xml.etree import ElementTree

from flask.testing import FlaskClient
from PIL import Image

from hallapp.core.database import transaction
from hallapp.core.i18n import force_locale
from hallapp.periods import Period
from hallapp.reports.figures.parts import PartFigure
from hallapp.reports.figures.service import get_report
from hallapp.reports.pictures import charts
from hallapp.reports.pictures.charts import ImageFormat, Name
from hallapp.reports.pictures.inputs import Ranked
from hallapp.reports.pictures.ranking import ranking
from tests import markup
from tests.reports.conftest import Counter
from tests.reports.drawings import outside, overlaps

PERIODS = ("2026-11", "2026-Q4", "2026", "2026-10-30..2026-11-12", "since-opening")


def grid(report: object, name: Name) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in charts.make(report, name).grid.rows}  # type: ignore[arg-type]


def page(client: FlaskClient, path: str) -> ElementTree.Element:
    answer = client.get(path)
    assert answer.status_code == 200
    return markup.tree(answer.text)


def written(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_grids_hold_the_report_s_figures(november: SimpleNamespace) -> None:
    with force_locale("en"):
        report = get_report(november.hall, Period.month(2026, 11))
        places, ranks = grid(report, Name.MAP), grid(report, Name.RANKING)
        assert len(places) == len(ranks) == 36
        assert places["Guangdong"] == ("38", "51.4%", "2")
        assert sum(int(row[0]) for row in places.values()) == 74
        assert ranks["Guangdong"] == ("1", "38")
        assert ranks["Tibet"] == ranks["Fujian"] == ("", "0")
        week = grid(report, Name.WEEK)
        assert sum(int(number) for row in week.values() for number in row) + report.untimed == 74
        assert grid(report, Name.TREND)["2026"][9:11] == ("10", "74")
        assert grid(report, Name.CALENDAR)["Tue 10 Nov"] == ("40", "2")
        assert grid(report, Name.KINDS)["School"][0] == "35"
        assert sum(int(row[0]) for row in grid(report, Name.PROGRAMMES).values()) == 74


def test_pictures_of_every_period_are_whole(november: SimpleNamespace) -> None:
    for language, period in product(("zh", "en"), PERIODS):
        with force_locale(language):
            for picture in charts.make_all(get_report(november.hall, Period.parse(period))).values():
                for drawing in filter(None, (picture.drawing, picture.wide, picture.short)):
                    assert not outside(drawing), (period, picture.name)
                    assert not overlaps(drawing), (period, picture.name)
                assert picture.title and picture.sentence
                assert {len(row) for row in picture.grid.rows} == {len(picture.grid.head)}


def test_ranking_is_compared_with_the_year_before(counter: Counter) -> None:
    counter.walk_in("2025-11-05T10:00", {"440000": 30, "430000": 8})
    counter.walk_in("2026-11-05T10:00", {"440000": 50})
    with force_locale("en"):
        for period in (Period.month(2026, 11), Period.year(2026)):
            found = grid(get_report(counter.hall, period), Name.RANKING)
            assert found["Guangdong"] == ("1", "50", "30", "+20")
            assert found["Hunan"] == ("", "0", "8", "−8")


def test_long_ranking_has_its_first_ten(counter: Counter) -> None:
    rows = [Ranked(name=f"Place {number:02}", visitors=number) for number in range(1, 15)]
    with force_locale("en"):
        shown = [mark.title[:8] for mark in ranking(rows, most=10).marks if mark.title]
    assert shown == [f"Place {number:02}" for number in range(14, 4, -1)]


def test_months_between_which_nobody_came_are_in_the_trend() -> None:
    months = [PartFigure(first=first, visitors=9, groups=1) for first in (date(2017, 11, 1), date(2018, 2, 1))]
    assert charts.fill(months) == [
        (date(2017, 11, 1), 9),
        (date(2017, 12, 1), 0),
        (date(2018, 1, 1), 0),
        (date(2018, 2, 1), 9),
    ]
    assert charts.fill([]) == []


def test_page_has_each_picture_with_its_sentence_and_table(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    root = page(client, "/reports/2026-11")
    ids = {element.get("id") for element in root.iter()}
    drawings = [svg for svg in root.iter("{http://www.w3.org/2000/svg}svg") if svg.get("role") == "img"]
    assert len(drawings) == 8  # the trend comes twice: for wide and for narrow screens
    assert all(svg.get("aria-describedby") in ids and svg.get("aria-label") for svg in drawings)
    assert all("".join(caption.itertext()).strip().endswith("。") for caption in root.iter("figcaption"))
    assert len(list(root.iter("figcaption"))) == 7
    assert "38" in written(drawings[0])
    links = [a.get("href") for a in root.iter("a") if "/pictures/" in (a.get("href") or "")]
    assert len(links) == 14
    assert client.get(links[1]).content_type == "image/svg+xml"


def test_map_shows_people_or_shares(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    for query, shares in (("?map=share", True), ("?map=people", False), ("?map=%00²", False)):
        root = page(client, f"/reports/2026-11{query}")
        chart = next(svg for svg in root.iter("{http://www.w3.org/2000/svg}svg") if svg.get("role") == "img")
        assert ("51.4%" in written(chart)) == shares
        assert ("38" in written(chart)) != shares
        links = [a for a in root.iter("a") if "map=" in (a.get("href") or "")]
        chosen = [a.get("href") for a in links if a.get("aria-current") == "true"]
        assert chosen == ["?map=share#map" if shares else "?map=people#map"]


def test_files_are_for_presentations(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    for name in Name:
        svg = client.get(f"/reports/2026-11/pictures/{name}.svg")
        assert svg.content_type == "image/svg+xml"
        assert svg.headers["Content-Disposition"] == f"attachment; filename=lingnan-2026-11-{name}.svg"
        root = ElementTree.fromstring(svg.data)
        assert "2026年11月" in written(root)[-1]
        assert root.find("{http://www.w3.org/2000/svg}desc").text.endswith("。")  # type: ignore[union-attr]
    png = client.get(f"/reports/2026-11/pictures/{name}.png")
    assert png.content_type == "image/png"
    assert png.headers["Content-Disposition"] == f"attachment; filename=lingnan-2026-11-{name}.png"
    image = Image.open(io.BytesIO(png.data))
    image.load()
    assert image.size == (2 * round(float(root.attrib["width"])), 2 * round(float(root.attrib["height"])))


def test_file_of_a_demonstration_says_so(november: SimpleNamespace) -> None:
    with transaction():
        november.hall.demonstration = True
    report = get_report(november.hall, Period.month(2026, 11))
    with force_locale("en"):
        file = charts.to_file(report, Name.WEEK, ImageFormat.SVG)
    assert "Demonstration: made-up visitors and bookings" in " ".join(written(ElementTree.fromstring(file)))


def test_unknown_picture_files_are_not_found(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    for path in (
        "2026-11/pictures/nothing.png",
        "2026-11/pictures/map.gif",
        "2026-13/pictures/map.png",
        "2030-01/pictures/map.png",
        f"{'9' * 5000}/pictures/map.svg",
        "²026-11/pictures/map.svg",
        "%00/pictures/map.svg",
    ):
        assert client.get(f"/reports/{path}").status_code == 404, path
