"""Whether a text is the label of a total: such a row adds up others, and its people would count twice."""

import re
import unicodedata
from functools import lru_cache

_LONGEST = 40  # characters: no label is longer
_HINT = re.compile("[计汇总tsＴＳｔｓ]", re.IGNORECASE)  # every label has one of these: most names are told by it
_LATIN = r"(?:grand ?total|sub ?total|total|sum)s?"
_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_BESIDE = rf"(?:\d{{1,8}}|q[1-4]|{_MONTHS})"
_ENGLISH = re.compile(rf"(?:{_BESIDE} )*{_LATIN}(?: {_BESIDE})*")
#: The word in Chinese with a time, a number or what was counted beside it, or with the word in English.
_CHINESE = re.compile(
    rf"(?:{_LATIN})?[\d年月日号季度周天期第上下半全本当一二三四五六七八九十〇零至到]*"
    r"(?:合计|总计|共计|小计|累计|汇总|月计|年计|总人数|总人次)"
    rf"[\d年月日号季度周天期第上下半全本一二三四五六七八九十〇零至到人次数批团队个接待参观来访]*(?:{_LATIN})?"
)
#: The word behind what was added up, as spreadsheets write 广东 汇总: no name ends so.
_CHINESE_OF = re.compile(r".*\S(?:\s*(?:合计|总计|共计|小计|累计)|\s+汇总)\W*", re.DOTALL)


@lru_cache(maxsize=20_000)
def is_total(text: str) -> bool:
    """Whether a text says that its row is a total, such as 2019年合计, 广东小计 or Total 2019.

    In Latin letters the word stands alone or beside a year or a month: TotalEnergies and Summit School are names.
    """
    if len(text) > _LONGEST or not _HINT.search(text):
        return False
    text = unicodedata.normalize("NFKC", text).casefold().strip()
    if _ENGLISH.fullmatch(re.sub(r"[\W_]+", " ", text).strip()):
        return True
    plain = (re.sub(r"[\W_]+", "", one) for one in (text, re.sub(r"\(.*?\)", "", text)))  # 合计（不含散客）
    return any(map(_CHINESE.fullmatch, plain)) or _CHINESE_OF.fullmatch(text) is not None
