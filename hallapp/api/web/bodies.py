"""Bodies of requests as the forms of the pages, so that both have the same rules and messages."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField

from hallapp.api.web.spec import InputInvalid
from hallapp.categories.errors import CategoryNotAsked
from hallapp.categories.queries import list_families
from hallapp.categories.values import list_asked
from hallapp.core.i18n import gettext as _
from hallapp.core.web.problems import FieldError
from hallapp.questions.models import QuestionKind
from hallapp.questions.values import Asked
from hallapp.questions.web.fields import QuestionFields, field_name, question_of

_NAMES = {"pass_language": "language", "category": "categories"}  # names of forms that the API writes in another way
ANSWERS = "answers"
WITHOUT_TOKEN = {"csrf": False}  # a program sends no form of a page; its key is in a header


class _Checked(Protocol):
    _fields: Mapping[str, Field]

    def validate(self) -> bool: ...


def as_form(body: Mapping[str, Any]) -> MultiDict[str, str]:
    """Return the values of a body as a browser would send them."""
    names = {name: form_name for form_name, name in _NAMES.items()}
    return MultiDict([pair for name, value in body.items() for pair in _pairs(names.get(name, name), value)])


def _pairs(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield from [(name, "y")] if value else []
    elif isinstance(value, Mapping):
        for inner, each in value.items():
            yield from _pairs(field_name(inner) if name == ANSWERS else f"{name}-{inner}", each)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _pairs(f"{name}-{number}" if isinstance(each, Mapping) else name, each)
    elif value is not None:
        yield name, str(value)


def check(form: _Checked) -> None:
    """Check a form. Raises InputInvalid with the places of its errors in the body."""
    if not form.validate():
        raise InputInvalid([one for name, field in form._fields.items() for one in _errors(_name_of(name), field)])


def ask(form: QuestionFields, asked: Iterable[Asked], body: Mapping[str, Any]) -> None:
    """Put questions to a form, which a body answers; a file is sent on the organiser's page only.

    Raises InputInvalid for an answer to another question.
    """
    answerable = {str(one.number): one for one in asked if one.kind is not QuestionKind.FILE}
    given = body.get(ANSWERS, {})
    unknown = [
        FieldError(field=f"{ANSWERS}/{number}", message=_("This question is not asked."))
        for number in given
        if number not in answerable
    ]
    if unknown:
        raise InputInvalid(unknown)
    form.ask(answerable.values(), sent=as_form({ANSWERS: given}))


def _name_of(field: str) -> str:
    """Return the name in a body of a form's field."""
    number = question_of(field)
    return _NAMES.get(field, field) if number is None else f"{ANSWERS}/{number}"


def _errors(name: str, field: Field) -> Iterator[FieldError]:
    if isinstance(field, FieldList):
        for number, entry in enumerate(field):
            yield from _errors(f"{name}/{number}", entry)
    elif isinstance(field, FormField):
        for inner, each in field.form._fields.items():
            yield from _errors(f"{name}/{inner}", each)
        return
    yield from (
        FieldError(field=name, message=str(text)) for text in field.errors if not isinstance(text, (dict, list))
    )


def check_categories(hall_id: int, body: Mapping[str, Any]) -> None:
    """Check that the numbers of people are of categories that the hall asks for. Raises CategoryNotAsked."""
    asked = {str(one.number) for family in list_asked(list_families(hall_id)) for one in family.asked}
    unknown = [number for number in body.get("categories", ()) if number not in asked]
    if unknown:
        raise CategoryNotAsked(unknown[0])
