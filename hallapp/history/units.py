"""Units of numbers of people, such as thousands, by the words of a heading, a title, a name or a remark."""

import re
import unicodedata
from functools import lru_cache

_FACTORS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_WORDS = (("hundred", 100), ("thousand", 1_000), ("million", 1_000_000))
_PEOPLE = r"(?:人次|人|名)"
#: `万人次` is a unit where no number comes before it: 1.2万人次 and 近百人 are numbers.
_BARE = re.compile(rf"(?<![\d.〇零一二三四五六七八九十百千万亿几数两半余近约上超])([百千万亿])\s*{_PEOPLE}")
_SAID = re.compile(
    rf"[(【\[]\s*(?:单位\s*:?\s*)?([十百千万亿])\s*{_PEOPLE}?\s*[)】\]]"
    rf"|单位\s*[:为是]?\s*([十百千万亿])\s*(?:{_PEOPLE}|[^\w]|$)"
    rf"|/\s*([百千万亿])\s*{_PEOPLE}?\s*$"
)
_ENGLISH = re.compile(r"(?:\bin |[(\[/]\s*|,\s*)(hundred|thousand|million)s?\b|(?<!\d )\b(thousand)s?\b")
_DIGITS = re.compile(r"(?:[x×]\s*|[(\[]\s*|'|\bin )(1?0*),?(000)'?s?\b|[(\[]\s*(10{0,2})?\s*k\s*[)\]]")


@lru_cache(maxsize=5_000)
def read_unit(text: str) -> int:
    """Return the factor of the numbers by a text beside them; 1 where it names no unit."""
    text = unicodedata.normalize("NFKC", text).replace("萬", "万").replace("’", "'").casefold()
    if found := _BARE.search(text) or _SAID.search(text):
        return _FACTORS[next(group for group in found.groups() if group)]
    if found := _ENGLISH.search(text):
        return dict(_WORDS)[found[1] or found[2]]
    if found := _DIGITS.search(text):
        return int((found[1] or "1") + found[2]) if found[2] else int(found[3] or 1) * 1_000
    return 1
