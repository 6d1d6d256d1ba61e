"""What this room refuses."""

from hallapp.core.errors import N_, DomainError


class FeedbackGiven(DomainError):
    """The group has said how it was."""

    code = "feedback_given"
    message = N_("Your group has told us how it was. Thank you.")


class NotArrivedYet(DomainError):
    """Nobody of this booking came, or not yet."""

    status = 404
    code = "not_arrived_yet"
    message = N_("You can tell us how it was once your group is in the hall.")


class FeedbackClosed(DomainError):
    """The visit is too long past."""

    status = 410
    code = "feedback_closed"
    message = N_("This visit is more than a month past. Thank you for your interest.")
