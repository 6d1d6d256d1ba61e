"""Conversion of written organisations, kinds of organisations and programmes to those of hallapp."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from hallapp.booking.bigrams import organisation_key
from hallapp.booking.models import KIND_NAMES, OrganisationKind
from hallapp.history.placetext import key_of
from hallapp.ledger import filing
from hallapp.schedule.models import Programme

_KIND_WORDS: dict[OrganisationKind, str] = {
    OrganisationKind.PARTY: "党组织 党支部 党委 党总支 基层党组织 党员 机关党委 党政机关党组织 party partybranch",
    OrganisationKind.UNION: "工会 工会组织 职工 总工会 union tradeunion",
    OrganisationKind.YOUTH: "共青团 团委 团组织 团支部 青年 青年组织 少先队 youth youthleague",
    OrganisationKind.WOMEN: "妇联 妇女 妇女组织 妇委会 women womensfederation",
    OrganisationKind.GOVERNMENT: (
        "机关 政府 政府机关 党政机关 机关单位 机关事业单位 事业单位 行政机关 部队 军队 government publicoffice"
    ),
    OrganisationKind.COMPANY: (
        "企业 公司 国企 国有企业 民企 民营企业 央企 企业单位 银行 company enterprise business corporate"
    ),
    OrganisationKind.SCHOOL: (
        "学校 高校 大学 中学 小学 院校 幼儿园 学生 中小学 教育 school university college students education"
    ),
    OrganisationKind.TRAINING: "培训 培训班 干部培训 研修班 党校 training course",
    OrganisationKind.ASSOCIATION: (
        "协会 协会社团 社会组织 社团 社会团体 学会 商会 民间组织 社区 居委会 街道 村委会 association"
        " society community ngo"
    ),
    OrganisationKind.CULTURE: "文化 文化机构 文博 博物馆 图书馆 文化馆 媒体 culture museum",
    OrganisationKind.INDIVIDUAL: (
        "个人 散客 零散 零散观众 个人观众 散客观众 市民 游客 家庭 亲子 个体 individual individuals family public"
    ),
    OrganisationKind.OTHER: "其他 其它 其他单位 未分类 other others",
}
#: Texts that mean that there is no organisation.
_NO_ORGANISATION = frozenset({"无", "无单位", "没有", "不详", "none", "nil", "na"})


@cache
def _kinds() -> dict[str, OrganisationKind]:
    names = {key_of(word): kind for kind, words in _KIND_WORDS.items() for word in words.split()}
    names |= {key_of(name): kind for kind, name in KIND_NAMES.items()}
    return names | {kind.value: kind for kind in OrganisationKind}


def find_kind(text: str) -> OrganisationKind | None:
    """Return the kind that a text names, or None."""
    return _kinds().get(key_of(text))


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
    kind = _kinds().get(key)
    is_nobody = not key or key in _NO_ORGANISATION or kind is OrganisationKind.INDIVIDUAL
    is_individual = is_nobody and find_kind(text) is OrganisationKind.INDIVIDUAL
    return Organisation(key, filing.number_of_key(key), is_nobody, is_individual, kind is not None)


def find_programme(text: str, programmes: Iterable[Programme]) -> Programme | None:
    """Return the programme that a text names, in either language or by its short name, or None."""
    key = key_of(text)
    for programme in programmes:
        if key and key in {key_of(name) for name in (*programme.name.values(), programme.slug)}:
            return programme
    return None
