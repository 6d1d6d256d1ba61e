"""Candidates for the columns of people, dates and places where a file has several, and the suggested one.

People who came are counted before people who were booked, a total before its parts, this year before last year;
cumulative numbers, averages and staff are never suggested.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from hallapp.history.columns import simplified
from hallapp.history.days import read_day
from hallapp.history.place import Place
from hallapp.history.places import read_place
from hallapp.history.problems import Problem

EACH_ROW = "each-row"  # the choice that every row is one person
_TO_READ_MOST = 40
_SHORTEST_DATE = 7  # characters


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """A column that may be meant; those of the lowest `rank` first. `why` is a code of `questions.WHY`."""

    rank: int
    at: int
    why: str


#: The meanings of a heading of people, in the order in which they are tested; ranks above `_NEVER` are not suggested.
_NEVER = 50
_PEOPLE: tuple[tuple[str, int, str], ...] = (
    ("cumulative", 90, r"累计|累积|历年|开馆以来|至今|cumulative|todate|ytd|running"),
    ("compared", 80, r"上年|去年|同期|上月|上周|环比|同比|往年|lastyear|previous|prioryear|lastmonth"),
    ("average", 85, r"日均|平均|人均|average|mean|占比|比例|百分|percent|share|增长|增减|增幅|growth"),
    ("absent", 80, r"未到|爽约|缺席|取消|退订|未入馆|noshow|absent|cancel"),
    (
        "online",
        80,
        r"线上|在线|网上|直播|观看|收看|云参观|云展|浏览|点击|播放|online|livestream|viewers|viewed|watched",
    ),
    (
        "staff",
        75,
        r"讲解|工作人员|志愿者|领队|陪同|司机|接待员|安保|导游|带队|随行|同行|guide|staff|volunteer|escort|driver",
    ),
    (
        "planned",
        20,
        r"预约|预订|预定|计划|预计|报名|应到|邀请|核定|限额|容量|拟|申请|目标|booked|planned|expected|registered"
        r"|reserved|capacity|target|invited|signedup",
    ),
    (
        "arrived",
        1,
        r"实到|实际|到馆|入馆|到访|来访|进馆|签到|核销|检票|到场|出席|实参观|实有|实来"
        r"|arrived|actual|attended|admitted|came|checkedin|showedup|turnedup|present$",
    ),
    (
        "part",
        10,
        r"其中|团队|团体|散客|散户|成人|成年|未成年|儿童|青少年|少儿|学生|教师|老师|师资|家长|幼儿|老年|老人|中小学|军人|男|女"
        r"|境内|境外|省内|省外|市内"
        r"|市外|本地|外地|本省|外省|免费|收费|线下|港澳台|国内|国外|外宾|党员|上午|下午"
        r"|adult|child|minor|student|senior|pupil|teacher|male|female|men|boys|girls|individual|groupvisitor",
    ),
    ("total", 2, r"合计|总计|总人|总数|共计|小计|总量|全部|total|sum"),
)
_PEOPLE_WORD = re.compile(
    r"人数|人次|客流|观众量|游客量|参观量|接待量|客量|人员数|(?:人|人数|人次)$|people|visitors?$|visitornumbers|pax|persons?"
    r"|headcount|attendance|participants|numberof"
)
#: Headings that mean an amount only if numbers stand below them.
_AMOUNT = re.compile(
    r"合计|总计|共计|小计|总数|数量|累计|同期|^(?:本|今|当)(?:日|天|周|月|季度?|年|期)$"
    r"|应到|预约|预订|预定|计划|预计|报名|登记数?$|registered|expected|booked|planned|total|count|amount|"
    + "|".join(words for why, _rank, words in _PEOPLE if why in ("arrived", "part"))
)
_NO_PEOPLE = re.compile(
    r"批次|批数|团数|团队数|组数|场次|场数|班次|车次|车辆|日期|时间|时段|电话|手机|证件|编号|序号|单位|名称|姓名|性质|类型|类别|来源|方式"
    r"|年龄|年级|金额|票价|收入|date|time|phone|name|type|kind|groups|amountpaid|price|天数|备注|人员名单|联系人|负责人|经办人|填表人"
    r"|制表人|讲解员$|登记人|预约人$|参观人$|来访人$|领队$|客户"
)
_DATE_WORD = re.compile(
    r"日期|时间|年月日?$|^日$|date|time$|when$|day$|(?:visited|arrived|admitted|entered|came)(?:at|on)?$"
)
_DATE_RANKS: tuple[tuple[str, int, str], ...] = (
    (
        "planned",
        20,
        r"预约|预订|预定|下单|申请|登记|填表|填报|创建|提交|审核|报名|打印|更新|修改|取消|支付|开票|计划"
        r"|book|order|creat|submit|regist|appl|update|paid|payment|planned",
    ),
    ("birth", 90, r"出生|生日|birth|有效期|expir"),
    (
        "arrived",
        1,
        r"参观|来访|到馆|入馆|来馆|接待|实际|到访|进馆|签到|核销|活动|visit|arriv|attend|actual|admission|checkin",
    ),
)
_NUMBER = re.compile(r"[\d,.，\s]+(?:人次|人|名|位|万)?|[〇零一二两三四五六七八九十百千万]+人?|约?\d+.*人.*|=.*|#CALC!")


@lru_cache(maxsize=5_000)
def folded(heading: str) -> str:
    """Return a heading without width, case, spaces and marks, in simplified characters; text in brackets stays."""
    return simplified(re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading[:120]).casefold()))


def find_people(headings: Sequence[str], samples: Sequence[Sequence[object]], skip: frozenset[int]) -> list[Candidate]:
    """Return the columns that may hold the people, the suggested one first; `skip` holds columns that cannot."""
    found = []
    for at, heading in enumerate(headings):
        key = folded(heading)
        if not key or at in skip or not _may_be_people(key):
            continue
        below = _below(at, samples)
        if _PEOPLE_WORD.search(key):
            if below and not any(map(_is_number, below)):
                continue
        elif not below or not all(map(_is_number, below)):
            continue
        rank, why = _rank(key, _PEOPLE, (3, "plain"))
        found.append(Candidate(rank, at, why))
    return sorted(found)


def find_dates(headings: Sequence[str], samples: Sequence[Sequence[object]], skip: frozenset[int]) -> list[Candidate]:
    """Return the columns that may hold the date, the suggested one first."""
    found = []
    for at, heading in enumerate(headings):
        key = folded(heading)
        if at in skip or not _DATE_WORD.search(key):
            continue
        below = _below(at, samples)
        if below and not any(map(_is_date, below)):
            continue
        rank, why = _rank(key, _DATE_RANKS, (2, "plain"))
        found.append(Candidate(rank, at, why))
    return sorted(found)


def find_by_cells(width: int, samples: Sequence[Sequence[object]]) -> list[Candidate]:
    """Return the columns that have a whole date in each of the first rows, regardless of their headings."""
    return [
        Candidate(1, at, "plain")
        for at in range(width)
        if (below := _below(at, samples)) and all(len(str(cell)) > _SHORTEST_DATE and _is_date(cell) for cell in below)
    ]


def find_places(width: int, samples: Sequence[Sequence[object]]) -> list[Candidate]:
    """Return the columns that have a place in each of the first rows, regardless of their headings."""
    return [
        Candidate(1, at, "plain")
        for at in range(width)
        if (below := _below(at, samples)) and all(isinstance(read_place(str(cell)), Place) for cell in below)
    ]


def holds_groups(at: int, samples: Sequence[Sequence[object]]) -> bool:
    """Return whether some of the first cells of a column are numbers of groups; an empty column counts as well."""
    below = _below(at, samples)
    return not below or any(re.search(r"\d", str(cell)) and ":" not in str(cell) for cell in below)


def is_suggestable(candidate: Candidate) -> bool:
    """Return whether a column may be suggested at all."""
    return candidate.rank < _NEVER


def is_certain(candidate: Candidate, heading: str) -> bool:
    """Return whether a column without a rival may be taken without a question: it holds all people who came.

    The people of a group are all people of a row, as bookings of groups are kept.
    """
    key = folded(heading)
    return candidate.why in ("plain", "arrived", "total") or (
        candidate.why == "part" and bool(re.fullmatch(r"(?:参观)?团[队体](?:总?人数|人次)?", key))
    )


def parts_that_add_up(candidates: Sequence[Candidate]) -> tuple[int, ...]:
    """Return the columns that make up the people together where no column holds their total: groups and individuals."""
    if not candidates or candidates[0].why != "part":
        return ()
    parts = tuple(one.at for one in candidates if one.why == "part")
    return parts if len(parts) > 1 else ()


def _may_be_people(key: str) -> bool:
    if _NO_PEOPLE.search(key) and not re.search(r"人数|人次", key):
        return False
    return bool(_PEOPLE_WORD.search(key) or _AMOUNT.search(key))


def _rank(key: str, ranks: Sequence[tuple[str, int, str]], plain: tuple[int, str]) -> tuple[int, str]:
    for why, rank, words in ranks:
        if re.search(words, key):
            return _of_total(key, rank) if why == "arrived" else rank, why
    return plain


def _of_total(key: str, rank: int) -> int:
    """Return the rank of a column: one with the total of people comes before one with a part of them."""
    if re.search(r"合计|总|total", key):
        return rank - 1
    return rank + 9 if re.search(r"团队|散客|成人|未成年|儿童|学生|男|女|其中", key) else rank


def _below(at: int, samples: Sequence[Sequence[object]]) -> list[object]:
    """Return the first cells below a heading."""
    cells = [row[at] for row in samples[:_TO_READ_MOST] if at < len(row)]
    return [cell for cell in cells if str(cell).strip()]


def _is_number(cell: object) -> bool:
    return not isinstance(cell, str) or bool(_NUMBER.fullmatch(unicodedata.normalize("NFKC", cell).strip()))


def _is_date(cell: object) -> bool:
    if not isinstance(cell, str):
        return True
    found = read_day(cell)
    return not isinstance(found, Problem) or found.code not in ("date_unknown", "date_missing")
