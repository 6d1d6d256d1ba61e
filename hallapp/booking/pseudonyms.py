"""Pseudonyms: what remains of a phone or a name in a pause or a block when the person has had their data erased."""

from hallapp.core.limits import digest_of

_LENGTH = 24  # of a phone in the database


def pseudonym(text: str) -> str:
    """Return a keyed digest of a phone or a name: it shows whether a group is the same, and not who it is."""
    return f"#{digest_of('paused group', text)}"[:_LENGTH]


def is_pseudonym(text: str) -> bool:
    """Return whether a text is a pseudonym; a phone in E.164 never is."""
    return text.startswith("#")


def pseudonym_of(stored: str) -> str:
    """Return the pseudonym of what is stored, which may be one already."""
    return stored if is_pseudonym(stored) else pseudonym(stored)
