"""Reading of names pasted from a chat: numbered or not, one or several on a line, with ticks, phones and titles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hallapp.namelist import headings, marks, names
from hallapp.namelist.found import LeftOut, NameRow, Why, and_more, from_label, one_or_two
from hallapp.namelist.marks import Kind
from hallapp.namelist.names import HAN, Problem
from hallapp.origins.china import DIVISIONS

_LONGEST = 200  # characters: the rest of a longer line is not shown
_CHAIN = re.compile(r"接龙|solitaire", re.I)
_EXAMPLE = re.compile(r"\s*(例|例如|示例|样例|格式|example|e\.g\.)\s*[:：.．、\s\d]", re.I)
#: Ticks, emoji, and the characters that turn digits into emoji.
_PICTURES = re.compile("[\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u2bff\U0001f000-\U0001faff\u20e3]+")
#: A number of a list inside a line: “1.张三 2.李四”, “①张三②李四”.
_INNER_NUMBER = re.compile(
    rf"(?:(?<=\s)|(?<=[{HAN}]))(?=[（(]?\d{{1,3}}\s*[.．、)）]\s*[^\d\s])|(?=[\u2460-\u249b\u2776-\u2793\u3251-\u325f\u32b1-\u32bf])"
)
_STRONG = re.compile(r"[\t、;；|｜/／\\\n]+|(?<![A-Za-z0-9._%-])@|\s[&＆]\s")
_COMMA = re.compile(r"[,，]+")
_PHONE = re.compile(r"(?<![A-Za-z])\+?\(?\d[\d\-() ]{5,}\d(?!\d)")
_FEW = r"(\d{1,2}|[一二两三四五六七八九])"
#: “+1”, “带2人”, “3人”, “×2”: other people without names come along.
_MORE = re.compile(
    rf"[+＋]\s*{_FEW}\s*[人位名个]?|[带等共]\s*{_FEW}\s*[人位名]|{_FEW}\s*([人位名]|pax|people)(?![\w])"
    r"|(?:[×✕*＊]|(?<=[\s\u4e00-\u9fff])x)\s*[2-9](?!\d)",
    re.I,
)
_HOW_MANY = r"[一二两俩兩倆三四五六七八九\d]*[口人]?[人子]?"
#: “一家三口”, “夫妇”, “带孩子” behind a name: others of the family without names. A name may end in 全家 itself,
#: so such words need two characters before them.
_FAMILY = re.compile(
    rf"(?<=[{HAN}])\s*[（(]?\s*(?:(?:夫妇|夫婦|夫妻|伉俪|伉儷){_HOW_MANY}|两口子|兩口子|[一全]家[二两兩三四五六七八九\d]+[口人]人?"
    rf"|(?<=[{HAN}]{{2}})(?:[一全]家人?|(?:父子|父女|母子|母女){_HOW_MANY})"
    rf"|[及和与與带帶携攜](?:全家|家属|家屬|家人|爱人|愛人|妻子|丈夫|孩子|小孩|儿子|兒子|女儿|女兒|子女|娃))\s*[)）]?(?![{HAN}])"
)
_ONE_PERSON = re.compile(r"[1一]\s*([人位名]|pax|people)", re.I)
_BRACKETS = re.compile(r"[（(【\[]([^()（）【】\[\]]{0,80})[)）】\]]")
#: Remarks after a name that do not name a person and are not shown.
_TRIVIAL = re.compile(
    r"男|女|男生|女生|先生|女士|同学|老师|同志|经理|主任|处长|科长|部长|局长|书记|主席|院长|校长|会计|工程师|本人|家属|已到|未到|请假|参加|确认|收到|报名|到"
    r"|(\d+|[一二三四五六七八九十]+)(岁|周岁|人|位|名)|m|f|male|female|mr|mrs|ms|miss|yes|ok|confirmed|going",
    re.I,
)
_END_MARKS = "\"'“”‘’「」『』。.!！?？~～…—-–:：*#"  # marks at the ends of a name
#: Family names of two characters, after which a space may be inside a name.
_COMPOUND = re.compile(
    "欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯|端木|轩辕|南宫|独孤|申屠|澹台|闻人|濮阳|淳于|钟离|西门"
    "|歐陽|司馬|諸葛|東方|尉遲|公孫|長孫|獨孤|澹臺|聞人|濮陽|鍾離|西門"
)
_PLACES = frozenset(division.name("zh") for division in DIVISIONS.values())
_HAN_ENDS = re.compile(r"^\d+|\d+$")
_HAN_TOKEN = re.compile(rf"[{HAN}·]+")
_ANYBODY = re.compile(r"所有人|全体成员|全体|all|everyone|大家|各位.*", re.I)


@dataclass(slots=True)
class _Found:
    """The content of one line."""

    people: list[NameRow]
    left: list[LeftOut]


def read(text: str) -> tuple[list[NameRow], list[LeftOut]]:
    """Return the people of a pasted text and the entries left out, with their line numbers from 1."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    first = _first_numbered(lines)
    people: list[NameRow] = []
    left: list[LeftOut] = []
    for index, (number, line) in enumerate(lines):
        found = _read_line(number, line, above=index < first, alone=len(lines) == 1)
        people += found.people
        left += found.left
    return people, left


def _first_numbered(lines: list[tuple[int, str]]) -> int:
    """Return the index of the line at which the numbered names begin: all above it announce them."""
    numbered = [
        index for index, (_number, line) in enumerate(lines) if marks.is_numbered(line) and not _EXAMPLE.match(line)
    ]
    is_chain = any(_CHAIN.search(line) for _number, line in lines)
    return numbered[0] if len(numbered) > 1 or (is_chain and numbered) else 0


def _read_line(number: int, line: str, *, above: bool, alone: bool) -> _Found:
    found = _Found([], [])
    line = _PICTURES.sub(" ", line)
    if not names.has_letter(line) or headings.part_of(line):
        return found
    shown = names.tidy_text(line)[:_LONGEST]
    why = _reason(line, above=above)
    label = marks.find_label(marks.strip_number(line))
    if label and label.kind is Kind.COMPANY and why in (None, Why.ABOVE):
        # The note asks about a leader above the names; a leader without a name is a title.
        _read_names(number, label.value, found, note=from_label(shown))
        if not found.people:
            found.left.append(LeftOut(number, shown, why or Why.TITLE))
        return found
    if why:
        number_only = why is Why.TOTAL and any(character.isdigit() for character in shown)
        taken = () if number_only else _candidates(number, label.value if label else line)
        found.left.append(LeftOut(number, shown, why, taken))
        return found
    if label:
        _read_labelled(number, label, shown, found)
    else:
        for piece in _INNER_NUMBER.split(line):
            _read_names(number, marks.strip_number(piece), found, alone=alone)
    if not found.people and not found.left:
        found.left.append(LeftOut(number, shown, Why.NO_NAME, (names.tidy_name(shown)[: names.NAME_LENGTH],)))
    return found


def _reason(line: str, *, above: bool) -> Why | None:
    """Return why a line as a whole names no one who comes, or None."""
    text = marks.strip_number(line).strip()
    label = marks.find_label(text)
    if marks.is_total([text]) or (label and marks.is_total([label.label])):
        return Why.TOTAL
    if _EXAMPLE.match(line):
        return Why.EXAMPLE
    if label and label.kind is Kind.OFFICE:
        return Why.OFFICE
    if label and label.kind is Kind.FACT:
        return Why.FACT
    if above:
        return Why.ABOVE
    if marks.is_title(text) or _CHAIN.search(text) or (not label and marks.is_event(text)):
        return Why.TITLE
    return None


def _candidates(number: int, text: str) -> tuple[str, ...]:
    """Return the names that a line would give if it were taken after all: those in it, or all of it."""
    found = _Found([], [])
    _read_names(number, marks.strip_number(text), found)
    return tuple(person.name for person in found.people) or ((name,) if (name := names.tidy_name(text)[:80]) else ())


def _read_labelled(number: int, label: marks.Label, shown: str, found: _Found) -> None:
    note = None if marks.is_name_label(label) else from_label(shown)
    _read_names(number, label.value, found, note=note)
    if not found.people:  # “张三：13800138000”, or “参观人员：”
        if marks.is_name_label(label) or marks.is_event(label.label):
            found.left.append(LeftOut(number, shown, Why.TITLE, _candidates(number, label.label)))
        else:
            _read_names(number, label.label, found)


def _read_names(number: int, text: str, found: _Found, *, note: Problem | None = None, alone: bool = False) -> None:
    for piece in _pieces(text):
        more = _FAMILY.search(piece) or _MORE.search(piece)
        plain = _PHONE.sub(" ", piece.replace(more[0], " ", 1) if more else piece)
        before = len(found.people)
        for name, why, own in _names_of(plain, alone=alone):
            if why:
                found.left.append(LeftOut(number, name, why, (name,)))
            else:
                found.people.append(NameRow(number=number, name=name, note=note or own))
        if more and len(found.people) > before and not _ONE_PERSON.fullmatch(more[0]):
            found.people[-1] = replace(found.people[-1], note=and_more(more[0].strip(" ()（）")))


def _pieces(text: str) -> Iterator[str]:
    """Return the pieces between marks that always separate people."""
    cells = [cell.strip() for cell in text.split("\t") if cell.strip()]
    if len(cells) == 2 and all(
        re.fullmatch(r"[^\W\d_][\w'’.-]*", cell) and not _HAN_TOKEN.match(cell) for cell in cells
    ):
        yield " ".join(cells)  # the two columns of one name
        return
    for piece in _STRONG.split(text):
        if piece and piece.strip():
            yield piece


def _names_of(piece: str, *, alone: bool) -> Iterator[tuple[str, Why | None, Problem | None]]:
    """Return the names of a piece: each with why it is left out, or None, and a note."""
    parts = [part.strip() for part in _COMMA.split(piece) if names.has_letter(part)]
    if len(parts) == 2 and not any(_HAN_TOKEN.search(part) for part in parts):
        family, given = (_trim(part) for part in parts)
        if min(len(family.split()), len(given.split())) == 1:
            note = one_or_two(names.tidy_text(piece)) if alone or " " in family else None
            yield names.join(family=family, given=given), None, note
            return
    for part in parts:
        yield from _names_of_part(part)


def _names_of_part(part: str) -> Iterator[tuple[str, Why | None, Problem | None]]:
    """Return the names between two marks: blanks separate Chinese names, but are part of all others.

    Latin letters beside a Chinese name are most often the name of the same person.
    """
    tokens = [token for token in map(_trim, _BRACKETS.sub(" ", part).split()) if _may_name(token)]
    han = [_HAN_ENDS.sub("", token) for token in tokens if _HAN_TOKEN.search(token)]
    other = names.tidy_name(" ".join(token for token in tokens if not _HAN_TOKEN.search(token)))
    units = [token for token in han if _is_unit(token)]
    people = _han_names([token for token in han if token not in units])
    yield from ((name, None, None) for name in people)
    if other:
        yield other, Why.BESIDE if people else None, None
    beside = [names.tidy_text(found[1]) for found in _BRACKETS.finditer(part)]
    for text in [*units, *(text for text in beside if _may_name(text))]:
        yield text, Why.BESIDE, None


def _may_name(token: str) -> bool:
    if not names.has_letter(token) or "@" in token:
        return False
    return not (_TRIVIAL.fullmatch(token) or _ANYBODY.fullmatch(token) or token in _PLACES)


def _is_unit(token: str) -> bool:
    return marks.UNIT.fullmatch(token) is not None or any(character.isdigit() for character in token)


def _han_names(tokens: list[str]) -> list[str]:
    """Return the names of blank-separated tokens; a single character, or a compound family name, is half a name."""
    found: list[str] = []
    waiting = ""
    for token in tokens:
        waiting += token
        if len(waiting) > 1 and not _COMPOUND.fullmatch(waiting):
            found.append(names.tidy_name(waiting))
            waiting = ""
    if waiting and found and len(waiting) == 1:
        found[-1] += waiting
    elif waiting:
        found.append(names.tidy_name(waiting))
    return found


def _trim(text: str) -> str:
    return names.tidy_text(text).strip(_END_MARKS + " ")
