"""The meaning of a file's columns: guessed from headings, confirmed by a person, remembered by headings."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hallapp.core.errors import N_
from hallapp.history.placewords import TRADITIONAL
from hallapp.kinds.standard import OTHER

_LONGEST_HEADING = 60  # characters: a longer text is not a heading
_LOOK_AT_ROWS = 20  # non-empty rows in which the heading is searched


class HistoryColumn(StrEnum):
    """The possible meaning of a column."""

    DATE = "date"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    PROVINCE = "province"
    CITY = "city"
    VISITORS = "visitors"
    GROUPS = "groups"
    ORGANISATION = "organisation"
    KIND = "kind"
    PROGRAMME = "programme"


#: The names of the columns, as message ids.
COLUMN_NAMES: dict[HistoryColumn, str] = {
    HistoryColumn.DATE: N_("Date (a day, or a month)"),
    HistoryColumn.YEAR: N_("Year, in a column of its own"),
    HistoryColumn.MONTH: N_("Month (if a date is given, its day is ignored)"),
    HistoryColumn.DAY: N_("Day, in a column of its own"),
    HistoryColumn.PROVINCE: N_("Places of origin"),
    HistoryColumn.CITY: N_("City, in a column of its own"),
    HistoryColumn.VISITORS: N_("People"),
    HistoryColumn.GROUPS: N_("Groups"),
    HistoryColumn.ORGANISATION: N_("Organisation"),
    HistoryColumn.KIND: N_("Kind of organisation"),
    HistoryColumn.PROGRAMME: N_("Programme"),
}

#: Short forms of the names.
SHORT_NAMES: dict[HistoryColumn, str] = {
    **COLUMN_NAMES,
    HistoryColumn.DATE: N_("Date"),
    HistoryColumn.YEAR: N_("Year"),
    HistoryColumn.MONTH: N_("Month"),
    HistoryColumn.DAY: N_("Day"),
    HistoryColumn.CITY: N_("City"),
}

_WORDS: dict[HistoryColumn, str] = {
    HistoryColumn.DATE: (
        "日期 时间 参观日期 参观时间 来访日期 来馆日期 到馆日期 接待日期 接待时间 预约日期 年月 年月日"
        " date visitdate dateofvisit day/month when yearmonth period"
    ),
    HistoryColumn.YEAR: "年 年份 年度 year",
    HistoryColumn.MONTH: "月 月份 统计月份 参观月份 month",
    HistoryColumn.DAY: "日 号 day dayofmonth",
    HistoryColumn.PROVINCE: (
        "省份 省 省市 省/市 省市区 来源地 来源 来源省份 来自 来自哪里 地区 所在地 所在地区 所在省份"
        " 所属省份 归属地 区域 客源地 客源 籍贯 户籍 户籍地 居住地 常住地 现居地 出发地"
        " province division origin place placeoforigin region from state area provincecity"
        " 国家 国家地区 国家或地区 联邦州 州或领地 country countryorregion nationality bundesland land staat"
        " stateorterritory canton kanton regionofthecountry provinceorterritory department herkunft"
    ),
    HistoryColumn.CITY: "地市 城市 市 所在城市 来源城市 地级市 市州 city prefecture town",
    HistoryColumn.VISITORS: (
        "人数 人次 参观人数 来访人数 到馆人数 实到人数 接待人数 接待人次 参观人次 观众人数 游客人数"
        " 合计人数 总人数 人数人 people visitors visitor persons pax headcount attendance number"
        " numberofpeople numberofvisitors participants count"
    ),
    HistoryColumn.GROUPS: (
        "批次 团队数 团队数量 团数 组数 批数 接待批次 团队批次 参观批次 场次数 场次 groups group"
        " numberofgroups batches parties"
    ),
    HistoryColumn.ORGANISATION: (
        "单位 单位名称 参观单位 来访单位 团队 团队名称 预约单位 机构 机构名称 组织 名称 学校名称"
        " organisation organization company institution unit groupname school organisationname"
    ),
    HistoryColumn.KIND: (
        "类别 单位类别 单位类型 类型 团队类型 团队类别 性质 单位性质 观众类型 人群 kind type category"
        " organisationkind typeoforganisation"
    ),
    HistoryColumn.PROGRAMME: "项目 活动 参观项目 活动名称 主题 课程 programme program activity event tour exhibition",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The choice of columns: the place, from 0, of each column that is read.

    `plus` are further columns whose people are added to those of the first one; with `each_row`, every row is one
    person and no column holds people. `unsure` are columns that were suggested among several and not confirmed yet.
    `kind` and `programme_id` are for rows that name none; `heading` is the place of the heading among the non-empty
    rows.
    """

    places: Mapping[HistoryColumn, int] = field(default_factory=dict)
    plus: tuple[int, ...] = ()
    each_row: bool = False
    unsure: tuple[HistoryColumn, ...] = ()
    kind: str = OTHER
    programme_id: int
    heading: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the choice as it is stored."""
        return {
            "places": {column.value: at for column, at in self.places.items()},
            "plus": list(self.plus),
            "each_row": self.each_row,
            "unsure": [column.value for column in self.unsure],
            "kind": self.kind,
            "programme_id": self.programme_id,
            "heading": self.heading,
        }

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> "Columns":
        """Return the choice from its stored form."""
        return cls(
            places={HistoryColumn(name): int(at) for name, at in data["places"].items()},
            plus=tuple(map(int, data.get("plus", ()))),
            each_row=bool(data.get("each_row")),
            unsure=tuple(map(HistoryColumn, data.get("unsure", ()))),
            kind=str(data["kind"]),
            programme_id=int(data["programme_id"]),
            heading=int(data["heading"]),
        )


#: Characters of headings, in addition to those of places.
_TRADITIONAL = TRADITIONAL | str.maketrans(
    "參觀訪預約實應總計數稱類別項時間備註聯絡話導遊場館學組織機構編號訂報簽劃贈課題動辦業對個頭團隊戶歸屬處來從華",
    "参观访预约实应总计数称类别项时间备注联络话导游场馆学组织机构编号订报签划赠课题动办业对个头团队户归属处来从华",
)


def simplified(heading: str) -> str:
    """Return a heading in simplified characters."""
    return heading if heading.isascii() else heading.translate(_TRADITIONAL)


def key_of(heading: str) -> str:
    """Return a heading as it is looked up: without widths, cases, blanks, marks, and text in brackets."""
    return simplified(re.sub(r"[^\w]|_", "", re.sub(r"\(.*?\)|\[.*?\]", "", whole_key_of(heading))))


def whole_key_of(heading: str) -> str:
    """Return the form in which headings are compared: half-width, in lower case and without spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", heading[:_LONGEST_HEADING]).casefold())


_BY_WORD: dict[str, HistoryColumn] = {
    key_of(word): column for column, words in _WORDS.items() for word in words.split()
}
#: Words with which a longer heading may end or begin; the longest one decides.
_ENDINGS = sorted((word for word in _BY_WORD if len(word) > 1), key=len, reverse=True)


def guess(headings: Sequence[str]) -> dict[HistoryColumn, int]:
    """Guess the choice of columns from the headings alone; each once at most, exact headings before longer ones."""
    keys = [key_of(heading) for heading in headings]
    found: dict[HistoryColumn, int] = {}
    for at, key in enumerate(keys):
        if key in _BY_WORD:
            found.setdefault(_BY_WORD[key], at)
    taken = set(found.values())
    for at, key in enumerate(keys):
        column = None if at in taken else _by_part(key)
        if column is not None and column not in found:
            found[column] = at
            taken.add(at)
    return _sensible(found)


def _by_part(key: str) -> HistoryColumn | None:
    if len(key) < 2:
        return None
    return next(
        (_BY_WORD[word] for word in _ENDINGS if key.endswith(word) and _BY_WORD[word] is not HistoryColumn.DAY), None
    )


def _sensible(found: dict[HistoryColumn, int]) -> dict[HistoryColumn, int]:
    """Drop contradictions: with a date, no other column gives the time; a year is used beside a month only."""
    if HistoryColumn.DATE in found:
        for column in (HistoryColumn.YEAR, HistoryColumn.MONTH, HistoryColumn.DAY):
            found.pop(column, None)
    elif HistoryColumn.MONTH not in found:
        found.pop(HistoryColumn.YEAR, None)
        if HistoryColumn.DAY in found:
            found[HistoryColumn.DATE] = found.pop(HistoryColumn.DAY)
    return found


def find_heading(rows: Sequence[Sequence[str]]) -> int:
    """Return the place of the non-empty row with most known headings; else the first."""
    scores = [len(guess(row)) for row in rows[:_LOOK_AT_ROWS]]
    return scores.index(max(scores)) if scores else 0


def digest_of(headings: Sequence[str]) -> str:
    """Return the digest that files with the same headings share: SHA-256, in hex, of the distinct headings."""
    keys = "\x1f".join(whole_key_of(heading) for heading in headings)
    return hashlib.sha256(keys.encode("utf-8", "replace")).hexdigest()


def find_place(heading: str, headings: Sequence[str]) -> int | None:
    """Return the place of a heading, by its whole text, else without brackets where only one is like it."""
    for key in (whole_key_of, key_of):
        like = [at for at, one in enumerate(headings) if key(one) == key(heading)]
        if len(like) == 1:
            return like[0]
    return None


def problems_of(
    places: Mapping[HistoryColumn, int], *, each_row: bool = False, across: str = ""
) -> Iterator[tuple[HistoryColumn, str]]:
    """Return what is missing or contradictory in a choice of columns: the column, and a message id.

    In a cross table the columns themselves give the place or the month, and the people.
    """
    if HistoryColumn.VISITORS not in places and not each_row and not across:
        yield HistoryColumn.VISITORS, N_("Choose the column with the number of people.")
    if HistoryColumn.DATE not in places and HistoryColumn.MONTH not in places and across != "month":
        yield HistoryColumn.DATE, N_("Choose the column with the date, or the one with the month.")
    taken: dict[int, HistoryColumn] = {}
    for column, at in places.items():
        if at in taken:
            yield column, N_("This column is already used for something else.")
        taken[at] = column
