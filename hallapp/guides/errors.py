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

    def __init__(self, obstacle: Obstacle, *, guide: str) -> None:
        super().__init__(f"guide_{obstacle.value}", _MESSAGES[obstacle], "guide", guide=guide)
        self.obstacle = obstacle


class GuidesComplete(DomainError):
    """The group has as many guides as it needs."""

    def __init__(self) -> None:
        super().__init__("guides_complete", N_("This group already has all the guides that it needs."), "guide")


class NobodyToLead(DomainError):
    """The booking is not valid, so no guide can be assigned to it."""

    def __init__(self) -> None:
        super().__init__("nobody_to_lead", N_("This booking is no longer valid, so no guide can be assigned."), "guide")


class AssignmentsHit(DomainError):
    """A change of a guide hits groups that are assigned; `hits` are the assignments, by time."""

    def __init__(self, hits: Sequence[Any], *, guide: str) -> None:
        super().__init__(
            "assignments_hit",
            N_(
                "%(guide)s is assigned to groups in that time. Reassign them first, or tick the box that "
                "takes these groups off."
            ),
            "unassign",
            guide=guide,
        )
        self.hits = hits


class GuideNameInvalid(InvalidInput):
    """A name that is empty or too long, or cannot be shown."""

    def __init__(self, *, most: int) -> None:
        super().__init__("guide_name_invalid", N_("Enter a name of 1 to %(most)s characters."), "name", most=most)


class NoLanguage(InvalidInput):
    """A guide who speaks nothing."""

    def __init__(self) -> None:
        super().__init__("no_language", N_("Choose at least one language."), "languages")


class AccountTaken(DomainError):
    """The account belongs to another guide."""

    def __init__(self) -> None:
        super().__init__("account_taken", N_("This account already belongs to another guide."), "account")


class LastBeforeFirst(InvalidInput):
    """A period that ends before it begins."""

    def __init__(self, field: str) -> None:
        super().__init__("last_before_first", N_("The last day is before the first one."), field)


class DutyInvalid(InvalidInput):
    """Times of duty that end before they begin, or overlap."""

    def __init__(self, field: str) -> None:
        super().__init__("duty_invalid", N_("Each time must end after it begins, and after the one before it."), field)


class LeaveOverlaps(DomainError):
    """The guide is on leave on one of these days already."""

    def __init__(self) -> None:
        super().__init__("leave_overlaps", N_("Some of these days already have leave."), "first")


class GuideNotChosen(InvalidInput):
    """No guide was chosen."""

    def __init__(self) -> None:
        super().__init__("guide_not_chosen", N_("Please choose a guide."), "guide")
