"""What this room refuses."""

from hallapp.core.errors import N_, DomainError


class NotToBeSentAgain(DomainError):
    """The message is out, or on its way out."""

    def __init__(self) -> None:
        super().__init__("not_to_be_sent_again", N_("This message has been sent, or is being sent now."))
