"""The content found in a file or a text: people, and entries that were left out."""

from dataclasses import dataclass, field
from enum import Enum

from hallapp.core.errors import N_
from hallapp.namelist.models import ListColumn
from hallapp.namelist.names import Problem


class Why(Enum):
    """The reason why a row is left out; the value is its message id. It is always shown, with the row's text."""

    TOTAL = N_("a total")
    TITLE = N_("a title")
    ABOVE = N_("above the heading")
    FACT = N_("a remark")
    OFFICE = N_("who made the list")
    EXAMPLE = N_("an example")
    NO_NAME = N_("no name")
    BESIDE = N_("beside a name")
    OTHER_COLUMN = N_("a column of other people, or of the same people in another script")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An entry that was left out: its place (0 for a column), its text, and the names in it."""

    number: int
    text: str
    why: Why
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRow:
    """A person as read: the row's number in the file, and the problems of single cells, by their column.

    The name's problem has the key None. `same_as` is the number of an earlier row with the same name. `note` is a
    remark for the reader about a line without a problem.
    """

    number: int
    name: str
    extras: dict[ListColumn, str] = field(default_factory=dict)
    problems: dict[ListColumn | None, Problem] = field(default_factory=dict)
    same_as: int | None = None
    note: Problem | None = None


def from_label(text: str) -> Problem:
    """Return the note of a name that stood behind a label such as “领队：”."""
    return Problem(
        "from_label", N_("Written as “%(text)s”. Leave it out if this person does not come."), {"text": text}
    )


def one_or_two(text: str) -> Problem:
    """Return the note of a name that was written as “family, given”."""
    return Problem(
        "one_or_two", N_("Written as “%(text)s”. If these are two people, give each of them a line."), {"text": text}
    )


def and_more(text: str) -> Problem:
    """Return the note for a name with a remark that another person comes along."""
    message = N_("“%(text)s” is written beside this name. Add a line for each further person.")
    return Problem("and_more", message, {"text": text})


def hidden(text: str = "") -> Problem:
    """Return the note of a name in a row that the author of the file hid, filtered out or struck through."""
    message = N_("This row is hidden or struck through in the file. Leave it out if this person does not come.")
    return Problem("hidden", message, {"text": text})


_NOTES = {"hidden": hidden, "from_label": from_label, "one_or_two": one_or_two, "and_more": and_more}


def pack_note(note: Problem | None) -> str:
    """Return a note as a value of a form field, so that it can be shown again in the reader's language."""
    return f"{note.code}:{note.params['text']}" if note else ""


def unpack_note(packed: str) -> Problem | None:
    """Return the note that a field of a form carries, or None."""
    code, _colon, text = packed.partition(":")
    return _NOTES[code](text) if code in _NOTES else None
