"""Refusals of the room `messages`."""

from hallapp.core.errors import N_, InvalidInput


class PlaceholderUnknown(InvalidInput):
    """A text asks for what no message has, or for what this kind of message has not."""

    def __init__(self, field: str, name: str) -> None:
        super().__init__(
            "placeholder_unknown",
            N_("This message has no placeholder %(name)s. The placeholders below can be used."),
            field=field,
            name=name,
        )


class BracesUnclear(InvalidInput):
    """A brace belongs to no placeholder."""

    def __init__(self, field: str, near: str) -> None:
        super().__init__(
            "braces_unclear",
            N_("The curly brackets near “%(near)s” contain no placeholder. Curly brackets are for placeholders only."),
            field=field,
            near=near,
        )


class TextMissing(InvalidInput):
    """A message without words."""

    def __init__(self, field: str) -> None:
        super().__init__("text_missing", N_("Please enter a text, or restore the standard text."), field)


class TextTooLong(InvalidInput):
    """More words than such a message holds."""

    def __init__(self, field: str, most: int) -> None:
        super().__init__("text_too_long", N_("Please shorten this to %(most)d characters."), field, most=most)
