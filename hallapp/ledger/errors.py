"""Refusals of the ledger: what cannot be closed, reopened or withdrawn."""

from hallapp.core.errors import N_, DomainError


class MonthNotOver(DomainError):
    """A month is closed when it has no day to come."""

    def __init__(self) -> None:
        super().__init__(
            "month_not_over", N_("This month has not ended yet. You can close it from the first day of the next month.")
        )


class AlreadyClosed(DomainError):
    """The month is already closed."""

    def __init__(self) -> None:
        super().__init__("already_closed", N_("This month is already closed."))


class NotClosed(DomainError):
    """The month is open, or was never closed."""

    def __init__(self) -> None:
        super().__init__("not_closed", N_("This month is not closed."))


class ReasonMissing(DomainError):
    """A signed month can only be reopened with a reason."""

    def __init__(self) -> None:
        super().__init__("reason_missing", N_("Enter the reason: it is kept with the figures."), field="reason")


class AlreadyImported(DomainError):
    """The same file is already counted."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "already_imported",
            N_("This file has already been counted, as the import “%(name)s”. Nothing was changed."),
            name=name,
        )


class AlreadyWithdrawn(DomainError):
    """The import was taken back before."""

    def __init__(self) -> None:
        super().__init__("already_withdrawn", N_("This import has already been taken back."))
