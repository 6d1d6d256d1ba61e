"""Pseudonyms: what remains of a phone or a name in a pause when the person has had their data erased."""

from hallapp.core.limits import digest_of

_LENGTH = 24  # of a phone in the database


def pseudonym(text: str) -> str:
    """Return a keyed digest of a phone or a name: it shows whether a group is the same, and not who it is."""
    return f"#{digest_of('paused group', text)}"[:_LENGTH]
