"""The pictures: on their sheet, readable in both schemes and in grey, and right for nothing, one, and very many."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from hallapp import create_app, printing
from hallapp.core.i18n import force_locale
from hallapp.origins.china import DIVISIONS
from hallapp.origins.queries import get_set
from hallapp.reports.figures.parts import DivisionFigure, share
from hallapp.reports.pictures import sentences, shapes
from hallapp.reports.pictures.bars import bars
from hallapp.reports.pictures.calendar import calendar
from hallapp.reports.pictures.frame import framed
from hallapp.reports.pictures.heat_map import heat_map
from hallapp.reports.pictures.inputs import ChartCell, ChartPart, Hour, Ranked
from hallapp.reports.pictures.ranking import ranking
from hallapp.reports.pictures.shapes import PAINTS, Area, Box, Drawing, Line, Text
from hallapp.reports.pictures.tile_map import Measure, tile_map
from hallapp.reports.pictures.trend import trend
from tests.conftest import examples, settings_for
from tests.reports.drawings import DARK_PAINTS, faint, outside, overlaps

Reading = Callable[[str], AbstractContextManager[None]]

SCHEMES = {"light": PAINTS, "dark": DARK_PAINTS}
NUMBERS = st.one_of(st.integers(0, 40), st.integers(0, 10**7), st.just(0))
NAMES = st.text("广东省团队Wi 𠮷·（）-&<", min_size=1, max_size=80)
LANGUAGES = st.sampled_from(["zh", "en"])
ONLINE = settings(max_examples=examples(40), deadline=None)


@pytest.fixture(scope="module")
def wordy(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application for its words alone; nobody asks its database."""
    folder = tmp_path_factory.mktemp("wordy")
    return create_app(settings_for(f"sqlite:///{folder / 'none.sqlite3'}", Path(folder)))


@pytest.fixture(scope="module")
def reading(wordy: Flask) -> Reading:
    @contextmanager
    def _in(language: str) -> Iterator[None]:
        with wordy.app_context(), force_locale(language):
            yield

    return _in


def check(drawing: Drawing) -> None:
    """What holds for every picture."""
    assert not outside(drawing)
    assert not overlaps(drawing)
    for paints in SCHEMES.values():
        assert not faint(drawing, paints)


def texts(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes() if isinstance(shape, Text)]


def months(count: int, first: date = date(2017, 6, 1)) -> list[date]:
    return [
        date(first.year + (first.month - 1 + number) // 12, (first.month - 1 + number) % 12 + 1, 1)
        for number in range(count)
    ]


def places(numbers: list[int]) -> SimpleNamespace:
    """A report's 36 divisions with these people."""
    found = tuple(
        DivisionFigure(code=code, visitors=number, groups=number // 30, share=share(number, sum(numbers)))
        for code, number in zip(DIVISIONS, numbers, strict=True)
    )
    return SimpleNamespace(
        origins=get_set(1, "cn", "440000"), divisions=found, beside=[figure for figure in found if not figure.is_place]
    )


def parts(*numbers: int, name: str = "讲解参观") -> list[ChartPart]:
    return [
        ChartPart(name=f"{name}{place}", visitors=n, share=share(n, sum(numbers))) for place, n in enumerate(numbers)
    ]


# Any figures


@ONLINE
@given(st.lists(NUMBERS, min_size=36, max_size=36), st.sampled_from(Measure), LANGUAGES)
def test_tile_map_of_any_figures_fits(reading: Reading, numbers: list[int], measure: Measure, language: str) -> None:
    with reading(language):
        report = places(numbers)
        check(tile_map(report, measure=measure))
        assert sentences.of_map(report).endswith(("。", "."))


@ONLINE
@given(st.lists(NUMBERS, max_size=53), st.one_of(st.none(), st.integers(0, 6)), LANGUAGES)
def test_calendar_of_any_figures_fits(reading: Reading, numbers: list[int], weekday: int | None, language: str) -> None:
    cells = [ChartCell(name=f"{n}", short=f"{n}月", visitors=number, groups=1) for n, number in enumerate(numbers)]
    with reading(language):
        check(calendar(cells, first_weekday=weekday))
        assert sentences.of_calendar(cells)


@ONLINE
@given(
    st.lists(NUMBERS, max_size=250),
    st.dates(date(1990, 1, 1), date(2050, 12, 31)),
    st.tuples(st.integers(0, 250), st.integers(0, 250)),
    st.booleans(),
    st.sampled_from([shapes.WIDTH, shapes.WIDE]),
    LANGUAGES,
)
def test_trend_of_any_figures_fits(
    reading: Reading,
    numbers: list[int],
    first: date,
    inside: tuple[int, int],
    running: bool,
    width: float,
    language: str,
) -> None:
    points = list(zip(months(len(numbers), first.replace(day=1)), numbers, strict=True))
    days = months(252, first.replace(day=1))
    marked = days[min(inside)], days[max(inside) + 1]
    with reading(language):
        check(trend(points, marked=marked, running=running, width=width))
        assert sentences.of_trend(points, marked=marked)


@ONLINE
@given(st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 23)), NUMBERS), LANGUAGES)
def test_heat_map_of_any_figures_fits(reading: Reading, cells: dict[Hour, int], language: str) -> None:
    with reading(language):
        check(heat_map(cells))
        assert sentences.of_heat_map(cells)


@ONLINE
@given(
    st.lists(
        st.builds(Ranked, name=NAMES, visitors=NUMBERS, before=st.one_of(st.none(), NUMBERS), beside=st.booleans()),
        max_size=36,
    ),
    st.sampled_from([shapes.WIDTH, shapes.WIDE]),
    LANGUAGES,
)
def test_ranking_of_any_figures_fits(reading: Reading, rows: list[Ranked], width: float, language: str) -> None:
    with reading(language):
        check(ranking(rows, width=width))
        assert sentences.of_ranking(rows)


@ONLINE
@given(st.lists(st.tuples(NAMES, NUMBERS), max_size=40), LANGUAGES)
def test_bars_of_any_figures_fit(reading: Reading, rows: list[tuple[str, int]], language: str) -> None:
    whole = sum(number for _name, number in rows)
    found = [ChartPart(name=name, visitors=number, share=share(number, whole)) for name, number in rows]
    with reading(language):
        drawing = bars(found)
        check(drawing)
        check(framed(drawing, title="来源 " * 30, sentence=sentences.of_bars(found), foot="岭南展馆 · 2026年11月"))


# The tile map


@pytest.mark.parametrize("language", ["zh", "en"])
def test_map_shows_all_36_with_name_and_number(reading: Reading, language: str) -> None:
    with reading(language):
        drawing = tile_map(places(list(range(36))))
    tiles = [mark for mark in drawing.marks if mark.title]
    assert len(tiles) == 36
    assert sum(mark.box.dashed for mark in tiles) == 2
    for mark, (number, division) in zip(tiles, enumerate(DIVISIONS.values()), strict=True):
        written = [text.text for text in mark.texts if text.room != "short"]
        assert " ".join(written[:-1]) == division.name(language)
        assert written[-1] == str(number)


@pytest.mark.parametrize("measure", Measure)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_lies_on_its_tile(reading: Reading, language: str, measure: Measure) -> None:
    with reading(language):
        drawings = [
            tile_map(places([12_345_678] * 36), measure=measure),
            calendar([ChartCell(name="", short="11月", visitors=12_345, groups=9)] * 31, first_weekday=6),
        ]
    for drawing in drawings:
        for mark in (mark for mark in drawing.marks if mark.title):
            left, top, right, bottom = mark.box.bounds()
            for text in mark.texts:
                its_left, its_top, its_right, its_bottom = text.bounds()
                assert left <= its_left and its_right <= right, text
                assert top <= its_top and its_bottom <= bottom, text


def test_shares_have_a_scale_in_per_cent(reading: Reading) -> None:
    with reading("en"):
        drawing = tile_map(places([99_950, 45, 5] + [0] * 33), measure=Measure.SHARE)
    assert texts(drawing)[-7:] == ["Share of all people", "0", ">0%", "0.5%", "2%", "5%", "30%+"]
    by_title = {mark.title.split(":")[0]: mark for mark in drawing.marks if mark.title}
    assert [by_title[name].texts[-1].text for name in ("Beijing", "Tianjin", "Hebei", "Tibet")] == [
        "100.0%",
        "<0.1%",
        "<0.1%",
        "0",
    ]
    assert [by_title[name].box.fill for name in ("Beijing", "Tianjin", "Hebei", "Tibet")] == [
        "level-5",
        "level-1",
        "level-1",
        "level-0",
    ]


# The calendar


def test_days_to_come_are_left_empty(reading: Reading) -> None:
    days = [
        ChartCell(name="", short=str(day), visitors=7 * (day == 1), groups=1, to_come=day > 1) for day in range(1, 32)
    ]
    with reading("zh"):
        drawing = calendar(days, first_weekday=1)
    tiles = [mark for mark in drawing.marks if mark.title]
    assert [mark.texts[1].text for mark in tiles] == ["7"] + [""] * 30
    assert [mark.texts[0].text for mark in tiles] == [str(day) for day in range(1, 32)]
    assert tiles[0].box.x == shapes.PITCH  # the first is a Tuesday


# The trend


def line_of(drawing: Drawing) -> list[Line]:
    return [shape for shape in drawing.shapes() if isinstance(shape, Line) and shape.paint == shapes.SERIES]


def test_trend_names_the_highest_month_and_marks_the_years(reading: Reading) -> None:
    numbers = [10 * number % 70 for number in range(30)]
    numbers[17] = 90
    points = list(zip(months(30), numbers, strict=True))
    with reading("zh"):
        drawing = trend(points, marked=(date(2019, 1, 1), date(2019, 2, 1)))
        said = sentences.of_trend(points, marked=(date(2019, 1, 1), date(2019, 2, 1)))
    assert "2018年11月：90" in texts(drawing)
    assert [text for text in texts(drawing) if re.fullmatch(r"20\d\d", text)] == ["2018", "2019"]
    assert [text for text in texts(drawing) if text.isdigit() and int(text) < 2000] == ["0", "50", "100"]
    band = next(s for s in drawing.shapes() if isinstance(s, Box) and s.fill == shapes.BAND and not s.edge)
    way = line_of(drawing)[-1].points
    assert band.x < way[19][0] < band.x + band.width
    assert not band.x < way[18][0] < band.x + band.width
    assert "2018年11月" in said and "2019年1月" in said


def test_running_month_is_in_no_average_and_has_no_place(reading: Reading) -> None:
    points = list(zip(months(4), (500, 900, 400, 1), strict=True))
    last = points[-1][0]
    running = (last, date(last.year + 1, 1, 1))
    with reading("en"):
        said = sentences.of_trend(points, marked=running, running=True)
        over = sentences.of_trend(points[:-1])
        alone = sentences.of_trend(points[-1:], marked=running, running=True)
        placed = sentences.of_trend(points, marked=(points[0][0], points[1][0]), running=True)
    name = f"{last:%B %Y}"
    assert said == f"{over} {name} is still running and not among them."
    assert "The average of 3 months is 600 people." in said and "number" not in said
    assert "number 2 among them" in placed
    assert alone == f"Highest month: {name}, 1 person."


def test_running_period_neither_gains_nor_loses(reading: Reading) -> None:
    rows = [Ranked(name="Guangdong", visitors=3, before=90), Ranked(name="Hunan", visitors=2, before=1)]
    with reading("en"):
        assert "Largest decrease in a year: Guangdong" in sentences.of_ranking(rows)
        assert sentences.of_ranking(rows, running=True) == "Most people: Guangdong, 3 people."


def test_way_to_a_running_month_is_dashed(reading: Reading) -> None:
    points = list(zip(months(3), (5, 9, 2), strict=True))
    with reading("en"):
        whole, running = trend(points), trend(points, running=True)
    assert [line.dashed for line in line_of(whole)] == [False, False]  # the key, the way
    assert [line.dashed for line in line_of(running)] == [False, True, False, True]
    assert line_of(running)[-1].points == line_of(whole)[-1].points[1:]
    assert "month has not ended" in texts(running)


def test_trend_of_one_month_is_a_dot_and_of_none_a_word(reading: Reading) -> None:
    with reading("en"):
        one, none = trend([(date(2026, 11, 1), 7)]), trend([])
        silent = trend([(first, 0) for first in months(240)])
    assert "Nov 2026: 7" in texts(one)
    assert not [shape for shape in one.shapes() if isinstance(shape, Area)]
    assert "No visitors in this period." in texts(none)
    assert "No visitors in this period." in texts(silent)


# The week


def test_heat_map_is_a_timetable_of_the_hours_that_were_used(reading: Reading) -> None:
    cells = {(5, 10): 260, (5, 9): 12, (1, 11): 30}
    with reading("en"):
        drawing = heat_map(cells)
        said = sentences.of_heat_map(cells)
    found = {mark.title.split(":00:")[0]: mark for mark in drawing.marks if mark.title}
    assert len(found) == 3 * 7
    assert found["Saturday 10"].texts[0].text == "260"
    assert found["Saturday 10"].box.fill == "level-5"
    assert found["Monday 10"].texts == ()
    assert [text for text in texts(drawing) if text.endswith(":00")] == ["09:00", "10:00", "11:00"]
    assert said == (
        "Busiest hour of the week: Saturday 10:00–11:00, 260 people. Saturday is the busiest day of the week (90.1%)."
    )


# The ranking


def test_ranking_has_last_year_s_tick_where_it_stood(reading: Reading) -> None:
    rows = [
        Ranked(name="Hunan", visitors=50, before=100),
        Ranked(name="Guangdong", visitors=200, before=150),
        Ranked(name="Beijing", visitors=50, before=0),
        Ranked(name="Tibet", visitors=0, before=0),
        Ranked(name="Overseas", visitors=900, before=800, beside=True),
    ]
    with reading("en"):
        drawing = ranking(rows)
        said = sentences.of_ranking(rows)
    found = {mark.title.split(":")[0]: mark for mark in drawing.marks if mark.title}
    assert list(found) == ["Guangdong", "Hunan", "Beijing", "Overseas"]
    assert [[text.text for text in mark.texts] for mark in found.values()] == [
        ["1", "Guangdong", "200", "+50"],
        ["2", "Hunan", "50", "−50"],
        ["2", "Beijing", "50", "+50"],
        ["Overseas", "900", "+100"],
    ]
    ticks_of = {
        name: [s.points[0][0] for s in mark.shapes if isinstance(s, Line) and s.paint == shapes.PLAIN]
        for name, mark in found.items()
    }
    overseas = found["Overseas"].box
    assert ticks_of["Overseas"] == [pytest.approx(overseas.x + overseas.width * 8 / 9)]
    assert ticks_of["Guangdong"] == [pytest.approx(overseas.x + overseas.width / 6)]
    assert ticks_of["Beijing"] == []
    assert said.startswith("Most people: Guangdong, 200 people.")
    assert "Hunan (−50)" in said


def test_ranking_without_a_year_before_says_nothing_of_it(reading: Reading) -> None:
    with reading("en"):
        drawing = ranking([Ranked(name="Guangdong", visitors=10_000_000)])
    assert texts(drawing) == ["People", "1", "Guangdong", "10,000,000"]


# Programmes and kinds


def test_bars_are_sorted_and_the_last_of_many_are_one(reading: Reading) -> None:
    with reading("en"):
        drawing = bars(parts(*range(1, 16)))
        few = bars(parts(3, 0, 30))
    assert [mark.texts[1].text for mark in drawing.marks] == [str(n) for n in range(15, 4, -1)] + ["10"]
    assert drawing.marks[-1].texts[0].text == "4 others"
    assert [text.text for mark in few.marks for text in mark.texts] == [
        "讲解参观2",
        "30",
        "90.9%",
        "讲解参观0",
        "3",
        "9.1%",
    ]
    tracks = [[shape.width for shape in mark.shapes if isinstance(shape, Box)] for mark in few.marks]
    assert tracks == [[shapes.WIDTH, shapes.WIDTH], [shapes.WIDTH, pytest.approx(shapes.WIDTH / 10)]]


def test_long_names_end_in_an_ellipsis_and_stay_whole_in_the_title(reading: Reading) -> None:
    long = "广东省哲学社会科学规划领导小组办公室“重走改革开放路”专题现场教学与实践研修课程（第二十三期）"
    with reading("zh"):
        drawing = bars([ChartPart(name=long, visitors=10_000_000, share=1.0)])
    shown = drawing.marks[0].texts[0]
    assert shown.text.endswith("…")
    assert long.startswith(shown.text[:-1])
    assert drawing.marks[0].title.startswith(long)
    assert printing.text_width(shown.text, shown.size) < shapes.WIDTH / 1.2


# Sentences


@pytest.mark.parametrize("language", ["zh", "en"])
def test_all_equal_leaders_are_named(reading: Reading, language: str) -> None:
    with reading(language):
        two = sentences.of_map(places([20, 20] + [0] * 34))
        all_equal = sentences.of_map(places([1] * 36))
        bar_sentence = sentences.of_bars(parts(5, 5, name="A"))
        same = sentences.of_ranking([Ranked(name="A", visitors=3, before=3)])
    assert all(division.name(language) in two for division in list(DIVISIONS.values())[:2])
    assert "31" in all_equal
    assert "A0" in bar_sentence and "A1" in bar_sentence
    assert "A" in same


def test_moved_shapes_keep_their_form() -> None:
    line = Line(points=((0, 0), (3, 4)), paint=shapes.SERIES, dashed=True)
    assert line.moved(1, 2) == replace(line, points=((1, 2), (4, 6)))
    assert all(a < b for a, b in pairwise(sorted({shapes.SMALL, shapes.LABEL, shapes.MEDIUM, shapes.LARGE})))
