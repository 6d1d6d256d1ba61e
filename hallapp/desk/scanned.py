"""The meaning of a scanned or typed text, before the database is queried."""

import re
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from hallapp.booking import reference
from hallapp.desk import errors
from hallapp.passes import codes
from hallapp.passes.errors import CodeInvalid

_LONGEST_WORD = 24
# How texts of QR codes begin: an address, a contact (BEGIN:VCARD, MECARD:), a network (WIFI:), a health code's JSON.
_OF_MACHINES = re.compile(r"[a-z][a-z0-9+.-]{2,}:\S|\{", re.IGNORECASE)


class Means(StrEnum):
    """The kind of object that a text names."""

    PASS = "pass"  # noqa: S105 — the token of a pass
    REFERENCE = "reference"


class Read(NamedTuple):
    """The object that a text names: a pass by its token, or a booking by its reference."""

    means: Means
    value: str


def read(text: str, keys: Sequence[str]) -> Read:
    """Return what a scanned code or a typed reference names.

    Raises:
        InvalidCode, InvalidReference, NotAPass, Unknown: it names nothing, for this reason.
    """
    if not text.strip():
        raise errors.InvalidCode
    if reference.looks_like_one(text):
        if not reference.is_valid(text):
            raise errors.InvalidReference
        return Read(Means.REFERENCE, reference.tidy(text))
    try:
        return Read(Means.PASS, codes.token_of(text, keys))
    except CodeInvalid:
        is_foreign = looks_scanned(text) and not codes.looks_like_one(text)
        raise (errors.NotAPass() if is_foreign else errors.Unknown()) from None


def looks_scanned(text: str) -> bool:
    """Return whether a text looks scanned rather than typed: an address, or a long run without spaces."""
    plain = unicodedata.normalize("NFKC", text).strip()
    is_long = len(plain) >= _LONGEST_WORD and plain.isascii() and not plain.count(" ")
    return "://" in plain or is_long or _OF_MACHINES.match(plain) is not None
