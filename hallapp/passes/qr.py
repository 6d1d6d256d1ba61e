"""The QR of a pass, which is handed about on paper.

Error level Q (a quarter of it may be creased or soiled), version 4 for hosts of up to 24 characters, 5 up to 44, more
where a longer one needs it.
"""

from functools import lru_cache

from hallapp.core import qr
from hallapp.core.qr import QUIET_ZONE, Symbol

_SMALLEST_VERSION = 4


@lru_cache(maxsize=128)
def draw(text: str) -> Symbol:
    """Return the symbol of a text; capitals, digits and ` $%*+-./:` alone take QR's alphanumeric mode."""
    return qr.draw(text, level=qr.A_QUARTER, smallest_version=_SMALLEST_VERSION)


__all__ = ["QUIET_ZONE", "Symbol", "draw"]
