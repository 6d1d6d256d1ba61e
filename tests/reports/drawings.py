"""What tests look at in a drawing: where its shapes lie, and on what ground each text stands."""

import re
from itertools import combinations

from hallapp.reports.pictures.shapes import PAINTS, Area, Box, Drawing, Text
from hallapp.settings import ROOT

CSS = (ROOT / "static" / "css" / "reports.css").read_text(encoding="utf-8")
_DARK = CSS[CSS.index("prefers-color-scheme: dark") :]
_TOKENS = dict(
    re.findall(
        r"--([a-z-]+): (#\w{6});", (ROOT / "static" / "css" / "base.css").read_text(encoding="utf-8").split("dark)")[1]
    )
)
_WHITE, _DARK_PAPER = "#ffffff", _TOKENS["surface"]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """How well two colours are told apart, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def dark_paint(name: str) -> str:
    """The colour that the stylesheet gives a paint in the dark scheme."""
    found = re.search(rf"\.{name}(?: \{{|\)? \{{)\s*(?:fill|stroke): (#\w{{6}}|var\(--[a-z-]+\))", _DARK)
    assert found, f"reports.css has no dark colour for {name}"
    value = found[1]
    return value if value.startswith("#") else _TOKENS[value.removeprefix("var(--").removesuffix(")")]


DARK_PAINTS = {name: dark_paint(name) for name in PAINTS}


def outside(drawing: Drawing) -> list[object]:
    """Shapes that do not lie on the sheet; an edge may be on its rim."""
    shapes = [shape for mark in drawing.marks for shape in mark.shapes]
    return [
        shape
        for shape in shapes
        if not (
            -1 <= shape.bounds()[0] <= shape.bounds()[2] <= drawing.width + 1
            and -1 <= shape.bounds()[1] <= shape.bounds()[3] <= drawing.height + 1
        )
    ]


def overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    """Pairs of texts of which one is written over the other, where there is room and where there is not."""
    every = [shape for mark in drawing.marks for shape in mark.shapes if isinstance(shape, Text) and shape.text]
    found = []
    for absent in ("short", "long"):
        texts = [(text, text.bounds()) for text in every if text.room != absent]
        found += [(one.text, other.text) for (one, a), (other, b) in combinations(texts, 2) if _meet(a, b)]
    return found


def faint(drawing: Drawing, paints: dict[str, str]) -> list[tuple[str, str, str]]:
    """Texts that do not stand out from the fills below them, with both colours."""
    paper = _WHITE if paints is PAINTS else _DARK_PAPER
    grounds: list[Box | Area] = []
    found = []
    for mark in drawing.marks:
        for shape in mark.shapes:
            if isinstance(shape, Box | Area):
                grounds.append(shape)
            elif isinstance(shape, Text):
                fills = [paper, *(paints[ground.fill] for ground in grounds if _meet(shape.bounds(), ground.bounds()))]
                ground = fills[-1]
                if contrast(paints[shape.paint], ground) < 4.5:
                    found.append((shape.text, paints[shape.paint], ground))
    return found


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
