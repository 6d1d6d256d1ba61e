"""From a number of people or groups as people write it to the number."""

import re
from functools import lru_cache

from hallapp.core.fields import plain
from hallapp.history import problems
from hallapp.history.problems import Problem

MOST = 9_999_999  # people in one row: more than any month of any hall has
_LONGEST = 30
_UNIT = re.compile(r"\s*(人次|人|名|位|个|批次|批|组|团|场|people|persons?|groups?|pax)\.?$")
_NOTHING = frozenset({"", "-", "--", "—", "——", "/", "\\", "无", "0", "none", "nil"})
_WHOLE = re.compile(r"\d{1,12}(\.0+)?")
_POWER = re.compile(r"\d(\.\d{1,12})?e\+?\d{1,2}")


@lru_cache(maxsize=20_000)
def read_number(text: str) -> int | Problem | None:
    """A whole number of 0 or more; None where nothing stands there. A problem is said of people."""
    text = plain(text[:_LONGEST]).casefold()
    text = re.sub(r"(?<=\d)[,\s](?=\d{3}(\D|$))", "", _UNIT.sub("", text)).strip()
    if text in _NOTHING:
        return 0 if text == "0" else None
    if not text.isascii():
        return problems.PEOPLE_UNCLEAR
    if text.startswith("-") and _WHOLE.fullmatch(text[1:]):
        return problems.PEOPLE_NEGATIVE
    if _POWER.fullmatch(text) and float(text).is_integer():
        text = str(int(float(text)))
    if not _WHOLE.fullmatch(text):
        return problems.PEOPLE_MANY if re.fullmatch(r"\d{13,}", text) else problems.PEOPLE_UNCLEAR
    number = int(text.partition(".")[0])
    return number if number <= MOST else problems.PEOPLE_MANY
