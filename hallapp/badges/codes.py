"""The code on a badge: made and signed as a pass's, for another purpose, so that neither serves as the other."""

from collections.abc import Sequence

from hallapp.passes import codes
from hallapp.passes.codes import Kind, make_token

BADGE = Kind("B", b"hallapp badge v1")


def sign(token: str, keys: Sequence[str]) -> str:
    """Return the code of a badge's token."""
    return codes.sign(token, keys, kind=BADGE)


def token_of(scanned: str, keys: Sequence[str]) -> str:
    """Return the token of a badge in a scanned or typed text. Raises CodeInvalid (of passes) for anything else."""
    return codes.token_of(scanned, keys, kind=BADGE)


def qr_text(token: str, keys: Sequence[str], base_url: str) -> str:
    """Return the text of a badge's QR."""
    return codes.qr_text(sign(token, keys), base_url, kind=BADGE)


__all__ = ["BADGE", "make_token", "qr_text", "sign", "token_of"]
