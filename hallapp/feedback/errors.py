"""Refusals of the room `feedback`."""

from hallapp.core.errors import N_, DomainError


class FeedbackGiven(DomainError):
    """The group has already given its feedback."""

    code = "feedback_given"
    message = N_("Thank you for your feedback!")


class NotArrivedYet(DomainError):
    """No arrival of this booking has been recorded yet."""

    status = 404
    code = "not_arrived_yet"
    message = N_("You can give feedback once your group has been admitted.")


class FeedbackClosed(DomainError):
    """The visit is too long past."""

    status = 410
    code = "feedback_closed"
    message = N_("This visit is more than a month past. Thank you for your interest.")
