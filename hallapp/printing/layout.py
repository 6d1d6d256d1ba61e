"""Layout of a line of text: runs of one font in visual order, with their glyphs and widths."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import uharfbuzz
from bidi import algorithm
from reportlab.pdfgen.canvas import Canvas

from hallapp.printing.fonts import FONT, JOINERS, font_of, get_font

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_CONJOINING = re.compile("[\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]")  # Korean letters that form syllables
_LETTERS = "NotoSans"  # the font of Latin, Greek and Cyrillic letters that the first one lacks
# Scripts whose letters are placed next to each other, except marks above them.
_UNSHAPED = (FONT, _LETTERS, "NotoSansKR")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph as a character of its font, and its position, in em from the start of its run."""

    character: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line in one font. `glyphs` is empty where the characters are drawn one after the other."""

    font: str
    text: str
    width: float
    glyphs: tuple[Glyph, ...] = ()


class _Advances(dict[str, float]):
    """The advance width of each character, in em, looked up once: reportlab's own sum is five times slower."""

    def __missing__(self, character: str) -> float:
        face = get_font(FONT).face
        advance = self[character] = face.charWidths.get(ord(character), face.defaultWidth) / 1000
        return float(advance)


_advances = _Advances()


@cache
def _plain() -> frozenset[str]:
    """Return the characters that are drawn in the first font one after the other: all that it has but marks."""
    characters = map(chr, get_font(FONT).characters)
    return frozenset(c for c in characters if unicodedata.category(c)[0] != "M")


def is_plain(text: str) -> bool:
    """Return whether a text is drawn in the first font, one character after the other."""
    return _plain().issuperset(text)


def text_width(text: str, size: float) -> float:
    """Return how wide a text is in points, at a size in points."""
    if is_plain(text):
        return size * sum(map(_advances.__getitem__, text))
    return size * sum(run.width for run in runs_of(text))


def draw(canvas: Canvas, text: str, size: float, *, x: float, y: float, bold: bool = False) -> None:
    """Write one line with its left end at `x` and its base line at `y`; a bold one is stroked with the line width.

    Text that is copied from the file is the typed one, independent of its glyphs. Right-to-left text is the exception:
    programs reverse it themselves.
    """
    mode: Literal[0, 2] = 2 if bold else 0
    if is_plain(text):
        canvas.setFont(FONT, size)
        canvas.drawString(x, y, text, mode=mode)
        return
    is_spanned = not _RIGHT_TO_LEFT.search(text)
    if is_spanned:
        actual = text.encode("utf-16-be").hex().upper()
        canvas.addLiteral(f"/Span <</ActualText <FEFF{actual}>>> BDC")
    for run in runs_of(text):
        canvas.setFont(run.font, size)
        if not run.glyphs:
            canvas.drawString(x, y, run.text, mode=mode)
        for glyph in run.glyphs:
            canvas.drawString(x + glyph.x * size, y + glyph.y * size, glyph.character, mode=mode)
        x += run.width * size
    if is_spanned:
        canvas.addLiteral("EMC")


@lru_cache(maxsize=2048)
def runs_of(text: str) -> tuple[Run, ...]:
    """Return the runs of a line from left to right."""
    return tuple(
        _run(font, part, is_rtl=level % 2 == 1)
        for part, level in _in_order(text)
        for font, part in _by_font(part, level)
    )


def _in_order(text: str) -> list[tuple[str, int]]:
    """Return the parts of one direction, from left to right, each with its level: odd ones are written leftwards."""
    if not _RIGHT_TO_LEFT.search(text):
        return [(text, 0)]
    parts: list[tuple[str, int]] = []
    for character, level in zip(text, _levels(text), strict=True):
        if parts and parts[-1][1] == level:
            parts[-1] = (parts[-1][0] + character, level)
        else:
            parts.append((character, level))
    return _reordered(parts)


def _reordered(parts: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Reverse each sequence of parts at or above each level, from the highest down (UAX 9, rule L2)."""
    for level in range(max(level for _part, level in parts), 0, -1):
        ordered: list[tuple[str, int]] = []
        turned: list[tuple[str, int]] = []
        for part in parts:
            if part[1] >= level:
                turned.insert(0, part)
            else:
                ordered += [*turned, part]
                turned = []
        parts = ordered + turned
    return parts


def _levels(text: str) -> list[int]:
    """Return the level of each character by the Unicode bidirectional algorithm."""
    base = algorithm.get_base_level(text)
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = base, "LR"[base]
    algorithm.get_embedding_levels(text, storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    levels = [character["level"] for character in storage["chars"]]
    return levels if len(levels) == len(text) else [base] * len(text)


def _by_font(text: str, level: int) -> Iterator[tuple[str, str]]:
    """Return the parts of a text that have one font, from left to right."""
    parts: list[tuple[str, str]] = []
    chosen: list[tuple[str, str]] = []
    for cluster in _clusters(text):
        chosen.append((_font_of_cluster(cluster), cluster))
    has_other_letters = any(font == _LETTERS for font, _cluster in chosen)
    for font, cluster in chosen:
        if has_other_letters and font == FONT and _has(_LETTERS, cluster):
            font = _LETTERS  # “Łukasz” is written in one font
        if parts and parts[-1][0] == font:
            parts[-1] = (font, parts[-1][1] + cluster)
        else:
            parts.append((font, cluster))
    return reversed(parts) if level % 2 else iter(parts)


def _clusters(text: str) -> Iterator[str]:
    """Return each character with the marks and joiners on it."""
    cluster = ""
    for character in text:
        if cluster and not (character in JOINERS or unicodedata.category(character)[0] == "M"):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _font_of_cluster(cluster: str) -> str:
    """Return the font that has a character and all its marks."""
    own = font_of(cluster[0]) or FONT
    candidates = (own, _LETTERS, *map(font_of, cluster[1:])) if len(cluster) > 1 else (own,)
    if len(cluster) > 1 and own == FONT:
        candidates = (*candidates[1:], FONT)  # its marks are placed next to their letter
    return next((name for name in candidates if name and _has(name, cluster)), own)


def _has(font: str, cluster: str) -> bool:
    known = get_font(font).characters
    return all(ord(character) in known for character in cluster if character not in JOINERS)


def _run(font: str, text: str, *, is_rtl: bool) -> Run:
    has_marks = any(unicodedata.category(character)[0] == "M" for character in text)
    if font == FONT or (font in _UNSHAPED and not has_marks and not _CONJOINING.search(text)):
        face = get_font(font).face
        shown = "".join(character for character in text if character not in JOINERS)
        if is_rtl:
            shown = "".join(algorithm.MIRRORED.get(character, character) for character in reversed(shown))
        return Run(font, shown, sum(face.charWidths.get(ord(c), face.defaultWidth) for c in shown) / 1000)
    return _shaped(font, text, is_rtl=is_rtl)


def _shaped(name: str, text: str, *, is_rtl: bool) -> Run:
    font = get_font(name)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if is_rtl else "ltr"
    uharfbuzz.shape(font.shaper, buffer)
    starts = sorted({info.cluster for info in buffer.glyph_infos})
    ends = dict(zip(starts, [*starts[1:], len(text)], strict=True))
    glyphs: list[Glyph] = []
    pen = 0.0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        stands_for = text[info.cluster : ends.pop(info.cluster, info.cluster)]
        character = font.glyph(info.codepoint, stands_for)
        glyphs.append(Glyph(character, (pen + position.x_offset) / font.units, position.y_offset / font.units))
        pen += position.x_advance
    return Run(name, text, pen / font.units, tuple(glyphs))
