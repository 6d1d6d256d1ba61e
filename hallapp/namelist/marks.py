"""Text in a cell or line other than a name: a total, a title, a label, a list number.

A total and an English title are recognised by the whole text, never by a word in it: Sum, List and Total are names.
"""

import re
from dataclasses import dataclass
from enum import Enum

from hallapp.namelist import headings, names
from hallapp.namelist.names import HAN

_MARKS_MOST = 4  # “- [x] 1. ① …”
_LONGEST = 60  # characters: a longer text is neither a title nor a label
_COUNT = (
    r"\s*[:：=]?\s*(约|共)?\s*[0-9〇零一二三四五六七八九十百]*\s*"
    r"(人|名|位|个|people|persons?|visitors?|guests?|pax)?\s*[.。]?"
)
_TOTAL = re.compile(
    r"(合\s*计|总\s*计|共\s*计|小\s*计|总\s*数|总人数|人数|人数合计|合计人数|参观人数"
    r"|(sub|grand )?totals?( number)?( of (people|visitors|guests|participants))?"
    rf"|in total|sum|number of (people|visitors|guests|participants)){_COUNT}"
    rf"|共\s*[0-9〇一二三四五六七八九十百]+\s*(人|名|位){_COUNT}",
    re.I,
)
_NUMERIC = re.compile(r"[\d\s.,:：%人名位个-]*")
_TITLE_ZH = re.compile(r".*(名单|名册|一览表|人员表|登记表|信息表|报名表|预约表|签到表|统计表)(\W.*)?", re.S)
_PERSON = "name|guest|visitor|student|participant|attendee|pupil|member|passenger|delegate"
_TITLE_EN = re.compile(
    rf"((the|our|full|final|complete|group|({_PERSON})('?s'?)?) )+(list|register|roster)"
    rf"|lists? of (the )?(all )?({_PERSON}|people)s?|list|register|roster",
    re.I,
)
_ABOUT_EN = re.compile(r"\s*[\d(:–—-].*|\s+(for|of) .*", re.S)  # after an English title
_EVENT = re.compile(r"接龙|报名|参观|活动|名单|统计|登记|签到|集合|通知|研学|团建|预约|汇总|须知")
_DAY = re.compile(
    r"[\d〇零一二三四五六七八九十]+\s*(年|月|日|号|点|时|分|人)|(周|星期)[一二三四五六日天]|上午|下午|中午|晚上"
)
#: A word that names a company, a school or a part of one.
UNIT = re.compile(r".{2,}(公司|集团|大学|中学|小学|学院|学校|部门|支部|街道|社区|部|科|处|局|委|办|厂|班|组)", re.S)
_LABEL = re.compile(r"\s*([^:：=\n]{1,24})[:：=]\s*")
_COMPANY = re.compile(
    r"领队|带队|队长|团长|组长|班长|联系人|联络人|负责人|带班|班主任|教师|老师|陪同|随行|家长|司机|导游|讲解|嘉宾|领导|书记"
    r"|\b(leader|teacher|guide|contact|contact person|head|organi[sz]er|escort|driver|chaperone?|captain|coach)s?\b",
    re.I,
)
_OFFICE = re.compile(
    r"填表|填报|制表|制作|审核|审批|审签|经办|录入|统计人|校对|盖章|签字|签名|抄送"
    r"|(prepared|filled in|approved|checked|signed) by",
    re.I,
)
_FACT = re.compile(
    r"注|备注|備註|说明|附注|要求|注意|注意事项|温馨提示|例|例如|示例|格式|样例|单位|单位名称|来访单位|参观单位|学校|公司|部门|团队"
    r"|团队名称|日期|时间|参观日期|参观时间|来访时间|集合时间|集合地点|地点|地址|电话|联系电话|手机|联系方式|人数|总人数|车牌|车牌号"
    r"|主题|活动|事由|截止|截止时间|截至"
    r"|notes?|remarks?|n\.?b\.?|example|e\.?g\.?|date|time|day|when|where|place|address|phone|tel|mobile|e-?mail"
    r"|organi[sz]ation|company|school|unit|group|topic|subject|deadline|purpose",
    re.I,
)
#: Numbers that chat apps and people write before names, and the ticks and bullets beside them.
_NUMBER = re.compile(
    rf"""\s*(?:
        [（(【\[]\s*\d{{1,4}}\s*[)）】\]]                              # (1)  （1）  [1]
        | \d{{1,4}}\s*[.．、)）】\]:：,，。]+(?!\d)                     # 1.  1）  1、
        | \d{{1,4}}[\s\u20e3]+                                         # 1
        | \d{{1,4}}(?=[{HAN}A-Za-z@])(?!\s*(?:[人名位月日年点班组岁级]|[ap]m\b|(?:st|nd|rd|th)\b))
        | [\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]  # ①
        | 第?[一二三四五六七八九十]{{1,3}}[、.．)）:：]
        | [-–—*•●○◦·■□▪◆◇★☆→>]+(?=\s*\S)
        | (?:No\.?|\#)\s*\d{{1,4}}[.:]?
        | [a-z]\)
    )\s*""",
    re.I | re.X,
)


class Kind(Enum):
    """The meaning of a label before a name."""

    VISITOR = "visitor"  # “姓名：张三”
    COMPANY = "company"  # “领队：王老师”: this person probably comes along
    OFFICE = "office"  # “填表人：李四”: the person who wrote the list
    FACT = "fact"  # “日期：12月5日”


@dataclass(frozen=True, slots=True)
class Label:
    """A text of the form “label: value”."""

    kind: Kind
    label: str
    value: str


def is_total(cells: list[str]) -> bool:
    """Return whether the filled cells of a row are a total: its word alone, with nothing but numbers beside it."""
    rest = [cell for cell in cells if not _NUMERIC.fullmatch(cell[:_LONGEST])]
    if len(rest) != 1:
        return False
    # “Sum” or “Total” as a family name has no number after it and none in the cells beside it.
    return len(rest[0]) <= _LONGEST and _TOTAL.fullmatch(rest[0].strip()) is not None


def is_title(text: str) -> bool:
    """Return whether a text alone in its row is the title of a list."""
    text = text.strip()
    if len(text) > _LONGEST:
        return False
    english = _TITLE_EN.match(text)
    if english and (english.end() == len(text) or _ABOUT_EN.fullmatch(text[english.end() :])):
        return english.end() == len(text) or english[0].casefold() not in ("list", "register", "roster")
    return _TITLE_ZH.fullmatch(text) is not None


def is_event(text: str) -> bool:
    """Return whether a line is about an event and names no one: all its words are of events, units or days."""
    words = _DAY.sub(" ", text[: _LONGEST + 1]).split() if len(text) <= _LONGEST else []
    events = [word for word in words if _EVENT.search(word)]
    return bool(events) and all(word in events or UNIT.fullmatch(word) or not names.has_letter(word) for word in words)


def find_label(text: str) -> Label | None:
    """Return the label of a text and the text behind it, or None where it has no label."""
    found = _LABEL.match(text)
    if not found:
        return None
    label, value = found[1].strip(), text[found.end() :].strip()
    if not names.has_letter(label) or label.casefold().startswith(("http", "www")):
        return None
    return Label(_kind_of(label), label, value)


def _kind_of(label: str) -> Kind:
    if _FACT.fullmatch(label):
        return Kind.FACT
    if _OFFICE.search(label):
        return Kind.OFFICE
    return Kind.COMPANY if _COMPANY.search(label) else Kind.VISITOR


def is_name_label(label: Label) -> bool:
    """Return whether a label only announces names, as “姓名” and “Visitors” do."""
    return headings.part_of(label.label) is not None or is_title(label.label)


def strip_number(text: str) -> str:
    """Return a text without the numbers and bullets of a list before it."""
    for _again in range(_MARKS_MOST):
        found = _NUMBER.match(text)
        if not found:
            break
        text = text[found.end() :]
    return text


def is_numbered(text: str) -> bool:
    """Return whether a list number is in front of a text."""
    found = _NUMBER.match(text)
    return found is not None and re.search(r"[\d\u2460-\u32bf一二三四五六七八九十]", found[0]) is not None
