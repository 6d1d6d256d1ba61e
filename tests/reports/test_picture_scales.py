"""The colours and the scales of the pictures: readable in both schemes and in grey, and with round numbers."""

import re

import pytest

from hallapp.reports.pictures import scale as scales
from hallapp.reports.pictures.scale import Scale, ticks
from hallapp.reports.pictures.shapes import PAINTS
from tests.reports.drawings import CSS, DARK_PAINTS, contrast, luminance

SCHEMES = {"light": PAINTS, "dark": DARK_PAINTS}

# Colours


@pytest.mark.parametrize("scheme", SCHEMES)
def test_steps_are_told_apart_in_grey(scheme: str) -> None:
    """One hue whose lightness only falls (or rises): colour blindness and a grey print take nothing away."""
    paints = SCHEMES[scheme]
    values = [luminance(paints[f"level-{level}"]) for level in range(6)]
    assert values == sorted(values, reverse=scheme == "light")
    assert all(contrast(paints[f"level-{n}"], paints[f"level-{n + 1}"]) >= 1.15 for n in range(5))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_and_bars_stand_out_from_what_they_lie_on(scheme: str) -> None:
    paints = SCHEMES[scheme]
    paper = paints["level-0"]
    assert all(contrast(paints["series"], paints[ground]) >= 3 for ground in ("tint", "band")), scheme
    assert contrast(paints["series"], paper) >= 3
    assert contrast(paints["plain-ink"], paints["series"]) >= 1.5 or scheme == "dark"
    assert contrast(paints["band"], paper) >= 1.15


def test_links_of_the_way_in_have_the_drawing_s_colours() -> None:
    found = re.findall(r"a\.level-(\d) \{ background: (#\w{6}); color: (#\w{6}); \}", CSS)
    for place, (level, fill, ink) in enumerate(found):
        paints = PAINTS if place < 6 else DARK_PAINTS
        assert (fill, ink) == (paints[f"level-{level}"], paints[f"ink-{level}"])
    assert len(found) == 12


# Scales


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
def test_scale_of_people_has_round_limits(numbers: list[int], starts: tuple[int, ...]) -> None:
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
    assert [scales.bar(number, 1000) for number in (0, 1, 500, 1000)] == [0.0, 0.01, 0.5, 1.0]


@pytest.mark.parametrize(
    ("greatest", "found"),
    [
        (0, (0, 1)),
        (1, (0, 1)),
        (7, (0, 2, 4, 6, 8)),
        (1460, (0, 500, 1000, 1500)),
        (9_999_999, (0, 5_000_000, 10_000_000)),
    ],
)
def test_axis_has_round_numbers(greatest: int, found: tuple[int, ...]) -> None:
    assert ticks(greatest) == found
