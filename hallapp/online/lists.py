"""The list of participants that a platform exports: its rows become people and minutes by place of origin.

Whatever can be read in two ways is refused with a question, which the person who imports the list answers by a choice.
"""

import hashlib
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hallapp.namelist import marks
from hallapp.online import errors
from hallapp.origins.values import UNKNOWN, OriginSet
from hallapp.sheets.files import Bounds, Merge, SheetFile, SheetRow, open_file
from hallapp.sheets.model import Merges

FILE_BYTES_MOST = 5 * 1024 * 1024
ROWS_MOST = 50_000
_HEADING_WITHIN = 20  # rows
_BOUNDS = Bounds(unpacked=64 * 1024 * 1024, tags=3_000_000, memory=768 * 1024 * 1024, seconds=30)
_MINUTES_MOST = 24 * 60

_PERSON = (
    "昵称 用户昵称 姓名 参会者 参会者名称 成员 用户 用户名 用户id"
    " name participant user username nickname displayname userid"
)
_MINUTES = (
    "时长 参会时长 入会时长 累计参会时长 累计时长 总时长 停留时长 观看时长 在线时长"
    " duration minutes totalduration inmeetingduration attendanceduration timeinsession watchtime"
)
_PLACE = "地区 省份 省 地域 归属地 ip归属地 来源地 region province location place"
_SUMS = frozenset({"合计", "总计", "小计", "共计", "total", "grandtotal"})
_AVERAGES = frozenset({"平均", "平均时长", "人均", "人均时长", "average", "averageduration"})
_UNIT = re.compile(r"分钟|(?<![得评积均])分(?![数值秒])|min")
_OTHER_UNITS = re.compile(r"秒|小时|seconds?|secs?\b|hours?|hrs?\b|:")
#: A number below 1 with so many digits is the part of a day by which spreadsheets store a time.
_PART_OF_A_DAY = re.compile(r"0\.\d{3,}")
_DASHES = "-–—－/ "
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)")
_WORDS = re.compile(r"(?:(\d{1,2})(?:小时|时|hr|h))?(?:(\d{1,4})(?:分钟|分|min|m))?(?:(\d{1,2})(?:秒|sec|s))?")


class Repeats(StrEnum):
    """The meaning of several rows with the same name."""

    ONE = "one"  # one person, who has joined again
    SEVERAL = "several"  # different people


class Blanks(StrEnum):
    """The meaning of rows without minutes in a list that has minutes."""

    ABSENT = "absent"  # registered, and did not come: left out
    PRESENT = "present"  # came, for a time that the platform does not know: counted without minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The answers to the questions of a list; an empty one is an answer that was not given.

    `person`, `minutes` and `place` are headings of columns. With `unknown` places that are not known count as not
    stated. With `without_minutes` a list that says nothing of minutes counts people only.
    """

    person: str = ""
    minutes: str = ""
    place: str = ""
    repeats: Repeats | None = None
    blanks: Blanks | None = None
    unknown: bool = False
    without_minutes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantList:
    """People and their minutes by place of origin; `digest` names the content of the file."""

    people: Mapping[str, int]
    minutes: Mapping[str, int]
    digest: str


def read(path: Path, filename: str, origins: OriginSet, choices: Choices) -> ParticipantList:
    """Read a file.

    Raises:
        FileRefused: the file cannot be read. ListUnclear, in one of its kinds: a choice is missing.
    """
    with open_file(path, filename, _BOUNDS) as opened:
        sheets = [(found, sheet.merges) for sheet in opened.sheets if (found := _rows(sheet))]
    if len(sheets) != 1:
        raise errors.SheetsUnclear if sheets else errors.ListEmpty
    people, minutes = _count(*sheets[0], origins, choices)
    return ParticipantList(people=people, minutes=minutes, digest=hashlib.sha256(path.read_bytes()).hexdigest())


def _rows(sheet: SheetFile) -> list[SheetRow]:
    found: list[SheetRow] = []
    for row in sheet.rows():
        row.cells = [str(cell).strip() for cell in row.cells]
        if any(row.cells):
            found.append(row)
        if len(found) > ROWS_MOST:
            raise errors.ListTooLong(most=ROWS_MOST)
    return found


def _count(
    rows: Sequence[SheetRow], merges: Sequence[Merge], origins: OriginSet, choices: Choices
) -> tuple[Counter[str], Counter[str]]:
    at, heading = _find_heading([_texts(row) for row in rows[:_HEADING_WITHIN]], choices)
    person = _find_column(heading, _PERSON, choices.person, "person")
    minutes = _find_column(heading, _MINUTES, choices.minutes, "minutes")
    place = _find_column(heading, _PLACE, choices.place, "place")
    if person is None:
        raise errors.ColumnUnclear("person", heading)
    if place is None and not choices.unknown:
        raise errors.PlacesUnknown([])
    _fill(rows, merges, (person, place))
    body = [row for row in rows[at + 1 :] if _texts(row) != heading]
    hidden = [row.number for row in body if row.hidden or row.struck]
    if hidden:
        raise errors.RowsHidden(len(hidden), hidden[0])
    for row in body:
        _refuse_no_person(row, person, minutes, place)
    named: Sequence[list[str]] = [texts for row in body if _cell(texts := _texts(row), person)]
    if not named:
        raise errors.ListEmpty
    if minutes is None and not choices.without_minutes:
        raise errors.MinutesMissing(heading)
    if minutes is not None:
        named = _leave_out_absent(named, person, minutes, choices)
    places = _read_places({_cell(row, place) for row in named}, origins, choices)
    people, watched = Counter[str](), Counter[str]()
    for same in _people(named, person, choices).values():
        found = {places[text] for row in same if (text := _cell(row, place))} - {UNKNOWN}
        if len(found) > 1:
            raise errors.PersonUnclear(_cell(same[0], person))
        division = found.pop() if found else UNKNOWN
        people[division] += 1
        unit = minutes is not None and _is_in_minutes(heading[minutes])
        watched[division] += sum(_minutes_of(_cell(row, minutes), unit=unit) for row in same)
    return people, watched


def _texts(row: SheetRow) -> list[str]:
    return [str(cell) for cell in row.cells]


def _fill(rows: Sequence[SheetRow], merges: Sequence[Merge], columns: Iterable[int | None]) -> None:
    """Fill merged names and places into each of their rows; merged minutes would be counted several times."""
    merged = Merges(merges, frozenset(column for column in columns if column is not None))
    for row in rows:
        merged.fill(row)


def _refuse_no_person(row: SheetRow, person: int, minutes: int | None, place: int | None) -> None:
    """Refuse a row that would count as a person, or be left out, without being clearly either."""
    texts = _texts(row)
    name, beside = _cell(texts, person), [text for at in (minutes, place) if (text := _cell(texts, at))]
    if not name and beside:
        raise errors.NameMissing(row.number, " · ".join(beside))
    label = marks.find_label(name)
    if (
        _plain(name).rstrip(":") in _SUMS | _AVERAGES
        or (not _cell(texts, place) and marks.is_total([name]))
        or (not beside and label and label.kind in (marks.Kind.FACT, marks.Kind.OFFICE))
    ):
        raise errors.SumInList(name)


def _is_in_minutes(heading: str) -> bool:
    """Return whether a heading says that its numbers are minutes, and names no other unit."""
    text = unicodedata.normalize("NFKC", heading).casefold()
    return bool(_UNIT.search(text)) and not _OTHER_UNITS.search(text)


def _find_heading(rows: Sequence[list[str]], choices: Choices) -> tuple[int, list[str]]:
    wanted = {_plain(choices.person)} if choices.person else set(_PERSON.split())
    for at, row in enumerate(rows):
        if any(_plain(cell) in wanted for cell in row):
            return at, row
    raise errors.ColumnUnclear("person", rows[0])


def _find_column(heading: Sequence[str], words: str, chosen: str, what: str) -> int | None:
    """Return the place of a column; None where there is none. Raises ColumnUnclear where there are several."""
    wanted = {_plain(chosen)} if chosen else set(words.split())
    found = [at for at, cell in enumerate(heading) if _plain(cell) in wanted]
    if len(found) > 1 or (chosen and not found):
        raise errors.ColumnUnclear(what, [heading[at] for at in found] or heading)
    return found[0] if found else None


def _plain(text: str) -> str:
    """Return a heading without spaces, and without text in brackets of any width, such as a unit."""
    text = re.sub(r"\(.*?\)", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"[\s_\-·]", "", text).lower()


def _cell(row: Sequence[str], at: int | None) -> str:
    return row[at] if at is not None and at < len(row) else ""


def _people(rows: Sequence[list[str]], person: int, choices: Choices) -> dict[object, list[list[str]]]:
    """Return the rows of each person. Raises RepeatsUnclear."""
    together: dict[object, list[list[str]]] = defaultdict(list)
    for at, row in enumerate(rows):
        name = " ".join(_cell(row, person).split()).casefold()
        together[(name, at) if choices.repeats is Repeats.SEVERAL else name].append(row)
    repeated = [same for same in together.values() if len(same) > 1]
    if repeated and choices.repeats is None:
        raise errors.RepeatsUnclear(_cell(repeated[0][0], person), len(repeated))
    return together


def _leave_out_absent(rows: Sequence[list[str]], person: int, minutes: int, choices: Choices) -> Sequence[list[str]]:
    """Return the rows of people who took part. Raises BlanksUnclear, ListEmpty."""
    timed = [row for row in rows if not _is_blank(_cell(row, minutes))]
    if len(timed) == len(rows) or choices.blanks is Blanks.PRESENT:
        return rows
    if choices.blanks is None:
        blank = next(row for row in rows if _is_blank(_cell(row, minutes)))
        raise errors.BlanksUnclear(_cell(blank, person), len(rows) - len(timed))
    if not timed:
        raise errors.ListEmpty
    return timed


def _is_blank(text: str) -> bool:
    return not text.strip(_DASHES)


def _read_places(texts: set[str], origins: OriginSet, choices: Choices) -> dict[str, str]:
    found = {text: origins.find(text) for text in texts if text}
    unknown = sorted(text for text, code in found.items() if code is None)
    if unknown and not choices.unknown:
        raise errors.PlacesUnknown(unknown)
    return {text: code or UNKNOWN for text, code in found.items()}


def _minutes_of(text: str, *, unit: bool) -> int:
    """Return the minutes of a cell: as hours, minutes and seconds, or as a number under a heading with a unit.

    Raises MinutesUnclear, TimeAsNumber.
    """
    if _is_blank(text):
        return 0
    text = unicodedata.normalize("NFKC", text).replace(" ", "").lower()
    found = _CLOCK.fullmatch(text) or _WORDS.fullmatch(text)
    if _PART_OF_A_DAY.fullmatch(text):
        raise errors.TimeAsNumber(text)
    if found:
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        total = 60 * hours + minutes + (seconds >= 30)
    elif unit and re.fullmatch(r"\d{1,4}(\.\d+)?", text):
        total = math.floor(float(text) + 0.5)  # half a minute is rounded up, as in 00:12:30
    else:
        raise errors.MinutesUnclear(text)
    if total > _MINUTES_MOST:
        raise errors.MinutesUnclear(text)
    return total
