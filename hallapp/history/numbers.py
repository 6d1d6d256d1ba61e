"""Numbers of people or groups as people write them: the number, or a question with its possible readings."""

import re
from functools import lru_cache

from hallapp.core.text import plain
from hallapp.history import problems
from hallapp.history.numerals import NUMERALS, read_numeral
from hallapp.history.problems import Problem, Unclear, ask

Number = int | Problem | Unclear[int] | None

MOST = 9_999_999  # people in one row: more than any hall has in a month
_LONGEST = 60  # characters: a longer text is not a number
_NOTHING = frozenset({"", "-", "--", "---", "/", "\\", "无", "空", "没有", "无人", "none", "nil"})
_DASHES = dict.fromkeys(map(ord, "—–−‒―‐‑﹣─"), "-") | dict.fromkeys(map(ord, "～〜∼"), "~") | {ord("’"): "'"}
_PEOPLE = r"(?:人次|人数|人|名|位|个人|个|口|people|persons?|visitors?|pax)\.?"
_GROUPS = r"(?:个?(?:批次|批|组|团队|团|场次|场|队)|个|次|groups?)\.?"
_BEFORE = r"(?:共计|合计|总计|共有|共|计|人数|实到|实际)?\s*:?\s*"
#: A comma, a blank or an apostrophe separates thousands; the first group of digits is never a single zero.
_PARTED = re.compile(r"[1-9]\d{0,2}(?:([,' ])\d{3})(?:\1\d{3}){0,3}(?:\.0+)?")
_WHOLE = re.compile(r"\d{1,12}(?:\.0+)?")
_NOISE = re.compile(r"\d{1,9}\.(?:0{8,}\d{1,9}|9{8,}\d{1,9})")  # 33.000000000000004, the result of a computation
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,0+)?")
_POWER = re.compile(r"\d{1,9}(?:\.\d{1,12})?e\+?\d{1,2}")
_LARGE = re.compile(r"(\d{1,9}(?:\.\d{1,4})?)\s*([万萬千k百])")
_SCALES = {"万": 10_000, "萬": 10_000, "千": 1000, "k": 1000, "百": 100}
_ABOUT = re.compile(
    r"(?:约|大约|近|将近|接近|上|超过?|逾|过|不足|不到|至少|至多|最多|大概|估计|预计|>=?|<=?|≥|≤|≈|~|about|approx\.?|ca\.?|circa)"
    rf"|[余多来几]\s*(?={_PEOPLE}|$)|左右|上下|以上|以下|\+$|\?$|不等"
)
_RANGE = re.compile(r"(\d{1,7})\s*(?:-|~|至|到)\s*(\d{1,7})")
_SUM = re.compile(r"\d{1,7}(?:\s*\+\s*\d{1,7})+")
_PAIR = re.compile(r"(\d{1,7})\s*[/|、]\s*(\d{1,7})")
_BRACKETS = re.compile(r"(\d{1,7})\s*(?:" + _PEOPLE + r")?\s*[(\[【]([^()\[\]【】]*)[)\]】]")
_PART_OF = re.compile("含|其中|包括|内有|incl")
_LONE_NUMBER = re.compile(r"(?<![\d.,])\d{1,7}(?![\d.,])")
#: Words beside a number that counts something other than people: shares, dates, batches, days, money.
_OTHER_THINGS = re.compile(r"[%‰年月日第号批组团场车天元¥$=#^*×½¼¾²³]|div/0|ref|n/a")
_EMPTY_BRACKETS = re.compile(rf"\(\s*{_PEOPLE}\s*\)")


@lru_cache(maxsize=20_000)
def read_people(text: str) -> Number:
    """Return a number of people, 0 or more; None for an empty cell; a question where it is not clear."""
    return _read(text, _PEOPLE)


@lru_cache(maxsize=20_000)
def read_groups(text: str) -> Number:
    """Read a number of groups, 0 or more; None for an empty cell. It is clear or refused, never a question."""
    found = _read(text, _GROUPS)
    return problems.GROUPS_UNCLEAR if isinstance(found, Problem) else found


def _read(text: str, unit: str) -> Number:
    if text.isascii() and text.isdecimal() and len(text) < 8:  # nearly every cell
        return int(text)
    if len(text) > _LONGEST:
        return problems.PEOPLE_MANY if text.strip().isdecimal() else problems.PEOPLE_UNCLEAR
    text = re.sub(r"\s+", " ", plain(text).translate(_DASHES).casefold()).strip()
    if text in _NOTHING:
        return None
    bare = re.sub(rf"\s*{unit}$", "", re.sub(rf"^{_BEFORE}", "", _EMPTY_BRACKETS.sub("", text))).strip()
    found = _clear(bare)
    return found if found is not None else _question(text, bare)


def _clear(text: str) -> int | Problem | None:
    """Return the number of a text that holds nothing else, and the problem of a number that no row can have."""
    if text and all(character in NUMERALS for character in text):
        number = read_numeral(text)
        return None if number is None else _bounded(number)
    if negative := re.fullmatch(r"(?:-|负)\s*(.+)", text):
        inner = _clear(negative[1])
        return problems.PEOPLE_NEGATIVE if isinstance(inner, int) and inner else inner
    if not text.isascii():
        return None
    if _PARTED.fullmatch(text):
        text = re.sub("[,' ]", "", text)
    if re.fullmatch(r"\d{13,}", text):
        return problems.PEOPLE_MANY
    if _WHOLE.fullmatch(text) and not re.fullmatch(r"[1-9]\d{0,2}\.000", text):
        return _bounded(int(text.partition(".")[0]))
    return _bounded(round(float(text))) if _NOISE.fullmatch(text) else None


def _bounded(number: int) -> int | Problem:
    return number if number <= MOST else problems.PEOPLE_MANY


def _question(whole: str, bare: str) -> Problem | Unclear[int]:
    """Return the possible meanings of a text that is not simply a number."""
    found = _of_form(bare) or _of_form(whole) or _about(whole) or _with_words(whole)
    if isinstance(found, Unclear) and any(reading.value > MOST for reading in found.readings):
        return problems.PEOPLE_MANY
    return found or problems.PEOPLE_UNCLEAR


def _of_form(text: str) -> Unclear[int] | None:
    """Return the question of a text of one of the usual forms."""
    if _DOTTED.fullmatch(text):
        thousands = int(text.partition(",")[0].replace(".", ""))
        if re.fullmatch(r"\d+\.000", text):
            return ask(problems.PEOPLE_DOT, number=thousands // 1000, thousands=thousands)
        return ask(problems.PEOPLE_DOT, thousands=thousands)
    if _POWER.fullmatch(text) or (large := _LARGE.fullmatch(text)):
        number = float(text) if _POWER.fullmatch(text) else float(large[1]) * _SCALES[large[2]]  # type: ignore[index]
        return ask(problems.PEOPLE_ROUNDED, number=round(number)) if _is_whole(number) else None
    if (found := _RANGE.fullmatch(text)) and int(found[1]) < int(found[2]):
        return ask(problems.PEOPLE_RANGE, least=int(found[1]), most=int(found[2]))
    if _SUM.fullmatch(text):
        parts = [int(part) for part in text.split("+")]
        return ask(problems.PEOPLE_SUM, sum=sum(parts), first=parts[0])
    if found := _PAIR.fullmatch(text):
        return ask(problems.PEOPLE_PAIR, first=int(found[1]), second=int(found[2]))
    return _brackets(text)


def _is_whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6


def _brackets(text: str) -> Unclear[int] | None:
    if not (found := _BRACKETS.fullmatch(text)):
        return None
    outside, inside = int(found[1]), [int(part) for part in _LONE_NUMBER.findall(found[2])]
    if len(inside) != 1 or _PART_OF.search(found[2]):
        return ask(problems.PEOPLE_BRACKETS, first=outside)
    return ask(problems.PEOPLE_BRACKETS, first=outside, sum=outside + inside[0])


def _about(text: str) -> Problem | Unclear[int] | None:
    """Return a number that is marked as inexact: 约30人, 近百人, 30余人."""
    if not _ABOUT.search(text) or _OTHER_THINGS.search(text):
        return None
    rest = re.sub(rf"\s*{_PEOPLE}\s*", "", _ABOUT.sub("", text)).strip()
    number = _clear(rest)
    if isinstance(number, int):
        return ask(problems.PEOPLE_ABOUT, number=number)
    return ask(problems.PEOPLE_ABOUT) if re.search(rf"[\d{NUMERALS}]", rest) else None  # 许多


def _with_words(text: str) -> Unclear[int] | None:
    """Return one number among words: 师生38人."""
    if _OTHER_THINGS.search(text) or text.startswith("-") or re.search(rf"[{NUMERALS}]", text):
        return None
    numbers = re.findall(r"\d[\d.,]*", text)
    if len(numbers) != 1 or not _LONE_NUMBER.fullmatch(numbers[0]) or text.startswith("("):
        return None
    return ask(problems.PEOPLE_WORDS, number=int(numbers[0]))
