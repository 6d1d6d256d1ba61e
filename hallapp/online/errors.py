"""Refusals of the room `online`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class NotOpenNow(DomainError):
    """The session is not open yet, or is over."""

    code = "not_open_now"
    message = N_("This programme is not open at the moment. The page shows when it opens.")
    status = 409


class NobodyWatches(InvalidInput):
    """No number of people was given, or one that is no whole number."""

    code = "nobody_watches"
    message = N_("Please enter how many people watch on this screen: at least one.")
    field = "people"


class MoreThanRegistered(InvalidInput):
    """More people watch than the group has registered."""

    code = "more_than_registered"
    message = N_(
        "Your group has registered fewer people from this place. Enter the registered number at most, or change the "
        "size of the group on the page of your booking first."
    )
    field = "people"


class StreamAddress(InvalidInput):
    """An address is no complete address of a secure page."""

    code = "stream_address"
    message = N_("Please enter a complete address that begins with https://.")

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


class QuestionEmpty(InvalidInput):
    """A question has no words."""

    code = "question_empty"
    message = N_("Please write your question.")
    field = "text"


class TooManyQuestions(DomainError):
    """A group has asked as many questions as one session takes from it."""

    code = "too_many_questions"
    message = N_("Your group has asked five questions. The host answers as many as time allows.")
    field = "text"
