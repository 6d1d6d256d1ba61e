"""Refusals of the room `guides`."""

from collections.abc import Sequence
from typing import Any

from hallapp.core.errors import N_, DomainError, InvalidInput
from hallapp.guides.models import Obstacle

_MESSAGES = {
    Obstacle.INACTIVE: N_("%(guide)s is no longer a guide here. Please choose another guide."),
    Obstacle.ON_LEAVE: N_("%(guide)s is on leave that day. Please choose another guide."),
    Obstacle.OFF_DUTY: N_("%(guide)s is not on duty for the whole visit. Please choose another guide."),
    Obstacle.BUSY: N_("%(guide)s leads another group at that time. Please choose another guide."),
    Obstacle.LANGUAGE: N_(
        "%(guide)s does not speak the language of this group. Choose another guide, or tick “Assign anyway”."
    ),
    Obstacle.PROGRAMME: N_("%(guide)s does not know this programme. Choose another guide, or tick “Assign anyway”."),
}


class CannotLead(DomainError):
    """An obstacle between a guide and a group; its code is the obstacle's."""

    field = "guide"

    def __init__(self, obstacle: Obstacle, *, guide: str) -> None:
        self.code = f"guide_{obstacle.value}"
        self.message = _MESSAGES[obstacle]
        self.obstacle = obstacle
        super().__init__(guide=guide)


class GuidesComplete(DomainError):
    """The group has as many guides as it needs."""

    code = "guides_complete"
    message = N_("This group already has all the guides that it needs.")
    field = "guide"


class NobodyToLead(DomainError):
    """The booking is not valid, so no guide can be assigned to it."""

    code = "nobody_to_lead"
    message = N_("This booking is no longer valid, so no guide can be assigned.")
    field = "guide"


class AssignmentsHit(DomainError):
    """A change of a guide hits groups that are assigned; `hits` are the assignments, by time."""

    code = "assignments_hit"
    message = N_(
        "%(guide)s is assigned to groups in that time. Reassign them first, or tick the box that "
        "takes these groups off."
    )
    field = "unassign"

    def __init__(self, hits: Sequence[Any], *, guide: str) -> None:
        super().__init__(guide=guide)
        self.hits = hits


class GuideNameInvalid(InvalidInput):
    """A name that is empty or too long, or cannot be shown."""

    code = "guide_name_invalid"
    message = N_("Enter a name of 1 to %(most)s characters.")
    field = "name"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class NoLanguage(InvalidInput):
    """A guide who speaks nothing."""

    code = "no_language"
    message = N_("Choose at least one language.")
    field = "languages"


class LastDayMissing(InvalidInput):
    """A guide leads groups no more, and nobody says since when."""

    code = "guide_last_day_missing"
    message = N_("Enter the last day as a guide. Shifts after it are not counted.")
    field = "last_day"


class LastDayToCome(InvalidInput):
    """The last day is in the future, so the guide still is one."""

    code = "guide_last_day_to_come"
    message = N_(
        "Enter a day up to today. A guide who leaves later stays a guide until then: end the weekly schedule "
        "on the last day."
    )
    field = "last_day"


class LastDayOfActive(InvalidInput):
    """A last day of a guide who leads groups: one of the two is wrong."""

    code = "guide_last_day_of_active"
    message = N_("A guide who leads groups has no last day. Leave it empty, or untick “Leads groups here”.")
    field = "last_day"


class LastDayUnknown(InvalidInput):
    """A guide returns, but nobody has entered since when they were away."""

    code = "guide_last_day_unknown"
    message = N_(
        "It is not known since when this guide was away. First untick “Leads groups here”, enter the last day and "
        "save; then tick it again."
    )
    field = "last_day"


class AccountTaken(DomainError):
    """The account belongs to another guide."""

    code = "account_taken"
    message = N_("This account already belongs to another guide.")
    field = "account"


class LastBeforeFirst(InvalidInput):
    """A period that ends before it begins."""

    code = "last_before_first"
    message = N_("The last day is before the first one.")

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class DutyInvalid(InvalidInput):
    """Times of duty that end before they begin, or overlap."""

    code = "duty_invalid"
    message = N_("Each time must end after it begins, and after the one before it.")

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class LeaveOverlaps(DomainError):
    """The guide is on leave on one of these days already."""

    code = "leave_overlaps"
    message = N_("Some of these days already have leave.")
    field = "first"


class GuideNotChosen(InvalidInput):
    """No guide was chosen."""

    code = "guide_not_chosen"
    message = N_("Please choose a guide.")
    field = "guide"
