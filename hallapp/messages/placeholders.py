"""The placeholders of a hall's texts: `{when}` becomes the time of the visit; nothing else is interpreted.

A placeholder is only a name in curly brackets: no attribute, index, format or expression. Inserted values are not
interpreted again, so a visitor's input cannot contain placeholders.
"""

import re
import unicodedata
from collections.abc import Mapping

from hallapp.core.errors import N_
from hallapp.messages.errors import BracesUnclear, PlaceholderUnknown
from hallapp.messages.models import MessageKind

#: The placeholders of every message, with their meanings as message ids.
COMMON: dict[str, str] = {
    "name": N_("who booked"),
    "organisation": N_("the group’s organisation"),
    "when": N_("day and time of the visit"),
    "programme": N_("the programme"),
    "people": N_("how many people are booked"),
    "resources": N_("the equipment and rooms of the group; empty without any"),
    "reference": N_("the booking reference"),
    "link": N_("the address of the booking page"),
    "book": N_("the address where another time can be booked"),
    "hall": N_("the hall’s name"),
    "address": N_("the hall’s address"),
    "phone": N_("the hall’s phone number"),
    "directions": N_("how to get there"),
    "bring": N_("what to bring"),
    "late": N_("what to do if late"),
}
_REPLY = {"reply": N_("what the hall wrote to this organiser")}
_RULES = {"rules": N_("the hall’s rule for missed visits")}
_APPEAL = {"appeal": N_("the address of the page for an appeal")}
_PASS = {
    "pass": N_("the address of the pass; empty where the programme is online"),
    "join": N_("the address at which an online programme is joined; else empty"),
}
#: The placeholders of single kinds of messages.
_MORE: dict[MessageKind, dict[str, str]] = {
    MessageKind.OFFERED: {"until": N_("until when the places are held")},
    MessageKind.MISSED: _RULES,
    MessageKind.REVIEWED: {"until": N_("until when the hall confirms each online booking"), **_RULES, **_APPEAL},
    MessageKind.PAUSED: {"until": N_("until when online booking is paused"), **_RULES, **_APPEAL},
    MessageKind.APPEAL_ACCEPTED: _REPLY,
    MessageKind.APPEAL_REFUSED: _REPLY,
    MessageKind.DECLINED: _REPLY,
    MessageKind.CANCELLED_BY_HALL: _REPLY,
    MessageKind.THANKS: {"feedback": N_("the address where the visit can be rated")},
    **dict.fromkeys(
        (
            MessageKind.PLACED,
            MessageKind.CONFIRMED,
            MessageKind.CHANGED,
            MessageKind.MOVED,
            MessageKind.REISSUED,
            MessageKind.REMINDER,
        ),
        _PASS,
    ),
}
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_BRACKETED = re.compile(r"\{([^{}\n]{1,40})\}")
_BRACE = re.compile(r"[{}]")
_NEAR = 12
#: Marks that change the direction of the text after them, even beyond the end of the name that contains them (UAX
#: #9).
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def names_of(kind: MessageKind) -> dict[str, str]:
    """Return the placeholders of a kind of message, each with its meaning, as a message id."""
    return {**COMMON, **_MORE.get(kind, {})}


def check(text: str, kind: MessageKind, *, field: str) -> None:
    """See that a text has this kind's placeholders and no other brackets.

    Raises:
        PlaceholderUnknown, BracesUnclear: with this field.
    """
    allowed = names_of(kind)
    rest = _PLACEHOLDER.sub(lambda found: "" if found[1] in allowed else found[0], text)
    unknown = _BRACKETED.search(rest)
    if unknown and re.fullmatch(r"\w+", unknown[1]) and rest.count("{") == rest.count("}") and "{{" not in rest:
        raise PlaceholderUnknown(field, unknown[0])
    brace = _BRACE.search(rest)
    if brace:
        raise BracesUnclear(field, " ".join(rest[max(brace.start() - _NEAR, 0) : brace.end() + _NEAR].split()))


def render(text: str, values: Mapping[str, str]) -> str:
    """Fill a text in. A line, or a whole paragraph, whose placeholders are all empty is left out."""
    paragraphs = re.split(r"\n[ \t]*\n\s*", text.strip())
    filled = ("\n".join(_lines(one, values)) for one in paragraphs if _says_something(one, values))
    return "\n\n".join(one for one in filled if one)


def _lines(paragraph: str, values: Mapping[str, str]) -> list[str]:
    return [_fill(line, values) for line in paragraph.split("\n") if _says_something(line, values)]


def render_line(text: str, values: Mapping[str, str]) -> str:
    """Fill in a text that is one line, such as a subject."""
    return " ".join(_fill(text, values).split())


def clean(value: str, *, one_line: bool = True) -> str:
    """Return a text without characters that control the place or the direction of the text that follows."""
    plain = "\n".join(value.splitlines()).encode("utf-8", "replace").decode()
    printable = "".join(c for c in plain if c == "\n" or (unicodedata.category(c) != "Cc" and c not in _TURNING))
    return " ".join(printable.split()) if one_line else printable.strip()


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _says_something(text: str, values: Mapping[str, str]) -> bool:
    names = _PLACEHOLDER.findall(text)
    return not names or any(values.get(name) for name in names)
