"""Refusals about a person's data."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class AlreadyErased(DomainError):
    """The personal data of the booking has been erased."""

    code = "already_erased"
    message = N_("The personal data of this booking has been erased.")


class NoWayForCode(DomainError):
    """The booking has no address to which a code can be sent."""

    code = "no_way_for_code"
    message = N_("We cannot send you a code, because this booking has no e-mail address. Please call the hall.")


class CodeNeeded(DomainError):
    """The code was not typed, or too long ago."""

    status = 403
    code = "code_needed"
    message = N_("First enter a new code: the last one was too long ago.")


class NotSure(InvalidInput):
    """The box that confirms the erasure is not ticked."""

    code = "not_sure"
    message = N_("Please tick the box: erased data cannot be restored.")
    field = "sure"


class NothingGiven(InvalidInput):
    """The search for a person has no terms."""

    code = "nothing_given"
    message = N_("Enter a phone number, an e-mail address or a name.")


class NothingChosen(InvalidInput):
    """No entry is ticked."""

    code = "nothing_chosen"
    message = N_("Tick the entries that belong to this person.")
