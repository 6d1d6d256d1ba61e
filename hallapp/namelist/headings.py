"""The meaning of a column's heading: a name, a part of a name, or other information."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from hallapp.core.errors import N_
from hallapp.namelist.models import ListColumn

LONGEST = 60  # characters: a longer cell is not a heading


class NamePart(StrEnum):
    """The part of a name that a column holds."""

    NAME = "name"
    FAMILY = "family"
    GIVEN = "given"
    MIDDLE = "middle"
    SOMEBODY_ELSE = "somebody_else"  # the name of a parent or of a leader, or the same person's name in another script


#: The names of the columns of names, as message ids.
PART_NAMES: dict[NamePart, str] = {
    NamePart.NAME: N_("Full name"),
    NamePart.FAMILY: N_("Family name"),
    NamePart.GIVEN: N_("Given name"),
    NamePart.MIDDLE: N_("Middle name"),
    NamePart.SOMEBODY_ELSE: N_("Another person"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """The columns of one list on a sheet; a sheet may have two lists side by side.

    `names` are the columns of a person's name by their part, `extras` those that the hall collects, and `others` the
    columns of names that are not read as visitors.
    """

    names: dict[NamePart, int]
    extras: dict[ListColumn, int] = field(default_factory=dict)
    others: tuple[int, ...] = ()


def _set(*words: str) -> frozenset[str]:
    return frozenset(word for line in words for word in line.split())


_NAME = _set(
    "姓名 名字 名称 人员 人员姓名 中文姓名 中文名 参观人员 参观人 参观者 来访人员 来访者 访客 观众 名单",
    "学生 学员 成员 队员 团员",
    "name fullname chinesename visitor guest participant attendee student pupil member passenger person nameinfull",
    "completename nameaspassport nameonpassport nameasinpassport",
)
_NAME_ENDS = (
    *("姓名", "的名字", "fullname", "visitorname", "guestname", "studentname", "participantname", "attendeename"),
    *("pupilname", "membername", "passengername", "delegatename", "employeename", "staffname"),
)
_NAME_OF = re.compile(
    r"(full)?nameof(the)?(visitor|guest|participant|attendee|student|pupil|member|passenger|delegate|person)"
)
_PLURAL = re.compile(
    r"[a-z]*(name|visitor|guest|participant|attendee|student|pupil|member|passenger|delegate|person|initial)s"
)
_PARTS: dict[NamePart, frozenset[str]] = {
    NamePart.FAMILY: _set("姓 姓氏 lastname surname familyname secondname"),
    NamePart.GIVEN: _set("名 firstname givenname forename christianname personalname"),
    NamePart.MIDDLE: _set("中间名 middlename middleinitial othername middle"),
}
# “名字” beside “姓”, and “Name” beside “Surname”, are given names.
_GIVEN_BESIDE_FAMILY = _set("名字 name")
_SOMEBODY_ELSE = re.compile(
    r"家长|父母|父亲|母亲|爸爸|妈妈|监护|紧急|应急|联系人|联络人|领队|带队|陪同|陪护|随行|负责人|班主任|教师|老师|讲解员|导游"
    r"|司机|填表|经办|审核|推荐|介绍人|英文|拼音|外文|曾用|昵称|别名|网名"
    r"|parent|guardian|mother|father|emergency|contact|leader|teacher|escort|chaperon|accompan|companion|kin\b|spouse"
    r"|driver|guide|english|pinyin|latin|romani[sz]ed|nick|preferred|maiden|former|alias|approv|referr"
)
_SERIAL = _set("序号 序 编号 号 号码 学号 工号 no number # nr id index 行号 sn serialno serialnumber")
_EXTRAS: dict[ListColumn, frozenset[str]] = {
    ListColumn.PLACE: _set(
        "地区 来源地 省份 省 省市 城市 籍贯 所在地 所在地区 所在省份 来自 place city province region from"
    ),
    ListColumn.PHONE: _set(
        "电话 手机 手机号 手机号码 电话号码 联系电话 联系方式 联系手机",
        "phone mobile tel telephone phonenumber mobilephone",
    ),
    ListColumn.AGE_GROUP: _set("年龄 年龄段 年龄组 岁数 age agegroup"),
    ListColumn.NOTE: _set("备注 说明 附注 note notes remark remarks comment"),
}


def key_of(cell: str) -> str:
    """Return a heading as headings are compared: without width, case, blanks, marks, brackets and English plural."""
    text = unicodedata.normalize("NFKC", cell[:LONGEST]).casefold()
    text = re.sub(r"\(.*?\)|\[.*?\]|（.*?）", "", text)
    text = re.sub(r"[\s*:_/|、.\-'’`]", "", text)
    return (
        text[:-1]
        if re.fullmatch(
            r"[a-z]{3,}(name|guest|visitor|student|pupil|member|attendee|person|participant|initial)s|names", text
        )
        else text
    )


def is_known(label: str) -> bool:
    """Return whether a hall's own column of this name would be taken for another one."""
    key = key_of(label)
    return part_of(label) is not None or key in _SERIAL or any(key in words for words in _EXTRAS.values())


def is_serial(cell: str) -> bool:
    """Return whether a column numbers the rows."""
    return key_of(cell) in _SERIAL


def words_of(wanted: Sequence[ListColumn], labels: Iterable[str]) -> dict[str, ListColumn]:
    """Return the keys of the headings of the wanted columns; `labels` are those of the hall's own column."""
    words = {word: column for column in wanted for word in _EXTRAS.get(column, ())}
    if ListColumn.FREE in wanted:
        words |= {key_of(label): ListColumn.FREE for label in labels if label}
    return words


def part_of(cell: str) -> NamePart | None:
    """Return the part of a name that a heading announces, and whose name it is; None for any other heading.

    A heading in two languages, such as “姓/Surname”, must mean the same in both.
    """
    parts = {_part_of_key(key) for key in _spellings(cell)}
    part = parts.pop() if len(parts) == 1 else None
    if part is NamePart.NAME and _SOMEBODY_ELSE.search(unicodedata.normalize("NFKC", cell).casefold()):
        return NamePart.SOMEBODY_ELSE
    return part


def _spellings(cell: str) -> list[str]:
    """Return the keys of a heading: one, or one for each language."""
    key = key_of(cell)
    if _part_of_key(key):
        return [key]
    outside = re.sub(r"\(.*?\)|\[.*?\]|（.*?）", "", cell[:LONGEST])
    latin = key_of(re.sub(r"[^\x00-\u024f]", " ", outside))
    other = re.sub(r"[a-z]+", "", key)
    return [one for one in (latin, other) if one]


def _part_of_key(key: str) -> NamePart | None:
    for part, words in _PARTS.items():
        if key in words:
            return part
    if key in _NAME or key.endswith(_NAME_ENDS) or _NAME_OF.fullmatch(key):
        return NamePart.NAME
    return NamePart.NAME if key.endswith("name") and _SOMEBODY_ELSE.search(key) else None


def blocks_of(row: Sequence[str], words: dict[str, ListColumn]) -> tuple[Block, ...]:
    """Return the lists below a heading row; none for a row that is no heading.

    A title such as 名单 alone in its row is no heading. Lists are side by side where a heading is repeated.
    """
    parts = [part_of(cell) if cell.strip() else None for cell in row]
    starts = _starts(row, parts)
    ends = [*starts[1:], len(row)][: len(starts)]
    blocks = (_block(row, parts, words, start, end) for start, end in zip(starts, ends, strict=True))
    return tuple(block for block in blocks if block)


def _starts(row: Sequence[str], parts: Sequence[NamePart | None]) -> list[int]:
    """Return where each list begins: at the left edge, and wherever its first heading of a name returns."""
    named = [index for index, part in enumerate(parts) if part not in (None, NamePart.SOMEBODY_ELSE)]
    if not named:
        named = [index for index, part in enumerate(parts) if part]
    if not named or (sum(bool(cell.strip()) for cell in row) == 1 and key_of(row[named[0]]) == "名单"):
        return []
    first = key_of(row[named[0]])
    return [0, *(index for index in named[1:] if key_of(row[index]) == first)]


def _block(
    row: Sequence[str], parts: Sequence[NamePart | None], words: dict[str, ListColumn], start: int, end: int
) -> Block | None:
    at: dict[NamePart, list[int]] = {}
    for index in range(start, end):
        if part := parts[index]:
            at.setdefault(part, []).append(index)
    names = _names(row, at)
    if not names:
        return None
    used = set(names.values())
    others = tuple(index for index in range(start, end) if parts[index] and index not in used)
    extras: dict[ListColumn, int] = {}
    for index in range(start, end):
        if (column := words.get(key_of(row[index]))) is not None and index not in used:
            extras.setdefault(column, index)
    return Block(names, extras, others)


def _names(row: Sequence[str], at: dict[NamePart, list[int]]) -> dict[NamePart, int]:
    """Return the columns of the visitor's own name. A whole name is preferred to its parts."""
    whole = at.get(NamePart.NAME, [])
    pieces: dict[NamePart, int] = {
        part: at[part][0] for part in (NamePart.FAMILY, NamePart.GIVEN, NamePart.MIDDLE) if part in at
    }
    if NamePart.FAMILY in pieces and NamePart.GIVEN not in pieces:
        given = next((index for index in whole if key_of(row[index]) in _GIVEN_BESIDE_FAMILY), None)
        if given is not None:
            return pieces | {NamePart.GIVEN: given}
    if whole:
        # In “人员 | 姓名” the second column certainly holds names.
        best = next(
            (index for index in whole if "姓名" in key_of(row[index]) or "name" in key_of(row[index])), whole[0]
        )
        return {NamePart.NAME: best}
    if pieces.keys() - {NamePart.MIDDLE}:
        return pieces
    return {NamePart.NAME: at[NamePart.SOMEBODY_ELSE][0]} if NamePart.SOMEBODY_ELSE in at else {}


def columns_of(block: Block) -> Iterator[tuple[int, NamePart | ListColumn]]:
    """Return the columns that are read, each with its meaning."""
    yield from ((index, part) for part, index in block.names.items())
    yield from ((index, column) for column, index in block.extras.items())
