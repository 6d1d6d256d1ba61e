"""The code of a certificate: 80 random bits as base32, which can be typed and fits the alphanumeric mode of a QR."""

import base64
import re
import secrets
import unicodedata

from hallapp.certificates.errors import CodeUnreadable
from hallapp.certificates.models import CODE_LENGTH

_CODE = re.compile(rf"[A-Z2-7]{{{CODE_LENGTH}}}")
_GROUP = 4
#: The digits that base32 does not have, as readers take them for letters.
_LOOKALIKES = str.maketrans("018", "OIB")


def make() -> str:
    """Return a new code."""
    return base64.b32encode(secrets.token_bytes(CODE_LENGTH * 5 // 8)).decode("ascii")


def read(typed: str) -> str:
    """Return the code in a typed text, in any case or width, with spaces or hyphens. Raises CodeUnreadable."""
    text = re.sub(r"[\s\-–—·]", "", unicodedata.normalize("NFKC", typed)).upper().translate(_LOOKALIKES)
    if not _CODE.fullmatch(text):
        raise CodeUnreadable
    return text


def grouped(code: str) -> str:
    """Return a code in groups of four characters, as it is printed."""
    return " ".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
