"""Conversion of written organisations, kinds of organisations and programmes to those of hallapp."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from hallapp.booking.bigrams import organisation_key
from hallapp.core.i18n import installed
from hallapp.history.placetext import key_of
from hallapp.kinds.standard import INDIVIDUAL, NAMES, OTHER
from hallapp.kinds.values import Kind, Kinds
from hallapp.ledger import filing
from hallapp.schedule.models import Programme

#: Words by which people write the standard kinds. A word of two kinds means the later one, where the hall has both.
_KIND_WORDS: dict[str, str] = {
    "party": "党组织 党支部 党委 党总支 基层党组织 党员 机关党委 党政机关党组织 party partybranch",
    "union": "工会 工会组织 职工 总工会 union tradeunion",
    "youth": "共青团 团委 团组织 团支部 青年 青年组织 少先队 youth youthleague",
    "women": "妇联 妇女 妇女组织 妇委会 women womensfederation",
    "government": (
        "机关 政府 政府机关 党政机关 机关单位 机关事业单位 事业单位 行政机关 部队 军队 government publicoffice"
    ),
    "united-front": "统战 统战部 统一战线 民主党派 侨联 unitedfront",
    "armed-forces": "部队 军队 武警 驻军 官兵 armedforces army military",
    "reserve": "民兵 预备役 民兵预备役 militia reserve",
    "discipline": "纪委 纪检 纪检监察 纪检监察机关 纪委监委 监委 discipline",
    "company": "企业 公司 国企 国有企业 民企 民营企业 央企 企业单位 银行 company enterprise business corporate",
    "school": "学校 高校 大学 中学 小学 院校 幼儿园 学生 中小学 教育 school university college students education",
    "university": "高校 大学 院校 university college",
    "training": "培训 培训班 干部培训 研修班 党校 training course",
    "association": (
        "协会 协会社团 社会组织 社团 社会团体 学会 商会 民间组织 社区 居委会 街道 村委会 association"
        " society community ngo"
    ),
    "culture": "文化 文化机构 文博 博物馆 图书馆 文化馆 媒体 culture museum",
    "tourism": "旅行社 旅游 旅游团 tourism touroperator travelagency",
    INDIVIDUAL: (
        "个人 散客 零散 零散观众 个人观众 散客观众 市民 游客 家庭 亲子 个体 individual individuals family public"
    ),
    OTHER: "其他 其它 其他单位 未分类 other others",
}
#: Texts that mean that there is no organisation.
_NO_ORGANISATION = frozenset({"无", "无单位", "没有", "不详", "none", "nil", "na"})


_STANDARD = Kinds(Kind(code=code) for code in NAMES)


def find_kind(text: str, kinds: Kinds) -> str | None:
    """Return the code of the kind of a hall that a text names, or None."""
    return _texts_of(kinds, installed()).get(key_of(text))


@lru_cache(maxsize=64)
def _texts_of(kinds: Kinds, languages: tuple[str, ...]) -> dict[str, str]:
    """Return the codes of kinds by the texts that name them; a name of two kinds names neither.

    A kind that the hall has renamed is no longer named by the words of the standard one.
    """
    standard = [code for code in _KIND_WORDS if code in kinds and not kinds[code].names]
    words = {key_of(word): code for code in standard for word in _KIND_WORDS[code].split()}
    names: dict[str, set[str]] = {}
    for kind in kinds.values():
        for name in (*kind.names.values(), *kind.in_languages(languages).values()):
            names.setdefault(key_of(name), set()).add(kind.code)
    found = words | {name: codes.pop() for name, codes in names.items() if len(codes) == 1}
    return found | {key_of(code): code for code in kinds}


class Organisation(NamedTuple):
    """The meaning of a text in the place of an organisation's name.

    `key` is the name as names are compared and `number` represents it (`filing.organisation_number`). `is_nobody` is
    true of a text that names no organisation, such as 无 or 散客, `is_individual` of one that means individual
    visitors, and `is_kind` of one that names a kind of organisation, such as 学校.
    """

    key: str
    number: int | None
    is_nobody: bool
    is_individual: bool
    is_kind: bool


@lru_cache(maxsize=50_000)
def read_organisation(text: str) -> Organisation:
    """Return the meaning of a text in the place of an organisation's name."""
    key = organisation_key(text)
    kind = _texts_of(_STANDARD, installed()).get(key)
    is_nobody = not key or key in _NO_ORGANISATION or kind == INDIVIDUAL
    is_individual = is_nobody and find_kind(text, _STANDARD) == INDIVIDUAL
    return Organisation(key, filing.number_of_key(key), is_nobody, is_individual, kind is not None)


def find_programme(text: str, programmes: Iterable[Programme]) -> Programme | None:
    """Return the programme that a text names, in either language or by its short name, or None."""
    key = key_of(text)
    for programme in programmes:
        if key and key in {key_of(name) for name in (*programme.name.values(), programme.slug)}:
            return programme
    return None
