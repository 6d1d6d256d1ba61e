"""The forms of a file on its way: upload, columns, meanings, counting, taking back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import BooleanField, Field, Form, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from hallapp.booking.web.forms import PageForm, printable
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web.fields import Described
from hallapp.history import columns as headings
from hallapp.history.candidates import EACH_ROW
from hallapp.history.columns import COLUMN_NAMES, Columns, HistoryColumn
from hallapp.history.errors import MeaningUnknown, NothingSent
from hallapp.history.findings import Finding
from hallapp.history.models import HistoryDraft, HistoryText, Topic
from hallapp.history.service import NAME_LENGTH, Count, Settle
from hallapp.history.suggest import Suggestion, joined_places
from hallapp.kinds.standard import OTHER
from hallapp.kinds.web.current import get_kinds, list_all_options
from hallapp.schedule.models import Programme
from hallapp.sheets.model import letters_of

_MEANING = re.compile(rf"({'|'.join(topic.value for topic in Topic)})-([0-9]{{1,6}})")
_FILENAME_LENGTH = 200


class UploadForm(PageForm):
    """A file of figures."""

    shown = ("file",)
    file = FileField(_l("Spreadsheet (.xlsx, .xls or .csv)"))

    @property
    def stream(self) -> BinaryIO:
        """Return the uploaded file. Raises NothingSent."""
        return self._sent.stream  # type: ignore[return-value]

    @property
    def filename(self) -> str:
        """Return the file's name in a form that can be shown. Raises NothingSent."""
        name = visible(tidy(self._sent.filename)).encode("utf-8", "replace").decode()
        return name.replace("\\", "/").rpartition("/")[2][-_FILENAME_LENGTH:] or "?"

    @property
    def _sent(self) -> FileStorage:
        if not isinstance(self.file.data, FileStorage) or not self.file.data.filename:
            raise NothingSent
        return self.file.data


class ColumnsForm(Described, Form):  # type: ignore[misc]
    """The form for the choice of columns, and for the defaults of rows."""

    suggestion: Suggestion
    kind = SelectField(_l("Where no kind is given"), choices=list_all_options, validate_choice=False)
    programme_id = SelectField(_l("Where no programme is given"), validate_choice=False)
    date = SelectField(validate_choice=False)
    month = SelectField(validate_choice=False)
    year = SelectField(validate_choice=False)
    day = SelectField(validate_choice=False)
    province = SelectField(validate_choice=False)
    city = SelectField(validate_choice=False)
    visitors = SelectField(validate_choice=False)
    groups = SelectField(validate_choice=False)
    organisation = SelectField(validate_choice=False)
    programme = SelectField(validate_choice=False)
    kind_column = SelectField(validate_choice=False)

    @classmethod
    def of(
        cls, draft: HistoryDraft, programmes: Sequence[Programme], sent: Mapping[str, str] | None = None
    ) -> "ColumnsForm":
        """Return the form as it was sent; or filled with the confirmed choice, else with the guess."""
        data: dict[str, Any] = {"kind": OTHER}
        suggestion = Suggestion.of_json(draft.suggestion)
        places, plus, each_row = dict(suggestion.places), suggestion.plus, suggestion.each_row
        if draft.columns:
            known = Columns.of_json(draft.columns)
            places, plus, each_row = dict(known.places), known.plus, known.each_row
            data |= {"kind": known.kind, "programme_id": str(known.programme_id)}
        data |= {_field_of(column): str(at) for column, at in places.items()}
        if HistoryColumn.VISITORS in places:
            data["visitors"] = joined_places(places[HistoryColumn.VISITORS], plus)
        elif each_row:
            data["visitors"] = EACH_ROW
        form = cls(sent, data=data)
        form.suggestion = suggestion
        form.offer(draft, programmes)
        return form

    def offer(self, draft: HistoryDraft, programmes: Sequence[Programme]) -> None:
        """Offer the columns of the file and the programmes of the hall."""
        chosen = [("", _("not in this file"))]
        chosen += [(str(at), f"{letters_of(at)}  {text or '—'}") for at, text in enumerate(draft.headings)]
        self._most = len(draft.headings)
        self._programmes = {str(programme.id) for programme in programmes}
        for column, field in self.columns:
            field.label.text = _(COLUMN_NAMES[column])
            field.choices = chosen
        self.visitors.choices = [*chosen, *self._of_several(draft), (EACH_ROW, _("every row is one person"))]
        self.programme_id.choices = [(str(programme.id), programme.name(language())) for programme in programmes]

    def validate_kind(self, field: Field) -> None:
        """Raise ValidationError for a kind that the hall does not have."""
        if field.data not in get_kinds():
            raise ValidationError(_("Please choose one of these."))

    def field_of(self, column: HistoryColumn) -> Field:
        """Return the field that asks for a column."""
        return self[_field_of(column)]

    def _of_several(self, draft: HistoryDraft) -> list[tuple[str, str]]:
        """Return the columns that make up the people together, as one choice."""
        plus = self.suggestion.plus
        if not plus:
            return []
        value = joined_places(self.suggestion.places[HistoryColumn.VISITORS], plus)
        names = [draft.headings[int(at)] for at in value.split("+") if int(at) < self._most]
        return [(value, _("together: %(names)s", names=" + ".join(names)))]

    @property
    def columns(self) -> list[tuple[HistoryColumn, Field]]:
        """Return the fields that ask for a column, in the order of the page."""
        return [(column, self[_field_of(column)]) for column in HistoryColumn]

    @property
    def places(self) -> dict[HistoryColumn, int]:
        """Return the chosen places that are columns of the file."""
        chosen = {column: field.data or "" for column, field in self.columns}
        chosen[HistoryColumn.VISITORS] = chosen[HistoryColumn.VISITORS].partition("+")[0]
        return {
            column: int(text)
            for column, text in chosen.items()
            if text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) < self._most
        }

    @property
    def each_row(self) -> bool:
        """Return whether every row is one person."""
        return bool(self.visitors.data == EACH_ROW)

    @property
    def plus(self) -> tuple[int, ...]:
        """Further columns whose people are added."""
        at = self.places.get(HistoryColumn.VISITORS)
        plus = self.suggestion.plus
        return plus if at is not None and self.visitors.data == joined_places(at, plus) else ()

    def validate(self, extra_validators: Any = None) -> bool:
        """Check that there are columns for the time and the people, and that no column is used twice."""
        good = bool(super().validate(extra_validators))
        lacks = headings.problems_of(self.places, each_row=self.each_row, across=self.suggestion.across)
        for column, message in lacks:
            field = self[_field_of(column)]
            field.errors = [*field.errors, _(message)]
            good = False
        if self.programme_id.data not in self._programmes:
            self.programme_id.errors = [_("Please choose one of these.")]
            good = False
        return good

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of the element beside which it is shown, in the order of the page."""
        for field in (*(field for _column, field in self.columns), self.kind, self.programme_id):
            yield from ((field.id, str(message)) for message in field.errors)

    def to_columns(self) -> Columns:
        """Return the confirmed columns; the heading is searched again. The form must be valid."""
        return Columns(
            places=self.places,
            plus=self.plus,
            each_row=self.each_row,
            kind=self.kind.data,
            programme_id=int(self.programme_id.data),
        )


def _field_of(column: HistoryColumn) -> str:
    return "kind_column" if column is HistoryColumn.KIND else column.value


def read_answers(findings: Sequence[Finding], sent: Mapping[str, str]) -> dict[str, str]:
    """Return the choices for the findings of a draft, by key; findings without a choice are left out."""
    said = {}
    for finding in findings:
        chosen = (sent.get(f"answer-{finding.key}-other") or sent.get(f"answer-{finding.key}") or "").strip()
        if chosen:
            said[finding.key] = chosen
    return said


def read_meanings(
    draft: HistoryDraft, texts: Sequence[HistoryText], sent: Mapping[str, str], *, staff_id: int
) -> Settle:
    """Return the meanings chosen for the names of a draft; the others stay open.

    Raises:
        MeaningUnknown: for a name that the draft does not have.
    """
    known = {(text.topic, text.position) for text in texts}
    meanings: dict[tuple[Topic, int], str] = {}
    for name, value in sent.items():
        if value and (found := _MEANING.fullmatch(name)):
            key = (Topic(found[1]), int(found[2]))
            if key not in known:
                raise MeaningUnknown
            meanings[key] = value
    return Settle(hall_id=draft.hall_id, draft_id=draft.id, staff_id=staff_id, meanings=meanings)


class CountForm(PageForm):
    """The form that counts a file."""

    shown = ("name", "leave_out", "into_closed")
    name = StringField(
        _l("Name of this import"),
        filters=[tidy],
        validators=[
            InputRequired(_l("Enter a name, so that you can find it again.")),
            Length(max=NAME_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
            printable,
        ],
    )
    leave_out = BooleanField(_l("Leave out the wrong rows and count the others"))
    into_closed = BooleanField(_l("Count into closed months too: there the people become adjustments"))

    def to_command(self, *, hall_id: int, draft_id: int, staff_id: int) -> Count:
        """Return the command for the service. The form must have been found valid."""
        return Count(
            hall_id=hall_id,
            draft_id=draft_id,
            staff_id=staff_id,
            name=self.name.data,
            leave_out=bool(self.leave_out.data),
            into_closed=bool(self.into_closed.data),
        )


class WithdrawForm(PageForm):
    """The wish to take an import back."""

    shown = ("sure",)
    sure = BooleanField(_l("Yes, take this import back whole"))
