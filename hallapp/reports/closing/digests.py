"""The digest of a closed month as it is printed and as it is typed again."""

import re

from hallapp.core.text import plain
from hallapp.reports.errors import DigestUnreadable

_GROUP = 8
#: The characters of the short form, which are unique in practice and cannot be found by trying.
SHORT = 2 * _GROUP
LEAST = 8
MOST = 64
_BETWEEN = re.compile(r"[\s\-·.:]+")
_DIGEST = re.compile(rf"[0-9a-f]{{{LEAST},{MOST}}}")


def grouped(digest: str) -> str:
    """Return all of it, in groups of eight: `3f2a91c0 77e01b5d …`."""
    return " ".join(digest[at : at + _GROUP] for at in range(0, len(digest), _GROUP))


def short(digest: str) -> str:
    """Return its first sixteen characters: `3f2a91c0 77e01b5d`."""
    return grouped(digest[:SHORT])


def read(typed: str, *, least: int = LEAST) -> str:
    """Return a typed digest, or at least so many characters of its beginning, without spaces and capitals.

    Raises:
        DigestUnreadable: it is neither.
    """
    found = _BETWEEN.sub("", plain(typed)).lower()
    if not _DIGEST.fullmatch(found) or len(found) < least:
        raise DigestUnreadable(least)
    return found
