"""The terms of a search over bookings: read from a form, an address or a saved search, and written back."""

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from hallapp.booking import reference
from hallapp.booking.models import BookingState, Source
from hallapp.kinds.models import CODE_LENGTH

LONGEST_TEXT = 100
LEAST_DIGITS, MOST_DIGITS = 4, 20
#: The terms that contain no personal data, and so may be part of an address.
OPEN = ("from", "to", "state", "division", "programme", "source", "kind")
#: The terms that may name a person: they are posted, and never kept.
PERSONAL = ("text", "contact", "phone")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,7}")
_KIND = re.compile(rf"[a-z0-9-]{{1,{CODE_LENGTH}}}")
_SLUG = re.compile(r"[a-z0-9-]{1,40}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})  # control, format, and lone surrogates, which no database takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A search over bookings: it finds the bookings that meet every given term.

    Each word of `text` must be in the organisation or the contact, or be the phone's last digits, or begin the
    reference. `phone` is its last four digits or more; `day_from` and `day_to` are both included; `programme` is a
    slug. `problems` names the fields (as in an address) that could not be read, and by which nothing is searched.
    """

    text: str = ""
    organisation: str = ""
    contact: str = ""
    phone: str = ""
    reference: str = ""
    day_from: date | None = None
    day_to: date | None = None
    states: tuple[BookingState, ...] = ()
    division: str = ""
    programme: str = ""
    source: Source | None = None
    kind: str | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> "Terms":
        """Return the terms of a form, an address or a saved search; `problems` names those that cannot be read."""
        read: dict[str, Any] = {}
        problems: list[str] = []
        for name, (attribute, reader, _writer) in _FIELDS.items():
            typed = _typed(mapping, name)
            if not typed:
                continue
            try:
                read[attribute] = reader(typed)
            except ValueError:
                problems.append(name)
        if read.get("day_from") and read.get("day_to") and read["day_from"] > read["day_to"]:
            problems.append("to")
            del read["day_to"]
        return cls(**read, problems=tuple(problems))

    def checked(self, *, divisions: Container[str], programmes: Container[str]) -> "Terms":
        """Return the terms with a problem for each code that the hall does not know."""
        problems = list(self.problems)
        if self.division and self.division not in divisions:
            problems.append("division")
        if self.programme and self.programme not in programmes:
            problems.append("programme")
        return replace(self, problems=tuple(problems))

    def to_mapping(self) -> dict[str, str]:
        """Return the terms that are given, by the names of their fields."""
        given = ((name, getattr(self, attribute), writer) for name, (attribute, _reader, writer) in _FIELDS.items())
        return {name: writer(value) for name, value, writer in given if value}

    @property
    def personal(self) -> tuple[str, ...]:
        """Return the fields that are given and may name a person."""
        return tuple(name for name in self.to_mapping() if name in PERSONAL)


def visible(text: str) -> str:
    """Return a text without invisible characters: NUL and its like, format characters, lone surrogates."""
    return "".join(character for character in text if unicodedata.category(character) not in _UNSEEN)


def _typed(mapping: Mapping[str, Any], name: str) -> str:
    """Return a field as one line; a field that was sent several times (boxes that were ticked) is joined by commas."""
    several = getattr(mapping, "getlist", None)
    value = ",".join(several(name)) if several else mapping.get(name) or ""
    return " ".join(visible(" ".join(str(value).split())).split())


def _text(typed: str) -> str:
    if len(typed) > LONGEST_TEXT:
        raise ValueError("too long")
    return typed


def _phone(typed: str) -> str:
    """Return the digits, with a `+` before them where it was typed. Raises ValueError for too few or too many."""
    plain = unicodedata.normalize("NFKC", typed)
    digits = "".join(character for character in plain if character in "0123456789")
    if not LEAST_DIGITS <= len(digits) <= MOST_DIGITS or any(character.isalpha() for character in plain):
        raise ValueError("no phone number, nor its last digits")
    return f"+{digits}" if plain.startswith("+") else digits


def _reference(typed: str) -> str:
    tidied = reference.tidy(typed)
    if not 1 <= len(tidied) <= reference.LENGTH or not set(tidied) <= set(reference.ALPHABET):
        raise ValueError("no reference, nor its beginning")
    return tidied


def _day(typed: str) -> date:
    if not _DAY.fullmatch(typed):
        raise ValueError("no day")
    return date.fromisoformat(typed)


def _states(typed: str) -> tuple[BookingState, ...]:
    asked = {BookingState(each.strip()) for each in typed.split(",") if each.strip()}
    return tuple(state for state in BookingState if state in asked)


def _one_of(known: Callable[[str], Any]) -> Callable[[str], str]:
    def read(typed: str) -> str:
        if not known(typed):
            raise ValueError("unknown")
        return typed

    return read


#: By a field's name in forms and addresses: its attribute, how it is read (raises ValueError), and how it is written.
_FIELDS: dict[str, tuple[str, Callable[[str], Any], Callable[[Any], str]]] = {
    "text": ("text", _text, str),
    "organisation": ("organisation", _text, str),
    "contact": ("contact", _text, str),
    "phone": ("phone", _phone, str),
    "reference": ("reference", _reference, str),
    "from": ("day_from", _day, date.isoformat),
    "to": ("day_to", _day, date.isoformat),
    "state": ("states", _states, ",".join),
    "division": ("division", _one_of(_CODE.fullmatch), str),
    "programme": ("programme", _one_of(_SLUG.fullmatch), str),
    "source": ("source", Source, str),
    "kind": ("kind", _one_of(_KIND.fullmatch), str),
}
