"""Refusals of services: a stable code, and a message for the reader."""

from typing import Any


def N_(message: str) -> str:  # noqa: N802 — gettext's own name for "translate this one later")
    """Mark a message for the catalogue; it is translated when it is shown, in the reader's language."""
    return message


class DomainError(Exception):
    """A named refusal; each subclass states its attributes.

    A subclass has an `__init__` only if values are passed. If its code or message depends on a value, it sets them
    there, before it calls this `__init__`.

    Attributes:
        status: HTTP status of the answer.
        code: stable word for programs, as in `slot_full`.
        message: English message id, marked with `N_`; its `%(name)s` places are filled from `params`.
        field: the form field beside which the message is shown, or None if it concerns the whole request.
        params: values for the places of `message`.
        retry_after: the number of seconds after which the same request may succeed, or None.
    """

    status: int = 409
    code: str
    message: str
    field: str | None = None
    retry_after: int | None = None

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        super().__init__(self.code)
        self.field = field or self.field
        self.params = params


class InvalidInput(DomainError):
    """The input cannot be read; sending it again unchanged will not help."""

    status = 422
