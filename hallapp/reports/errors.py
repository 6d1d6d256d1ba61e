"""Named refusals of this room."""

from hallapp.core.errors import N_, DomainError


class PeriodUnknown(DomainError):
    """What was asked for is neither a month such as 2026-11 nor a year such as 2026."""

    status = 404

    def __init__(self, asked: str) -> None:
        message = N_("There is no period “%(asked)s”. Ask for a month such as 2026-11 or a year such as 2026.")
        super().__init__("period_unknown", message, asked=asked)


class PeriodNotBegun(DomainError):
    """The period lies in the future of the hall's calendar."""

    status = 404

    def __init__(self, period: str) -> None:
        super().__init__("period_not_begun", N_("%(period)s has not begun yet."), period=period)


class PeriodBeforeOpening(DomainError):
    """The period ended before the hall opened."""

    status = 404

    def __init__(self, period: str, opened_on: str) -> None:
        message = N_("The hall opened on %(opened_on)s: there is no report for %(period)s.")
        super().__init__("period_before_opening", message, period=period, opened_on=opened_on)


class ExportGone(DomainError):
    """The file is not written yet, or has been deleted."""

    status = 404

    def __init__(self) -> None:
        super().__init__("export_gone", N_("This file is not there, or no longer. Ask for it again under Exports."))


class NoMonthYet(DomainError):
    """The hall has not been open in any month that is over."""

    def __init__(self) -> None:
        super().__init__("no_month_yet", N_("There is no report yet: no month since the opening is over."))


class RecipientListed(DomainError):
    """The address is on the list."""

    def __init__(self) -> None:
        super().__init__("recipient_listed", N_("This address is on the list already."), "email")


class TooManyRecipients(DomainError):
    """The list is full."""

    def __init__(self, most: int) -> None:
        message = N_("The list has %(most)s addresses, and no room for more. Remove one first.")
        super().__init__("too_many_recipients", message, "email", most=most)
