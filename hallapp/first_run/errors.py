"""Refusals of the first run."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class SetupCodeWrong(InvalidInput):
    """The code is not the one that was printed last, or none was printed."""

    code = "setup_code_wrong"
    message = N_("This is not the code that was printed last. Copy it from the terminal, or print a new one.")
    field = "code"


class AlreadySetUp(DomainError):
    """The installation has a hall: somebody, perhaps in another window, was faster."""

    status = 409
    code = "already_set_up"
    message = N_("This installation has been set up already, perhaps in another window. Please sign in.")


class FirstDayClosed(InvalidInput):
    """The hall would be closed on its first day."""

    code = "first_day_closed"
    message = N_("The hall is closed on this day of the week. Choose another day, or open it on this day.")
    field = "opened_on"


class FirstDayFar(InvalidInput):
    """The first day is out of the range of days that a hall may open on."""

    code = "first_day_far"
    message = N_("Choose a day within the next 12 months, or one in the past.")
    field = "opened_on"


class NoProgramme(InvalidInput):
    """No programme was chosen, so nothing could be booked."""

    code = "no_programme"
    message = N_("Choose at least one programme.")
    field = "programmes"
