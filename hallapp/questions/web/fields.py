"""The fields of a form that put the questions of a programme to whoever fills it in."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import request
from flask_wtf.file import FileField
from werkzeug.datastructures import CombinedMultiDict, FileStorage, MultiDict
from wtforms import Field, SelectChoice, TextAreaField
from wtforms.validators import Length, ValidationError

from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import NumberField, SelectField, without_controls
from hallapp.questions import queries, uploads
from hallapp.questions.models import QuestionKind
from hallapp.questions.uploads import BYTES_MOST
from hallapp.questions.values import Asked, Given, read_option, store_option

TEXT_MOST = 500
#: The most that is taken in with a form that has files: a few of the largest size, and the other fields.
TAKEN_IN = 4 * BYTES_MOST


class UploadField(FileField):  # type: ignore[misc]
    """A file as the answer to a question; `given` is the clean file once the form has been found valid.

    `had` says that the booking has a file already, which stays if no other one is chosen.
    """

    given: Given | None = None

    def __init__(self, *args: Any, number: int, needed: bool, had: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.number, self.needed, self.had = number, needed, had

    def pre_validate(self, _form: Any) -> None:
        """Scan the file and make it anew. Raises ValidationError where it cannot be accepted."""
        if not isinstance(self.data, FileStorage) or not self.data.filename:
            if self.needed and not self.had:
                raise ValidationError(_("Please choose a file."))
            return
        try:
            with self.data.stream as sent:
                self.given = uploads.read(self.number, sent.read(BYTES_MOST + 1))
        except DomainError as error:
            raise ValidationError(translate(error)) from None


class QuestionFields:
    """A form with a field for each question. The questions depend on the programme, so `ask` adds the fields.

    A required question that is left out is refused, unless a member of staff fills in the form: the group can still
    answer it on its own page.
    """

    asked: tuple[Asked, ...] = ()
    meta: Any
    _fields: Mapping[str, Field]
    _prefix: str
    answers_required = True

    def ask(
        self,
        asked: Iterable[Asked],
        given: Mapping[int, str] | None = None,
        *,
        sent: MultiDict[str, Any] | None = None,
    ) -> None:
        """Add a field for each question that has none yet; `given` are the present answers of a booking.

        The answers are `sent` in another way than as a form by programs only.
        """
        if sent is None:
            sent = CombinedMultiDict([request.files, request.form])
        self.asked = tuple(asked)
        for one in self.asked:
            name = field_name(one.number)
            if name in self._fields:
                continue
            stored = (given or {}).get(one.number, "")
            needed = one.required and self.answers_required
            unbound = _make(one, stored, needed=needed)
            field = self.meta.bind_field(self, unbound, {"name": name, "prefix": self._prefix})
            field.needed = needed
            field.process(sent if name in sent else None, _shown(one, stored))
            self._fields[name] = field  # type: ignore[index]

    @property
    def has_files(self) -> bool:
        """Return whether a question asks for a file."""
        return any(one.kind is QuestionKind.FILE for one in self.asked)

    @property
    def question_fields(self) -> list[tuple[Asked, Field]]:
        """Return each question with its field."""
        return [(one, self._fields[field_name(one.number)]) for one in self.asked]

    def question_problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of its field."""
        for _one, field in self.question_fields:
            yield from ((field.id, str(message)) for message in field.errors)

    def answers(self, programme_id: int | None = None) -> tuple[Given, ...]:
        """Return the answers, or those to the questions of one programme. The form must have been found valid."""
        found = (_read(one, field) for one, field in self.question_fields if programme_id in (None, one.programme_id))
        return tuple(given for given in found if given is not None)

    def replaced(self) -> list[int]:
        """Return the questions whose answer is replaced: all but files that are not sent again."""
        return [
            one.number
            for one, field in self.question_fields
            if not isinstance(field, UploadField) or field.given is not None
        ]


def field_name(number: int | str) -> str:
    """Return the name of the field of a question."""
    return f"question_{number}"


def question_of(field: str) -> str | None:
    """Return the number of the question to which the field of this name belongs, or None where it is another field."""
    head, _underscore, number = field.partition("_")
    return number if head == "question" and number else None


def allow_files(hall_id: int, *, version: int | None = None) -> tuple[Asked, ...]:
    """Let a request bring files, where the hall asks for any, before its form is read; return the hall's questions.

    `version` is that of the hall's facts, where known.
    """
    asked = queries.list_asked(hall_id, version=version)
    if queries.takes_files(asked):
        request.max_content_length = TAKEN_IN
    return asked


def _make(one: Asked, stored: str, *, needed: bool) -> Any:
    label, reader = one.text(language()), language()
    marks = [_Needed()] if needed else []
    if one.kind is QuestionKind.FILE:
        return UploadField(label, number=one.number, needed=needed, had=bool(stored))
    if one.kind is QuestionKind.NUMBER:
        return NumberField(label, required=needed)
    if one.kind is QuestionKind.TEXT:
        short = Length(max=TEXT_MOST, message=_l("Please shorten this to %(max)d characters."))
        return TextAreaField(label, filters=[tidy], validators=[*marks, short, without_controls])
    keys = {store_option(option): option(reader) for option in one.options}
    if stored and stored not in keys:  # an option that the hall has changed since
        keys[stored] = read_option(stored)(reader)
    choices = [SelectChoice("", _("Please choose")), *(SelectChoice(key, text) for key, text in keys.items())]
    return SelectField(label, choices=choices, validators=marks)


class _Needed:
    """A required answer: text that is not blank."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Raise ValidationError where nothing was given."""
        if not (field.data or "").strip():
            chosen = isinstance(field, SelectField)
            raise ValidationError(_("Please choose one of these.") if chosen else _("Please answer this question."))


def _shown(one: Asked, stored: str) -> Any:
    if one.kind is QuestionKind.FILE:
        return None
    if one.kind is QuestionKind.NUMBER:
        return int(stored) if stored else None
    return stored


def _read(one: Asked, field: Field) -> Given | None:
    if isinstance(field, UploadField):
        return field.given
    text = "" if field.data is None else str(field.data)
    return Given(number=one.number, text=text) if text else None
