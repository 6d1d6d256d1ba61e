"""Refusals of the ledger: what cannot be closed, reopened or withdrawn."""

from datetime import date

from hallapp.core.errors import N_, DomainError


class MonthNotOver(DomainError):
    """A month is closed when it has no day to come."""

    code = "month_not_over"
    message = N_("This month has not ended yet. You can close it from the first day of the next month.")


class AlreadyClosed(DomainError):
    """The month is already closed."""

    code = "already_closed"
    message = N_("This month is already closed.")


class NotClosed(DomainError):
    """The month is open, or was never closed."""

    code = "not_closed"
    message = N_("This month is not closed.")


class ReasonMissing(DomainError):
    """A signed month can only be reopened with a reason."""

    code = "reason_missing"
    message = N_("Enter the reason: it is kept with the figures.")
    field = "reason"


class OpeningAfterFigures(DomainError):
    """People were counted, or a month was closed, before the new opening day."""

    code = "opening_after_figures"
    message = N_(
        "People have been counted since %(first)s. The opening day cannot be later, so that no figure is lost."
    )
    field = "opened_on"

    def __init__(self, *, first: date) -> None:
        super().__init__(first=first.isoformat())


class AlreadyImported(DomainError):
    """The same file is already counted."""

    code = "already_imported"
    message = N_("This file has already been counted, as the import “%(name)s”. Nothing was changed.")

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class AlreadyWithdrawn(DomainError):
    """The import was taken back before."""

    code = "already_withdrawn"
    message = N_("This import has already been taken back.")
