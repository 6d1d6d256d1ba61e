"""Named refusals of this room."""

from collections.abc import Sequence

from hallapp.core.errors import N_, DomainError

_MONTHS_NAMED = 12


class PeriodNotBegun(DomainError):
    """The period lies in the future of the hall's calendar."""

    status = 404
    code = "period_not_begun"
    message = N_("%(period)s has not begun yet.")

    def __init__(self, period: str) -> None:
        super().__init__(period=period)


class PeriodBeforeOpening(DomainError):
    """The period ended before the hall opened."""

    status = 404
    code = "period_before_opening"
    message = N_("The hall opened on %(opened_on)s: there is no report for %(period)s.")

    def __init__(self, period: str, opened_on: str) -> None:
        super().__init__(period=period, opened_on=opened_on)


class ExportGone(DomainError):
    """The file is not written yet, or has been deleted."""

    status = 404
    code = "export_gone"
    message = N_("This file is not ready, or has been deleted. Request it again under Exports.")


class NoMonthYet(DomainError):
    """The hall has not been open in any past month."""

    code = "no_month_yet"
    message = N_("There is no report yet: no month since the opening has ended.")


class NotForPublication(DomainError):
    """Days freely chosen are not published."""

    code = "not_for_publication"
    message = N_("Open data is made of a month, a quarter, a year, or since the opening. Choose one of them.")


class MonthsNotClosed(DomainError):
    """Figures of months that are not closed are not published; `months` are their names, such as 2026-11."""

    code = "months_not_closed"
    message = N_("Open data is made of closed months only. Not closed yet: %(months)s.")

    def __init__(self, months: Sequence[str]) -> None:
        more = ", …" if len(months) > _MONTHS_NAMED else ""
        super().__init__(months=", ".join(months[:_MONTHS_NAMED]) + more)


class RecipientListed(DomainError):
    """The address is on the list."""

    code = "recipient_listed"
    message = N_("This address is already on the list.")
    field = "email"


class TooManyRecipients(DomainError):
    """The list is full."""

    code = "too_many_recipients"
    message = N_("The list already has %(most)s addresses. Remove one first.")
    field = "email"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class FigureUnknown(DomainError):
    """The address names no part of any figure."""

    status = 404
    code = "figure_unknown"
    message = N_("No figure of a report links to this page. Go back to the report and follow its link.")


class FiguresDiffer(DomainError):
    """The figures to be filed differ from the ledger."""

    code = "figures_differ"
    message = N_(
        "The figures of %(month)s and the ledger differ, so the month was not closed. Ask your "
        "administrator to run `reports recount --repair`, then close it."
    )

    def __init__(self, month: str) -> None:
        super().__init__(month=month)


class CountsDiffer(DomainError):
    """The three counts of a report differ, so it must not be sent."""

    code = "counts_differ"
    message = N_(
        "The report of %(month)s has not been sent: its three counts differ. Ask your "
        "administrator to run `reports recount --repair`. It is sent with the next run of "
        "`reports send`, within a week of its day."
    )

    def __init__(self, month: str) -> None:
        super().__init__(month=month)


class DigestUnreadable(DomainError):
    """The text is no digest, nor the beginning of one."""

    status = 422
    code = "digest_unreadable"
    message = N_(
        "A digest is 64 digits and letters from a to f; its first %(least)s or more are enough. Please type it again."
    )
    field = "digest"

    def __init__(self, least: int) -> None:
        super().__init__(least=least)


class NothingToClose(DomainError):
    """Every month before is closed."""

    code = "nothing_to_close"
    message = N_("There is no open month before that one.")
    field = "before"
