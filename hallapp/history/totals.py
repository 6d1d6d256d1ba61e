"""Labels of rows that hold no visits: totals, averages and shares, comparisons, and remarks.

A label is recognised by the whole cell, never by a word in it that may be part of a name.
"""

import re
import unicodedata
from functools import lru_cache

from hallapp.history import problems
from hallapp.history.problems import Problem

_LONGEST = 40  # characters: a label of a total is never longer
_REMARK_LONGEST = 500
#: Every label contains one of these; searching for them excludes most names quickly, many times in each row.
_HINT = re.compile(
    r"[计計汇匯总總均比率额額份期共页頁注註增减降占表审審填章签※*∑Σσ%％Ａ-Ｚａ-ｚ：:]|[全本当][年月日季]"
    r"|[上去前]年|上[月季周期]|说明|說明|电话|来源|复核|经办|负责|联系"
    r"|total|sum|aver|avg|percent|ratio|yoy|mom|qoq|change|last y|same|previous",
    re.IGNORECASE,
)
_LATIN = r"(?:grand ?total|sub ?total|total|sum)s?"
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_BESIDE = rf"(?:\d{{1,8}}|q[1-4]|{_MONTHS})"
_ENGLISH = re.compile(rf"(?:{_BESIDE} )*{_LATIN}(?: {_BESIDE})*")
_TIME = "[年月日号季度周天期第上下半全本当每当一二三四五六七八九十〇零至到页省市馆各\\d]"
_OF_WHAT = r"[年月日号季度周天期第上下半全本一二三四五六七八九十〇零至到人次数批团队个接待参观观众来访量\d]"
_TOTAL_WORDS = r"(?:合计|总计|共计|小计|累计|汇总|总和|总数|月计|年计|日计|季计|周计|页计|合共|总共|共有|总人数|总人次)"
#: The Chinese word with a time, a number or the counted part beside it, or with the English word.
_CHINESE = re.compile(rf"(?:{_LATIN})?{_TIME}*{_TOTAL_WORDS}{_OF_WHAT}*(?:{_LATIN})?")
_BARE = re.compile(
    r"[∑σ]|总|共|计|共\d+人?次?|(?:全|本|当)(?:年|月|季度|日|天)(?:总|共|合)?(?:(?:接待|参观|入馆|到馆)(?:人数|人次|量|情况)?)?|过次页|承前页|承上页|转下页|接上页"
)
#: The word that follows the name of the part, as in 广东 汇总: no name ends in it.
_CHINESE_OF = re.compile(r".*\S(?:\s*(?:合计|总计|共计|小计|累计)|\s+汇总)\W*", re.DOTALL)

_AVERAGE = re.compile(
    rf"{_TIME}*(?:平均|日均|月均|年均|周均|季均|人均|场均|团均|均值|占比|比例|比重|百分比|百分率|份额|完成率)"
    rf"(?:[值每人次数量率场团]|{_OF_WHAT})*"
    r"|(?:daily |monthly |yearly |weekly )?(?:average|avg)(?: (?:per|a) (?:day|month|week|year|group))?"
    r"|percent(?:age)?|%|ratio"
)
_CHANGE = r"(?:增长|增减|增加|减少|下降|上升|增幅|降幅|增速|变化)"
_COMPARISON = re.compile(
    rf"(?:比|较|与)?(?:上年|去年|上月|上季度|前年|上周|上期)(?:同期|同月|同季度?|同日)?(?:相?比)?{_CHANGE}*[率额值量数人次]*"
    rf"|(?:同期|同比|环比)(?:{_CHANGE}|[率额值量数人次])*|同期(?:比|数|对比)"
    r"|(?:增长|增减|增幅|降幅|增速|变化)(?:率|额|值|量|数|幅度|情况)?"
    r"|yoy|mom|qoq|year on year|month on month|(?:same (?:period|month) (?:of )?)?last year"
    r"|previous (?:year|month)|change"
)
_ROLES = (
    r"(?:制表|填表|填报|审核|复核|审批|审定|批准|统计|经办|编制|报送|录入|打印|登记|负责|主管|记录|核对|制单|汇总)"
    r"(?:人员?|者|单位|部门|日期|时间|领导)?|(?:单位)?负责人|联系人|联系电话|电话|单位盖章|盖章|签字|签名|签章"
)
_NOTE = r"(?:备注|附注|注释|说明|注|附|填表说明|数据来源|资料来源)"
_REMARK = re.compile(
    rf"(?:{_NOTE}\d{{0,2}}\s*[:.、)]|[※*]\s*{_NOTE}?|(?:{_ROLES})\s*(?:\([^()]*\))?\s*:|(?:notes?|remarks?|nb|source"
    r"|(?:prepared|checked|approved|reviewed|compiled|printed|signed) (?:by|on))\s*:).*",
    re.DOTALL,
)  # fmt: skip
_REMARK_ALONE = re.compile(
    rf"备注|附注|注|填表说明|制表人|填表人|审核人|复核人|填报人|经办人|制表日期|填表日期|填报日期|{_NOTE}\d"
)


@lru_cache(maxsize=20_000)
def label_of(text: str) -> Problem | None:
    """Return why a row with this cell holds no visits (`TOTAL`, `AVERAGE`, `COMPARISON` or `REMARK`), or None.

    In Latin letters a label must be the whole text, or have only a year or a month beside it: TotalEnergies and Summit
    School are names.
    """
    if len(text) > _REMARK_LONGEST or not _HINT.search(text):
        return None
    text = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL).casefold().strip()
    if _REMARK.fullmatch(text) or _REMARK_ALONE.fullmatch(re.sub(r"[\W_]+", "", text)):
        return problems.REMARK
    if len(text) > _LONGEST:
        return None
    words = re.sub(r"[^\w%]+|_", " ", text).strip()
    plain = {re.sub(r"[^\w%∑]+|_", "", one) for one in (text, re.sub(r"\(.*?\)", "", text))}  # 合计（不含散客）
    if _is_total(text, words, plain):
        return problems.TOTAL
    for pattern, problem in ((_AVERAGE, problems.AVERAGE), (_COMPARISON, problems.COMPARISON)):
        if pattern.fullmatch(words) or any(pattern.fullmatch(one.rstrip("%")) for one in plain if one.rstrip("%")):
            return problem
    return None


def is_total(text: str) -> bool:
    """Return whether a text is the label of a total, such as 2019年合计, 广东小计 or Total 2019."""
    return label_of(text) is problems.TOTAL


_TRADITIONAL = str.maketrans("計匯總頁較額備註說審覈核複統製填單", "计汇总页较额备注说审核核复统制填单")


def _is_total(text: str, words: str, plain: set[str]) -> bool:
    if _ENGLISH.fullmatch(words):
        return True
    if any(_CHINESE.fullmatch(one) or _BARE.fullmatch(one) for one in plain):
        return True
    return _CHINESE_OF.fullmatch(text) is not None
