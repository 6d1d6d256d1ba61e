"""From rows of cells to people: which row is the heading, which columns are wanted, what is no person, and why."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hallapp.core.errors import N_
from hallapp.namelist import errors, names, uploads
from hallapp.namelist.models import Column
from hallapp.namelist.names import Problem
from hallapp.namelist.uploads import Sheet

_HEADING_WITHIN = 20  # rows in which something stands
_LONGEST_HEADING = 60  # characters: what is longer heads nothing


def _set(*words: str) -> frozenset[str]:
    return frozenset(word for line in words for word in line.split())


_NAME_WORDS = _set("姓名 名字 名称 人员 中文姓名 参观人员 参观者 来访人员 名单 name names fullname")
_NAME_ENDS = ("姓名", "的名字", "visitorname", "guestname", "studentname", "participantname", "fullname")
_FAMILY_WORDS = _set("姓 姓氏 lastname surname familyname")
_GIVEN_WORDS = _set("名 firstname givenname forename")
_SERIAL_WORDS = _set("序号 序 编号 号 no number # nr id index 行号")
_WORDS: dict[Column, frozenset[str]] = {
    Column.PLACE: _set(
        "地区 来源地 省份 省 省市 城市 籍贯 所在地 所在地区 所在省份 来自 place city province region from"
    ),
    Column.PHONE: _set(
        "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 联系手机",
        "phone mobile tel telephone phonenumber mobilephone",
    ),
    Column.AGE_GROUP: _set("年龄 年龄段 年龄组 岁数 age agegroup"),
    Column.NOTE: _set("备注 说明 附注 note notes remark remarks comment"),
}
_TOTAL = re.compile(
    r"(合计|总计|共计|小计|总人数|人数合计|total|sum)\b.*|(合计|总计|共计|小计|总人数).*|共\d+(人|名|位).*", re.I
)
_REMARK = re.compile(
    r"(注|备注|说明|填表|填报|制表|审核|单位|联系人|领队|日期|电话|联系电话|note|remark)[^:：]{0,6}[:：].*", re.I
)
_TITLE = re.compile(r".*(名单|名册|一览表|人员表|登记表|信息表|报名表|预约表|list)(\W.*)?", re.I)
_SERIAL = re.compile(r"[\d.、()（）#]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A person as understood: the row's number in the file, and what is wrong with single cells, by their column.

    The name's problem has the key None. `same_as` is the number of an earlier row with the same name.
    """

    number: int
    name: str
    extras: dict[Column, str]
    problems: dict[Column | None, Problem]
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class Ignored:
    """Rows that are no people, and why: `why` is a message id."""

    numbers: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What a file was understood to say.

    `columns` are the headings that were read, with what they were taken for (None: the name); `unread` are those that
    the hall does not ask for, which are kept nowhere. `sheet` was read, `other_sheets` were not.
    """

    rows: tuple[Row, ...]
    ignored: tuple[Ignored, ...] = ()
    columns: tuple[tuple[str, Column | None], ...] = ()
    unread: tuple[str, ...] = ()
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    """The columns of one list on a sheet; two lists may stand side by side. `names` are two for family and given."""

    names: tuple[int, ...]
    extras: dict[Column, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a sheet's list stands: under the row with this index, or from the first one on where it is -1."""

    heading: int
    blocks: tuple[_Block, ...]


def understand_file(
    content: bytes, *, filename: str = "", wanted: Sequence[Column] = (), labels: Iterable[str] = ()
) -> Understood:
    """Read the people of a file: names, and the columns that the hall wants; `labels` are those of its own column.

    Raises:
        FileRefused: in one of its kinds, where there is nothing to show.
    """
    found = uploads.read(content, filename)
    words = _words(wanted, labels)
    sheet = next((one for one in found if _find_heading(one, words)), found[0])
    return _understand(sheet, words, others=tuple(one.name for one in found if one is not sheet))


def understand_text(text: str, *, wanted: Sequence[Column] = (), labels: Iterable[str] = ()) -> Understood:
    """Read people from what was typed or pasted: a name a line, several with marks between them, or a table.

    Raises:
        FileRefused: as for a file.
    """
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if "、" in text or ("\t" not in text and len(text.strip().splitlines()) == 1):
        text = re.sub(r"[、，,；;]", "\n", text)
    sheet = uploads.read_text(text)
    if not sheet.rows:
        raise errors.NothingSent
    return _understand(sheet, _words(wanted, labels), others=())


def _words(wanted: Sequence[Column], labels: Iterable[str]) -> dict[str, Column]:
    """The headings of the wanted columns, as headings are compared."""
    words = {word: column for column in wanted for word in _WORDS.get(column, ())}
    if Column.FREE in wanted:
        words |= {heading_of(label): Column.FREE for label in labels if label}
    return words


def heading_of(cell: str) -> str:
    """A heading as headings are compared: without widths, cases, blanks, marks, and what stands in brackets."""
    text = unicodedata.normalize("NFKC", cell[:_LONGEST_HEADING]).casefold()
    text = re.sub(r"\(.*?\)|\[.*?\]|（.*?）", "", text)
    return re.sub(r"[\s*:_/、.\-]", "", text)


def is_known_heading(label: str) -> bool:
    """Whether a hall's own column of this name would be taken for another one."""
    heading = heading_of(label)
    taken = (_NAME_WORDS, _FAMILY_WORDS, _GIVEN_WORDS, _SERIAL_WORDS, *_WORDS.values())
    return heading.endswith(_NAME_ENDS) or any(heading in words for words in taken)


def _understand(sheet: Sheet, words: dict[str, Column], *, others: tuple[str, ...]) -> Understood:
    layout = _find_heading(sheet, words) or _without_heading(sheet)
    heading = sheet.rows[layout.heading][1] if layout.heading >= 0 else []
    left_out: dict[str, list[int]] = {}
    body = list(_people_rows(sheet, layout, left_out))
    rows = [row for block in layout.blocks for row in _people(sheet, body, block)]
    if not rows:
        raise errors.NoNames
    if len(rows) > uploads.ROWS_MOST:
        raise errors.TooManyRows(most=uploads.ROWS_MOST)
    shown = [(_shown(heading[at]), column) for at, column in _columns(layout)] if heading else []
    used = {at for at, _column in _columns(layout)}
    unread = [_shown(cell) for at, cell in enumerate(heading) if at not in used and _is_unread(cell)]
    return Understood(
        rows=tuple(_mark_same(rows)),
        ignored=tuple(Ignored(tuple(numbers), why) for why, numbers in left_out.items()),
        columns=tuple(dict.fromkeys(shown)),
        unread=tuple(dict.fromkeys(unread)),
        sheet=sheet.name,
        other_sheets=others,
    )


def _shown(heading: str) -> str:
    text = names.tidy_text(heading)
    return text if len(text) <= _LONGEST_HEADING else f"{text[:_LONGEST_HEADING]}…"


def _columns(layout: _Layout) -> Iterator[tuple[int, Column | None]]:
    for block in layout.blocks:
        yield from ((at, None) for at in block.names)
        yield from ((at, column) for column, at in block.extras.items())


def _is_unread(cell: str) -> bool:
    return bool(cell.strip()) and heading_of(cell) not in _SERIAL_WORDS


def _find_heading(sheet: Sheet, words: dict[str, Column]) -> _Layout | None:
    for index, (_number, row) in enumerate(sheet.rows[:_HEADING_WITHIN]):
        cells = [heading_of(cell) for cell in row]
        if blocks := _blocks(cells, words):
            return _Layout(index, blocks)
    return None


def _blocks(cells: list[str], words: dict[str, Column]) -> tuple[_Block, ...]:
    """The lists that a row heads; none where it is no heading. A title such as 名单 alone in its row heads nothing."""
    at = [index for index, cell in enumerate(cells) if cell in _NAME_WORDS or cell.endswith(_NAME_ENDS)]
    family = next((index for index, cell in enumerate(cells) if cell in _FAMILY_WORDS), None)
    given = next((index for index, cell in enumerate(cells) if cell in _GIVEN_WORDS), None)
    if family is not None and given is not None:
        return (_Block((family, given), _extras(cells, words, 0, len(cells))),)
    sure = [index for index in at if "姓名" in cells[index] or "name" in cells[index]]
    filled = sum(map(bool, cells))
    at = sure or [index for index in at if cells[index] != "名单" or filled > 1][:1]
    starts = [0, *at[1:]]
    ends = [*at[1:], len(cells)]
    return tuple(_Block((name,), _extras(cells, words, a, b)) for name, a, b in zip(at, starts, ends, strict=False))


def _extras(cells: list[str], words: dict[str, Column], start: int, end: int) -> dict[Column, int]:
    found: dict[Column, int] = {}
    for index in range(start, end):
        if (column := words.get(cells[index])) is not None:
            found.setdefault(column, index)
    return found


def _without_heading(sheet: Sheet) -> _Layout:
    """The first column of which most cells are names; the very first one where none is."""
    width = max(len(row) for _number, row in sheet.rows)
    for index in range(width):
        cells = [row[index] for _number, row in sheet.rows if len(row) > index and row[index].strip()]
        good = sum(names.find_name_problem(names.tidy_name(cell)) is None for cell in cells)
        if cells and good * 2 > len(cells) and len(cells) * 2 >= len(sheet.rows):
            return _Layout(-1, (_Block((index,)),))
    return _Layout(-1, (_Block((0,)),))


def _people_rows(sheet: Sheet, layout: _Layout, left_out: dict[str, list[int]]) -> Iterator[tuple[int, list[str]]]:
    """The rows that may hold people; what is none goes into `left_out`, by its reason."""
    heading = sheet.rows[layout.heading][1] if layout.heading >= 0 else None
    last = 0
    for index, (number, row) in enumerate(sheet.rows):
        blank = range(last + 1, number) if last else ()
        left_out.setdefault(N_("nothing stands there"), []).extend(blank)
        last = number
        why = _reason(sheet, layout, index, row, heading)
        if why:
            left_out.setdefault(why, []).append(number)
        else:
            yield number, row
    for why in [why for why, numbers in left_out.items() if not numbers]:
        del left_out[why]


def _reason(sheet: Sheet, layout: _Layout, index: int, row: list[str], heading: list[str] | None) -> str | None:
    """Why a row is no person, as a message id, or None."""
    if index < layout.heading:
        return N_("above the heading")
    if index == layout.heading:
        return N_("the heading")
    if heading is not None and row == heading:
        return N_("the heading once more")
    filled = [cell.strip() for cell in row if cell.strip()]
    first = filled[0]
    if _TOTAL.fullmatch(first) or (len(filled) > 1 and _SERIAL.fullmatch(first) and _TOTAL.fullmatch(filled[1])):
        return N_("a total")
    if _REMARK.fullmatch(first):
        return N_("a remark")
    if heading is None and index < _HEADING_WITHIN and len(filled) == 1 and _TITLE.fullmatch(first[:_LONGEST_HEADING]):
        return N_("a title")
    at = [at for at, _column in _columns(layout)]
    if not any(row[place].strip() for place in at if place < len(row)):
        return N_("no name stands there")
    return None


def _people(sheet: Sheet, body: list[tuple[int, list[str]]], block: _Block) -> Iterator[Row]:
    places = (*block.names, *block.extras.values())
    for number, row in body:
        if any(at < len(row) and row[at] for at in block.names):
            row = sheet.fill(number, row, block.extras.values())
        if any(at < len(row) and row[at].strip() for at in places):
            yield _person(number, row, block)


def _person(number: int, row: list[str], block: _Block) -> Row:
    written = [row[at] if at < len(row) else "" for at in block.names]
    name = _join(written) if len(written) > 1 else names.tidy_name(written[0])
    extras = {column: names.tidy_text(row[at] if at < len(row) else "") for column, at in block.extras.items()}
    problems: dict[Column | None, Problem] = {}
    if problem := names.find_several(written[0]) or names.find_name_problem(name):
        problems[None] = problem
    for column, text in extras.items():
        if problem := names.find_extra_problem(column, text):
            problems[column] = problem
    return Row(number, name, extras, problems)


def _join(written: list[str]) -> str:
    """Family and given name as the language of the name has them."""
    family, given = (names.tidy_name(text) for text in written)
    return names.tidy_name(f"{given} {family}" if (family + given).isascii() else f"{family}{given}")


def _mark_same(rows: list[Row]) -> Iterator[Row]:
    first: dict[str, int] = {}
    for row in rows:
        earlier = first.setdefault(row.name.casefold(), row.number) if row.name else row.number
        same = earlier if row.name and earlier != row.number else None
        yield Row(row.number, row.name, row.extras, row.problems, same)
