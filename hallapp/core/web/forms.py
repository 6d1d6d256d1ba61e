"""Forms whose input a service may refuse, and the helper by which a route submits them or shows the page again."""

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar, Protocol

from flask.typing import ResponseReturnValue, ResponseValue
from flask_wtf import FlaskForm
from wtforms import Field, FieldList

from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.fields import Described


class Refusable:
    """A form that shows a service's refusal beside the field that it concerns.

    Attributes:
        shown_last: name of the field beside which a refusal is shown that concerns no field of the form. If this is
            None, such a refusal is shown above the form, in `form_errors`.
        refusal: the last refusal of a service; a page that shows more of it than its message looks here.
    """

    shown_last: ClassVar[str | None] = None
    refusal: DomainError | None = None
    form_errors: list[str]
    _fields: Mapping[str, Field]

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside its field, or above the form."""
        self.refusal = error
        field = self.field_of(error)
        if field is None:
            self.form_errors = [*self.form_errors, translate(error)]
        else:
            field.errors = [*field.errors, translate(error)]

    def field_of(self, error: DomainError) -> Field | None:
        """Return the field beside which a refusal is shown, or None if it is shown above the form."""
        name = error.field if error.field in self._fields else self.shown_last
        return self._fields[name] if name else None

    def problems(self) -> Iterator[tuple[str, str]]:
        """Return every error with the id of the element beside which it is shown, in the order of the form."""
        for field in self._fields.values():
            if not isinstance(field, FieldList):
                yield from ((field.id, str(message)) for message in field.errors)
        yield from (("main", str(message)) for message in self.form_errors)


class RefusableForm(Refusable, Described, FlaskForm):  # type: ignore[misc]
    """A page's form: it reads clean text, describes its errors to screen readers, and shows refusals."""


class _Submitted(Protocol):
    def validate(self) -> bool: ...

    def refuse(self, error: DomainError) -> None: ...


def submit_form(
    form: _Submitted, act: Callable[[], ResponseReturnValue], page: Callable[[], ResponseValue]
) -> ResponseReturnValue:
    """Validate a form, call `act`, and return its answer.

    If a value is invalid, or a service refuses it, return `page` with the errors, with status 422 or that of the
    refusal; a refusal that ends by itself says when, in the header Retry-After. `page` is called after the transaction
    of `act` was rolled back, so it has to read again what it shows.
    """
    if not form.validate():
        return page(), 422

    def refused(error: DomainError) -> ResponseValue:
        form.refuse(error)
        return page()

    return attempt(act, refused)


def attempt(
    act: Callable[[], ResponseReturnValue], refused: Callable[[DomainError], ResponseValue]
) -> ResponseReturnValue:
    """Call `act` for a button without fields, and return its answer, or the page that `refused` makes."""
    try:
        return act()
    except DomainError as error:
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
        return refused(error), error.status, headers
