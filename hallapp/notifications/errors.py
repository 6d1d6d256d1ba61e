"""Refusals of the room `notifications`."""

from hallapp.core.errors import N_, DomainError


class NotToBeSentAgain(DomainError):
    """The message is out, or on its way out."""

    code = "not_to_be_sent_again"
    message = N_("This message has been sent, or is being sent now.")


class AttachmentsTooLarge(DomainError):
    """The files of a mail are more than mail servers take."""

    code = "attachments_too_large"
    message = N_("These files together are larger than %(most)s MB, which is the limit for a mail.")

    def __init__(self, most: int) -> None:
        super().__init__(most=most // 1_000_000)
