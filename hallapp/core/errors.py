"""Refusals of services: a stable code, and a message for the reader."""

from typing import Any


def N_(message: str) -> str:  # noqa: N802 — gettext's own name for "translate this one later")
    """Mark a message for the catalogue; it is translated when it is shown, in the reader's language."""
    return message


class DomainError(Exception):
    """A named refusal.

    Args:
        code: stable word for programs, as in `slot_full`.
        message: English message id, marked with `N_`; `%(name)s` places are filled from `params`.
        field: the form field that it stands beside, or None where it concerns the whole request.
    """

    status = 409

    def __init__(self, code: str, message: str, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.field = field
        self.params = params


class InvalidInput(DomainError):
    """The input cannot be read; sending it again unchanged will not help."""

    status = 422
