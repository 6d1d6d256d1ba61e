"""The layout of a sheet: heading of one or two lines, tables side by side, months or places across, title."""

import calendar
import re
import unicodedata
from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from hallapp.history import candidates
from hallapp.history.columns import HistoryColumn, find_heading, guess, key_of
from hallapp.history.place import Place
from hallapp.history.places import read_place
from hallapp.history.problems import PLACE_UNKNOWN
from hallapp.history.totals import is_total
from hallapp.history.units import read_unit
from hallapp.origins.values import APART

JOINT = " · "  # between the two lines of a heading
_LEAST_ACROSS = 2  # columns of places or months: one alone does not make a cross table
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_WHOLE_YEAR = re.compile(r"((?:19|20)\d{2})\s*年?度?")
_YEAR_HEADING = re.compile(
    r"((?:19|20)\d{2})年?度?(?:参观|接待|来访|到馆|入馆|实到|观众|游客|客流)*(?:人数|人次|量)?|(?:visitors|people)?((?:19|20)\d{2})"
)
_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*月")
_YEAR_AND_MONTH = re.compile(r"(?<!\d)(?:19|20)\d{2}[-/._]?(1[0-2]|0?[1-9])(?![\d月])")
_NO_TITLE = re.compile(r"填表|制表|填报|打印|导出|编制|审核|更新|printed|exported|prepared", re.IGNORECASE)
_NUMERALS = {name: number for number, name in enumerate((*"一二三四五六七八九十", "十一", "十二"), 1)} | {"元": 1}
_MONTH_NAMES = {name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTH_HEADING = re.compile(
    r"(?:((?:19|20)\d{2})\s*[年./-]?\s*)?(1[0-2]|0?[1-9]|[元一二三四五六七八九]|十[一二]?)\s*月(?:份)?(?:人数|人次)?"
    r"|((?:19|20)\d{2})[-/.](1[0-2]|0?[1-9])(?:[-/.](?:3[01]|[12]\d|0?[1-9]))?"
    r"|(1[0-2]|0?[1-9])[-/.]((?:19|20)\d{2})"
)
_MONTH_WORD = re.compile(
    r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s*((?:19|20)\d{2})?", re.IGNORECASE
)
_DATE = re.compile(r"\d{4}([-/.])\d{1,2}\1\d{1,2}")
#: A heading that names its unit as single people.
_SAYS_PEOPLE = re.compile(
    r"[(（【\[/]\s*(?:单位\s*[:：]?\s*)?(?:人|人次|名|people|persons)\s*[)）】\]]?$", re.IGNORECASE
)
#: A part of a country or of the world that is not a division itself.
_AREA = re.compile(r"(?:国|境|省|市|海)[内外](?:省市?|地区)?|[本外][省市地]+|外宾|港澳台?胞?")

Texts = Sequence[str]


@dataclass(frozen=True, slots=True)
class Across:
    """A table whose columns are places, months, or years beside a column of months: each cell is a number of people.

    `cells` names them by their column; `total` is the column that adds them up, or None. `left` names further columns
    that may hold people and are not counted.
    """

    kind: Literal["place", "month", "year"]
    cells: dict[int, str]
    total: int | None = None
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hint:
    """A year in a title, a sheet's name or a file's name, and its origin."""

    year: int
    text: str


@dataclass(frozen=True, eq=False)
class Layout:
    """The layout of a sheet; `lines` are the first and last line of its heading, counting non-empty rows."""

    rows: Sequence[Texts]
    lines: tuple[int, int]
    headings: list[str]
    name: str = ""
    filename: str = ""
    blocks: tuple[int, ...] = ()
    across: Across | None = None
    hidden_columns: frozenset[int] = frozenset()
    title: list[str] = field(default_factory=list)

    @property
    def samples(self) -> Sequence[Texts]:
        """Return rows under the heading."""
        return self.rows[self.lines[1] + 1 :]

    @cached_property
    def years(self) -> list[Hint]:
        """Return the years above the table, in the sheet's name and in the file's, the nearest first."""
        found: dict[int, Hint] = {}
        for text in (*self.title, self.name, self.filename):
            if not _NO_TITLE.search(text):
                for year in _YEAR.findall(text):
                    found.setdefault(int(year), Hint(int(year), text))
        return list(found.values())

    @cached_property
    def month(self) -> int | None:
        """Return the one month that the sheet's name or the title names, or None."""
        for text in (self.name, *self.title):
            found = set() if _NO_TITLE.search(text) else set(map(int, _MONTH.findall(text)))
            found |= set() if _NO_TITLE.search(text) else set(map(int, _YEAR_AND_MONTH.findall(text)))
            if len(found) == 1:
                return found.pop()
        return None

    @cached_property
    def period(self) -> tuple[int | None, int | None]:
        """Return the year and the month that are the sheet's whole name, such as 2019年3月; None where it lacks one."""
        if found := month_of_heading(self.name):
            return found
        year = _WHOLE_YEAR.fullmatch(self.name.strip())
        return (int(year[1]) if year else None), None

    def unit_of(self, at: int) -> tuple[int, str]:
        """Return the factor for the numbers of a column, from its heading, the title or a name; 1 without one.

        Columns across with the same unit share the first heading that names it. A column across whose heading names no
        unit may have that of the others, which is a question of its own.
        """
        own = self.headings[at] if 0 <= at < len(self.headings) else ""
        cells = self.across.cells if self.across else {}
        is_people = bool(cells) and _SAYS_PEOPLE.search(own)
        others = [text for one, text in enumerate(self.headings) if cells and one not in cells and not is_people]
        factor = read_unit(own)
        if factor > 1:
            return factor, next((self.headings[one] for one in cells if read_unit(self.headings[one]) == factor), own)
        for text in (*others, *self.title, self.name, self.filename):
            if (factor := read_unit(text)) > 1:
                return factor, text
        units = {read_unit(self.headings[one]): self.headings[one] for one in reversed(cells)}
        units.pop(1, None)
        if len(units) != 1 or is_people:
            return 1, ""
        [(factor, text)] = units.items()
        return factor, f"{own} – {text}" if at in cells else text


def see(
    rows: Sequence[Texts], *, name: str = "", filename: str = "", hidden_columns: frozenset[int] = frozenset()
) -> Layout:
    """See how a sheet is laid out by its first rows with something in them."""
    if not rows:
        return Layout(rows=rows, lines=(0, 0), headings=[], name=name, filename=filename)
    at = _across_row(rows)
    if at is None:
        at = find_heading(rows)
    lines, headings = _heading(rows, at)
    blocks = _side_by_side(headings)
    below = rows[lines[1] + 1 :]
    title = [text for row in rows[: lines[0]] for text in row if text]
    across = None if blocks else _across(headings, below)
    return Layout(rows, lines, headings, name, filename, blocks, across, hidden_columns, title)


def month_of_heading(text: str) -> tuple[int | None, int] | None:
    """Return the year, if given, and the month that a heading names; None for other headings."""
    text = unicodedata.normalize("NFKC", text.replace(JOINT, "")).strip()
    if found := _MONTH_HEADING.fullmatch(text):
        if found[4]:
            return int(found[3]), int(found[4])
        if found[6]:
            return int(found[6]), int(found[5])
        month = _NUMERALS.get(found[2]) or int(found[2])
        return (int(found[1]) if found[1] else None), month
    if found := _MONTH_WORD.fullmatch(text):
        return (int(found[2]) if found[2] else None), _MONTH_NAMES[found[1].casefold()]
    return None


def _heading(rows: Sequence[Texts], at: int) -> tuple[tuple[int, int], list[str]]:
    """Return the lines of the heading around its best line, and their joint text."""
    line = rows[at]
    if at + 1 < len(rows) and _is_second_line(line, rows[at + 1]):
        return (at, at + 1), _joined(line, rows[at + 1])
    if at and _is_first_line(rows[at - 1], line):
        return (at - 1, at), _joined(rows[at - 1], line)
    return (at, at), list(line)


def _is_second_line(line: Texts, below: Texts) -> bool:
    """Return whether a row is the second line of a heading: words only, some below a merged cell."""
    words = [at for at, text in enumerate(below) if text]
    if not words or any(map(_is_figure, below)):
        return False
    spanned = [at for at in words if at > 0 and (at >= len(line) or not line[at]) and any(line[:at])]
    alone = [at for at, text in enumerate(line) if text and (at >= len(below) or not below[at])]
    return bool(spanned) and bool(alone) and not is_total(below[words[0]])


def _is_first_line(above: Texts, line: Texts) -> bool:
    """Return whether a row is the first line of the heading below it."""
    words = [at for at, text in enumerate(above) if text]
    alone = [at for at in words if at >= len(line) or not line[at]]
    return len(words) > 1 and bool(alone) and bool(guess(above)) and not any(map(_is_figure, above))


def _joined(first: Texts, second: Texts) -> list[str]:
    headings, over = [], ""
    for at in range(max(len(first), len(second))):
        one, two = (first[at] if at < len(first) else ""), (second[at] if at < len(second) else "")
        over = one or (over if two else "")
        headings.append(JOINT.join(part for part in (over, two) if part))
    return headings


def _is_figure(text: str) -> bool:
    return bool(re.fullmatch(r"[\d,.\-/:\s年月日]+", text)) and any(c.isdigit() for c in text)


def _side_by_side(headings: Sequence[str]) -> tuple[int, ...]:
    """Return the starts of equal tables side by side; none where there is one table only."""
    keys = [candidates.folded(heading.rpartition(JOINT)[2]) for heading in headings]
    first = next((at for at, key in enumerate(keys) if key), None)
    if first is None:
        return ()
    starts = [at for at, key in enumerate(keys) if key == keys[first]]
    if len(starts) < _LEAST_ACROSS:
        return ()
    ends = [*starts[1:], len(keys)]
    tables = [tuple(_stripped(keys[start:end])) for start, end in zip(starts, ends, strict=True)]
    found = guess(list(tables[0]))
    whole = HistoryColumn.VISITORS in found and (HistoryColumn.DATE in found or HistoryColumn.MONTH in found)
    return tuple(starts) if whole and len(set(tables)) == 1 else ()


def _stripped(keys: list[str]) -> list[str]:
    while keys and not keys[-1]:
        keys.pop()
    return keys


def _across_row(rows: Sequence[Texts]) -> int | None:
    """Return the row that heads a table with places or months across, or None."""
    return next((at for at, row in enumerate(rows[:20]) if _across(_heading(rows, at)[1], rows[at + 1 :])), None)


def _across(headings: Sequence[str], below: Sequence[Texts]) -> Across | None:
    """Return the places or months that head columns of numbers, where there are several."""
    numeric = [at for at in range(1, len(headings)) if headings[at] and _all_numbers(at, below)]
    if len(numeric) < _LEAST_ACROSS:
        return None
    total = next((at for at in numeric if is_total(headings[at]) or is_total(headings[at].rpartition(JOINT)[2])), None)
    if HistoryColumn.MONTH in guess(headings) and (years := _years(headings, numeric)):
        return Across("year", years, total, _left(headings, numeric, {total, *years}))
    months = {at: headings[at] for at in numeric if month_of_heading(headings[at])}
    if len(months) >= _LEAST_ACROSS:
        return Across("month", months, total, _left(headings, numeric, {total, *months}))
    named = {at: place for at in numeric if at != total and (place := _place_of(headings[at]))}
    more = {at: headings[at] for at in numeric if at != total and at not in named and _may_be_place(headings[at])}
    distinct = {place for text in named.values() for place in _places_of(text)}
    columns = sum(_is_of_place(headings[at]) for at in named) + sum(map(_names_area, more.values()))
    if not named or max(len(distinct), columns) < _LEAST_ACROSS:
        return None
    left = _left(headings, numeric, {total, *named, *more})
    return Across("place", dict(sorted((named | more).items())), total, left)


def _years(headings: Sequence[str], numeric: Sequence[int]) -> dict[int, str]:
    """Return the columns with the people of one year each, where there are several: 2018年人数, 2019年人数."""
    found = {at: year for at in numeric if (year := _YEAR_HEADING.fullmatch(key_of(headings[at])))}
    years = {at: f"{year[1]}年" for at, year in found.items()}
    return years if _LEAST_ACROSS <= len(years) == len(set(years.values())) else {}


def _is_of_place(heading: str) -> bool:
    """Return whether a heading names a place in words: a number may be its code, or a figure of the first row."""
    return not _is_figure(heading) and bool(_place_of(heading))


def _names_area(heading: str) -> bool:
    """Return whether a heading is of places, though of no single division: 省外, 国外 or 其他."""
    found = read_place(heading)
    return isinstance(found, Place) or found.code != PLACE_UNKNOWN.code


def people_of_places(headings: Sequence[str], below: Sequence[Texts]) -> list[int]:
    """Return the columns of numbers that a place heads, such as 广东 beside a total."""
    return [at for at in range(1, len(headings)) if _is_of_place(headings[at]) and _all_numbers(at, below)]


def _left(headings: Sequence[str], numeric: Sequence[int], taken: Set[int | None]) -> tuple[str, ...]:
    """Return the headings of columns that may hold people and are not read: no totals, comparisons or groups."""
    rest = [headings[at] for at in numeric if at not in taken and not is_total(headings[at])]
    found = {one: candidates.find_people([one], [["1"]], frozenset()) for one in rest}
    return tuple(one for one in rest if found[one] and found[one][0].why in ("plain", "arrived", "part", "staff"))


def _place_of(heading: str) -> str:
    """Return the part of a heading that names a place; empty if another part shows that the column holds no people."""
    parts = heading.split(JOINT)
    if any(re.search(r"批|团数|组数|场|groups", part) for part in parts):
        return ""
    return next((part for part in parts if any(one.division not in APART for one in _places_of(part))), "")


def _places_of(text: str) -> list[Place]:
    """Return the place, or the places, that a heading may mean."""
    found = read_place(text)
    return [found] if isinstance(found, Place) else [reading.value for reading in found.readings]


def _may_be_place(heading: str) -> bool:
    """Return whether a column between places may be an unknown place: its meaning is asked."""
    if _AREA.fullmatch(candidates.folded(heading.rpartition(JOINT)[2])):
        return True
    return not guess([heading]) and not candidates.find_people([heading], [["1"]], frozenset())


def _all_numbers(at: int, below: Sequence[Texts]) -> bool:
    cells = [row[at] for row in below[:40] if at < len(row) and row[at]]
    return (
        bool(cells)
        and not any(map(_DATE.fullmatch, cells))
        and all(re.fullmatch(r"[-—–/\d,.，\s]+(人次|人)?|=.*|#CALC!", cell) for cell in cells)
    )
