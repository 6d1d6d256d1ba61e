"""Refusals of the room `notifications`."""

from hallapp.core.errors import N_, DomainError


class NotToBeSentAgain(DomainError):
    """The message is out, or on its way out."""

    code = "not_to_be_sent_again"
    message = N_("This message has been sent, or is being sent now.")


class NotSentYet(DomainError):
    """The message is not out, so that no copy of it is needed."""

    code = "not_sent_yet"
    message = N_("This message has not been sent yet.")


class TextIsSecret(DomainError):
    """The text of the message gives access to something."""

    code = "text_is_secret"
    message = N_("This message contains a link or a code that is valid for a short time only. Please issue a new one.")


class CopyExists(DomainError):
    """The message was sent again before."""

    code = "copy_exists"
    message = N_("A copy of this message has been sent already.")


class AttachmentsTooLarge(DomainError):
    """The files of a mail are more than mail servers take."""

    code = "attachments_too_large"
    message = N_("These files together are larger than %(most)s MB, which is the limit for a mail.")

    def __init__(self, most: int) -> None:
        super().__init__(most=most // 1_000_000)
