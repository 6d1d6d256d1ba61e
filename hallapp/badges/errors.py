"""Refusals of the room `badges`."""

from hallapp.core.errors import N_, DomainError
from hallapp.desk.errors import Refusal


class BadgeUnknown(Refusal):
    """No badge was ever made with this code."""

    code = "unknown"
    title = N_("Unknown badge")
    message = N_("This is not a badge of this hall. Scan the group’s pass, or enter its reference.")


class BadgeReplaced(Refusal):
    """Badges were made again since, and this one is void."""

    code = "replaced"
    title = N_("Badge replaced")
    message = N_(
        "This badge has been replaced, or its person is no longer on the list. Ask for the "
        "latest badge, or admit one person with the group’s pass."
    )


class BadgeArrived(Refusal):
    """The person of the badge has already been admitted; `group` has that admission as its last one."""

    code = "already_arrived"
    title = N_("Already admitted")
    message = N_("The person with this badge was already admitted at %(since)s.")


class NoNames(DomainError):
    """There is no list of names, so no badge can be made."""

    code = "no_names"
    message = N_("This group has submitted no names. Ask its contact to do so on the page of the booking.")


class NotAgreedYet(DomainError):
    """The hall has not confirmed the booking, or the booking is void."""

    code = "not_agreed"
    message = N_("Badges can be made once the booking is confirmed, and as long as it is valid.")
