"""The forms for name lists: a file or a text, its lines, and the hall's columns."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from flask_wtf.file import FileField
from wtforms import BooleanField, Field, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from hallapp.booking.web.forms import PageForm, printable
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.core.web.responses import stale_form
from hallapp.namelist import errors, names, reading, uploads
from hallapp.namelist.found import LeftOut, NameRow, Why, pack_note, unpack_note
from hallapp.namelist.models import ListColumn, ListColumns, Person
from hallapp.namelist.names import Problem
from hallapp.namelist.reading import Understood
from hallapp.namelist.service import ChooseColumns, PersonData
from hallapp.sheets.errors import Candidate, TextUnsure

_LINE = re.compile(r"rows-([0-9]{1,4})-name")
_LEFT = re.compile(r"left-([0-9]{1,4})-text")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")
_BLANK_LINES = 3
_BUTTONS = frozenset(("add_lines", "take", "refresh"))  # the buttons that change the page without submitting the list
_OFFERED_MOST = 200_000  # bytes of a file that is sent again for each way to read it: far more than a list of names has
_LONGEST = 300  # the length of a cell shown again: longer than any name, so that a text that is too long is recognised


class ReadForm(PageForm):
    """A file, or names that are typed or pasted."""

    class Meta(PageForm.Meta):
        """The form has no token: it changes nothing, and an expired one would lose the chosen file."""

        csrf = False

    file = FileField(_l("Spreadsheet"))
    text = TextAreaField(_l("Or the names, one a line"), filters=[tidy])
    unsure: TextUnsure | None = None  # the refusal of a file that can be read in several ways

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside its field, and keep the ways to read a file whose encoding is not sure."""
        super().refuse(error)
        if isinstance(error, TextUnsure):
            self.unsure = error

    @property
    def readings(self) -> list[tuple[Candidate, str]]:
        """Return the possible readings of a file with an uncertain encoding, each with the whole text."""
        if not self.unsure:
            return []
        self.file.data.stream.seek(0)
        content = self.file.data.stream.read(_OFFERED_MOST + 1)
        if len(content) > _OFFERED_MOST:
            return []
        return [(one, tidy(content.decode(one.encoding, "replace"))) for one in self.unsure.candidates]

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of the element beside which it is shown."""
        yield from (("check", str(message)) for message in self.form_errors)
        for one in (self.file, self.text):
            yield from ((one.id, str(message)) for message in one.errors)

    def understand(self, columns: ListColumns) -> Understood:
        """Return the input, read row by row.

        Raises:
            FileRefused: where there is nothing to show.
        """
        wanted, labels = columns.chosen, tuple(columns.label.values())
        if self.file.data and self.file.data.filename:
            content = self.file.data.stream.read(uploads.FILE_BYTES_MOST + 1)
            return reading.understand_file(content, filename=self.file.data.filename, wanted=wanted, labels=labels)
        if not self.text.data:
            raise errors.NothingSent
        if len(self.text.data) > uploads.FILE_BYTES_MOST:
            raise errors.FileTooLarge
        return reading.understand_text(self.text.data, wanted=wanted, labels=labels)


@dataclass(slots=True)
class NameLine:
    """A line of the list as it is shown and typed; `number` is its row in the file, 0 where it was not in one.

    `errors` are by the name of the cell: `name`, or the value of a column. `out` leaves the line out.
    """

    index: int
    number: int
    name: str
    extras: dict[ListColumn, str]
    out: bool = False
    same_as: int | None = None
    asked: Problem | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """Return a note about a row for the reader, in their language, or nothing."""
        return _say(self.asked) if self.asked else ""

    @property
    def packed_note(self) -> str:
        """Return the note as the form carries it."""
        return pack_note(self.asked)

    @property
    def blank(self) -> bool:
        """Return whether it is empty."""
        return not self.name and not any(self.extras.values())

    def check(self) -> None:
        """Bring its cells into their tidy form, and note their errors."""
        self.name = names.tidy_name(self.name)
        self.extras = {column: names.tidy_text(text) for column, text in self.extras.items()}
        found: dict[str, Problem | None] = {"name": names.find_name_problem(self.name)}
        found |= {column.value: names.find_extra_problem(column, text) for column, text in self.extras.items()}
        self.errors = {cell: _say(problem) for cell, problem in found.items() if problem}


@dataclass(frozen=True, slots=True)
class LeftLine:
    """An entry that was left out of the list, shown beside it until someone adds it."""

    index: int
    number: int
    text: str
    why: Why
    names: tuple[str, ...]


class NamesForm(PageForm):
    """The list, line by line; each line can be changed or left out before it counts.

    `left` are the entries that were left out; a button beside each adds it.
    """

    shown = ("consent",)
    consent = BooleanField(
        validators=[DataRequired(_l("Please tick this box: the people on the list must know about it."))]
    )
    lines: list[NameLine]
    left: list[LeftLine]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.left = [], []

    @classmethod
    def of(cls, understood: Understood) -> Self:
        """Return the form filled from a file, with its errors."""
        form = cls(formdata=None)
        form.lines = [_line(index, row) for index, row in enumerate(understood.rows)]
        form.left = [_left_line(index, one) for index, one in enumerate(understood.left_out)]
        return form

    @classmethod
    def of_people(cls, people: Iterable[Person], columns: ListColumns) -> Self:
        """Return the form as it is filled from the list that the hall has."""
        form = cls(formdata=None)
        form.lines = [
            NameLine(index, 0, person.name, {column: person.extra.get(column.value, "") for column in columns.chosen})
            for index, person in enumerate(people)
        ]
        return form

    @classmethod
    def of_sent(cls, sent: Mapping[str, str], columns: ListColumns) -> Self:
        """Return the form as it was sent."""
        form = cls(sent)
        indexes = sorted({int(found[1]) for key in sent if (found := _LINE.fullmatch(key))})
        form.lines = [_sent_line(sent, index, columns) for index in indexes]
        left = sorted({int(found[1]) for key in sent if (found := _LEFT.fullmatch(key))})
        form.left = [_sent_left(sent, index) for index in left[: uploads.ROWS_MOST]]
        return form

    @property
    def people(self) -> list[NameLine]:
        """Return the lines that count."""
        return [line for line in self.lines if not line.out and not line.blank]

    def apply_change(self, pressed: Mapping[str, str], columns: ListColumns) -> bool:
        """Carry out one of the page's own buttons; return False for the button that submits the list."""
        blank = dict.fromkeys(columns.chosen, "")
        if "add_lines" in pressed and len(self.lines) < uploads.ROWS_MOST:
            start = self._next_index
            self.lines += [NameLine(index, 0, "", dict(blank)) for index in range(start, start + _BLANK_LINES)]
        if taken := [line for line in self.left if str(line.index) == pressed.get("take")]:
            self._take(taken[0], blank)
        return bool(_BUTTONS.intersection(pressed))

    @property
    def _next_index(self) -> int:
        return max((line.index for line in self.lines), default=-1) + 1

    def _take(self, left: LeftLine, blank: dict[ListColumn, str]) -> None:
        """Add an entry that was left out as lines at the end of the list."""
        room = max(uploads.ROWS_MOST - len(self.lines), 0)
        if len(left.names) <= room:
            start = self._next_index
            self.lines += [NameLine(start + n, left.number, name, dict(blank)) for n, name in enumerate(left.names)]
            self.left.remove(left)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check every line except empty ones."""
        good = bool(super().validate(extra_validators))
        for line in self.people:
            line.check()
        if len(self.lines) > uploads.ROWS_MOST:
            self.refuse(errors.TooManyRows(most=uploads.ROWS_MOST))
            return False
        if not self.people:
            self.form_errors.append(_("No name is left. Enter at least one, or clear the list instead."))
        return good and not self.form_errors and not any(line.errors for line in self.lines)

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal above the list."""
        error.field = None
        super().refuse(error)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of the element beside which it is shown, in the order of the page."""
        yield from (("lines", str(message)) for message in self.form_errors)
        for place, line in enumerate(self.lines, 1):
            for cell, message in () if line.out else line.errors.items():
                said = _("Row %(row)s: %(problem)s", row=line.number or place, problem=message)
                yield f"rows-{line.index}-{cell}", said
        if self.csrf_token.errors:
            yield "check", stale_form()
        yield from (("consent", str(message)) for message in self.consent.errors)

    def to_command(self) -> tuple[PersonData, ...]:
        """Return the people for the service. The form must have been found valid."""
        return tuple(PersonData(line.name, line.extras) for line in self.people)


def _say(problem: Problem) -> str:
    return _(problem.message, **problem.params)


def _line(index: int, row: NameRow) -> NameLine:
    said = {column.value if column else "name": _say(problem) for column, problem in row.problems.items()}
    return NameLine(
        index,
        row.number,
        visible(row.name)[:_LONGEST],
        {column: visible(text)[:_LONGEST] for column, text in row.extras.items()},
        same_as=row.same_as,
        asked=row.note,
        errors=said,
    )


def _left_line(index: int, left: LeftOut) -> LeftLine:
    shown = tuple(visible(name)[:_LONGEST] for name in left.names)
    return LeftLine(index, left.number, visible(left.text)[:_LONGEST], left.why, shown)


def _sent_left(sent: Mapping[str, str], index: int) -> LeftLine:
    def part(name: str) -> str:
        return tidy(sent.get(f"left-{index}-{name}", ""))

    number, why = part("number"), part("why")
    found = (visible(name)[:_LONGEST] for name in part("names").splitlines()[: uploads.ROWS_MOST])
    return LeftLine(
        index,
        int(number) if _NUMBER.fullmatch(number) else 0,
        visible(part("text"))[:_LONGEST],
        Why[why] if why in Why.__members__ else Why.NO_NAME,
        tuple(name for name in found if name),
    )


def _sent_line(sent: Mapping[str, str], index: int, columns: ListColumns) -> NameLine:
    def cell(name: str) -> str:
        return tidy(visible(sent.get(f"rows-{index}-{name}", "")))[:_LONGEST]

    number = cell("number")
    return NameLine(
        index,
        int(number) if _NUMBER.fullmatch(number) else 0,
        cell("name"),
        {column: cell(column.value) for column in columns.chosen},
        out=bool(cell("out")),
        asked=unpack_note(cell("note")),
    )


def _texts(label: Any, most: int) -> TextsField:
    too_long = Length(max=most, message=_l("Please shorten this to %(max)d characters."))
    return TextsField(label, validators=[Optional(), too_long, printable])


class ColumnsForm(WithTexts, PageForm):
    """The form for the columns that a hall collects, and the reason."""

    place = BooleanField(_l("Where each person comes from"))
    phone = BooleanField(_l("Phone number of each person"))
    age_group = BooleanField(_l("Age group"))
    note = BooleanField(_l("Note"))
    free = BooleanField(_l("A column of your own"))
    label: Any = _texts(_l("Its name"), 30)
    purpose: Any = _texts(_l("Reason for collecting"), 200)

    @property
    def shown(self) -> tuple[str, ...]:  # type: ignore[override]
        """Return the names of the fields whose errors are listed, in the order of the page."""
        return tuple(part.field.short_name for text in (self.label, self.purpose) for part in text.parts)

    @classmethod
    def of(cls, columns: ListColumns) -> Self:
        """Return the form filled with the present columns."""
        ticked = {column.value: column in columns.chosen for column in ListColumn}
        return cls(formdata=None, obj=columns, data=ticked)

    @property
    def ticks(self) -> list[Field]:
        """Return the boxes, one a column."""
        return [self[column.value] for column in ListColumn]

    def to_command(self, *, hall_id: int, by: int) -> ChooseColumns:
        """Return the command for the service. The form must have been found valid."""
        chosen = tuple(column for column in ListColumn if self[column.value].data)
        return ChooseColumns(hall_id=hall_id, by=by, columns=chosen, label=self.label.data, purpose=self.purpose.data)
