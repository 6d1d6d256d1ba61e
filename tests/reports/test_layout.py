"""The drawings: every text readable on its tile, in both languages and colour schemes, and in grey."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from types import SimpleNamespace

import pytest
from flask_babel import force_locale

from hallapp.core import pdf_font
from hallapp.divisions import DIVISIONS
from hallapp.reports import layout
from hallapp.reports.figures import get_report
from hallapp.reports.layout import Box, Drawing, Scale
from hallapp.reports.periods import SINCE_OPENING, Period
from hallapp.settings import ROOT

CSS = (ROOT / "static" / "css" / "reports.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def dark(pattern: str) -> tuple[str, ...]:
    block = CSS[CSS.index("prefers-color-scheme: dark") :]
    return tuple(re.findall(pattern, block))


SCHEMES = {
    "light": (layout.FILLS, layout.INKS),
    "dark": (dark(r"rect\.level-\d \{ fill: (#\w{6})"), dark(r"\.ink-\d \{ fill: (#\w{6})")),
}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_text_stands_out_on_every_step(scheme: str) -> None:
    fills, inks = SCHEMES[scheme]
    assert len(fills) == len(inks) == 6
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in zip(fills, inks, strict=True))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_steps_are_told_apart_in_grey(scheme: str) -> None:
    """One hue whose lightness only falls (or rises): colour blindness and a grey print take nothing away."""
    fills, _ = SCHEMES[scheme]
    values = [luminance(fill) for fill in fills]
    assert values == sorted(values, reverse=scheme == "light")
    assert all(contrast(one, other) >= 1.15 for one, other in pairwise(fills))


def test_links_of_the_way_in_have_the_drawing_s_colours() -> None:
    light = CSS[: CSS.index("prefers-color-scheme: dark")]
    pairs = re.findall(r"a\.level-\d \{ background: (#\w{6}); color: (#\w{6}); \}", light)
    assert pairs == list(zip(layout.FILLS, layout.INKS, strict=True))
    assert dark(r"a\.level-\d \{ background: (#\w{6});") == SCHEMES["dark"][0]


@pytest.mark.parametrize(
    ("numbers", "starts"),
    [
        ([], (1,)),
        ([0, 0], (1,)),
        ([1], (1,)),
        ([3, 1], (1, 2)),
        ([9, 233, 18, 0], (1, 20, 30, 50, 100)),
        ([20, 1460], (1, 50, 100, 300, 500)),
    ],
)
def test_scale_of_places(numbers: list[int], starts: tuple[int, ...]) -> None:
    assert Scale.of_places(numbers).starts == starts


@pytest.mark.parametrize(
    ("numbers", "starts"),
    [([], (1,)), ([2], (1, 2)), ([123], (1, 30, 60, 90, 120)), ([1310], (1, 300, 600, 900, 1200))],
)
def test_scale_of_times(numbers: list[int], starts: tuple[int, ...]) -> None:
    assert Scale.of_times(numbers).starts == starts


def test_levels_begin_where_the_scale_says() -> None:
    scale = Scale((1, 20, 30, 50, 100))
    assert [scale.level(number) for number in (0, 1, 19, 20, 49, 50, 99, 100, 9999)] == [0, 1, 1, 2, 3, 4, 4, 5, 5]


def test_bar_shows_whoever_came() -> None:
    assert [layout.bar(number, 1000) for number in (0, 1, 500, 1000)] == [0.0, 0.01, 0.5, 1.0]


@pytest.fixture
def crowded(november: SimpleNamespace) -> SimpleNamespace:
    """The report of a month with five-digit numbers everywhere."""

    def of(period: Period) -> object:
        report = get_report(november.hall, period)
        return replace(
            report,
            divisions=tuple(replace(figure, visitors=12_345) for figure in report.divisions),
            parts=tuple(replace(part, visitors=12_345) for part in report.parts),
        )

    return SimpleNamespace(of=of)


def inside(box: Box, drawing: Drawing) -> bool:
    return (
        box.x >= 0
        and box.y >= 0
        and box.x + box.width <= drawing.width + 1
        and box.y + box.height <= drawing.height + 1
    )


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("period", [Period.month(2026, 11), Period.year(2026), SINCE_OPENING], ids=str)
def test_every_text_lies_on_its_tile(crowded: SimpleNamespace, language: str, period: Period) -> None:
    with force_locale(language):
        report = crowded.of(period)
        drawings = [layout.tile_map(report), layout.calendar_of(report)]
    for drawing in drawings:
        assert all(inside(mark.box, drawing) for mark in drawing.marks)
        assert not [1 for one, other in combinations(drawing.marks, 2) if overlap(one.box, other.box)]
        for mark in (mark for mark in drawing.marks if mark.title):
            for text in mark.texts:
                width = pdf_font.text_width(text.text, text.size)
                left = text.x - width / 2 if text.anchor == "middle" else text.x
                assert mark.box.x <= left, text
                assert left + width <= mark.box.x + mark.box.width, text
                assert mark.box.y < text.y - 0.7 * text.size, text
                assert text.y < mark.box.y + mark.box.height, text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_map_shows_all_36_with_name_and_number(november: SimpleNamespace, language: str) -> None:
    with force_locale(language):
        report = get_report(november.hall, Period.month(2026, 11))
        drawing = layout.tile_map(report)
    tiles = [mark for mark in drawing.marks if mark.title]
    assert len(tiles) == 36
    assert sum(mark.box.dashed for mark in tiles) == 2
    for mark, division in zip(tiles, DIVISIONS.values(), strict=True):
        written = [text.text for text in mark.texts if text.room != "short"]
        assert " ".join(written[:-1]) == division.name(language)
        assert written[-1].isdigit()


def test_days_to_come_are_left_empty(november: SimpleNamespace) -> None:
    drawing = layout.calendar_of(get_report(november.hall, Period.month(2026, 12)))
    assert [mark.texts[1].text for mark in drawing.marks] == ["7"] + [""] * 30
    assert [mark.texts[0].text for mark in drawing.marks] == [str(day) for day in range(1, 32)]
    assert drawing.marks[0].box.x == layout.PITCH  # 1 December 2026 is a Tuesday
