"""Refusals of the room `messages`."""

from hallapp.core.errors import N_, InvalidInput


class BookingNotFound(InvalidInput):
    """No booking has this reference together with this end of a phone number."""

    code = "booking_not_found"
    message = N_(
        "No booking was found with this reference and these digits. Please check both, or let us send you the link."
    )
    field = "reference"


class PlaceholderUnknown(InvalidInput):
    """A text has a placeholder that is unknown, or that this kind of message does not have."""

    code = "placeholder_unknown"
    message = N_("This message has no placeholder %(name)s. The placeholders below can be used.")

    def __init__(self, field: str, name: str) -> None:
        super().__init__(field=field, name=name)


class BracesUnclear(InvalidInput):
    """A brace belongs to no placeholder."""

    code = "braces_unclear"
    message = N_("The curly brackets near “%(near)s” contain no placeholder. Curly brackets are for placeholders only.")

    def __init__(self, field: str, near: str) -> None:
        super().__init__(field=field, near=near)


class TextMissing(InvalidInput):
    """A message without words."""

    code = "text_missing"
    message = N_("Please enter a text, or restore the standard text.")

    def __init__(self, field: str) -> None:
        super().__init__(field=field)


class TextTooLong(InvalidInput):
    """More words than such a message holds."""

    code = "text_too_long"
    message = N_("Please shorten this to %(most)d characters.")

    def __init__(self, field: str, most: int) -> None:
        super().__init__(field=field, most=most)
