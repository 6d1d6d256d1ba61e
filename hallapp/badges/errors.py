"""What this room refuses."""

from hallapp.core.errors import N_, DomainError
from hallapp.desk.errors import Refusal


class BadgeUnknown(Refusal):
    """No badge was ever made with this code."""

    code = "unknown"
    title = N_("Unknown badge")
    message = N_("This is no badge of this hall. Scan the group’s pass, or type its reference.")


class BadgeReplaced(Refusal):
    """Badges were made again since, and this one is void."""

    code = "replaced"
    title = N_("Replaced badge")
    message = N_(
        "This badge has been replaced by a newer one, or its person is no longer on the list. Ask for the newest "
        "badge, or admit one person by the group’s pass."
    )


class BadgeArrived(Refusal):
    """Its person is in; `group` has as its last admission the one of this person."""

    code = "already_arrived"
    title = N_("In already")
    message = N_("The person of this badge is in already, since %(since)s.")


class NoNames(DomainError):
    """There is no list of names, so there is nobody to make a badge for."""

    code = "no_names"
    message = N_("This group has handed in no names. Ask its contact to do so on the page of the booking.")


class NotAgreedYet(DomainError):
    """The hall has not said yes, or the booking is void."""

    code = "not_agreed"
    message = N_("There are badges once the booking is confirmed, and while it stands.")
