"""The QR as vectors: runs of dark modules, merged in each row, for one path in a PDF or on a page.

Error level Q (a quarter of it may be creased or soiled), version 4 for hosts of up to 24 characters, 5 up to 44, more
where a longer one needs it. Source: ISO/IEC 18004, which also asks for the quiet zone of 4 modules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_Q

QUIET_ZONE = 4
_SMALLEST_VERSION = 4


@dataclass(frozen=True, slots=True)
class Symbol:
    """One QR, in modules. `size` counts them along an edge with both quiet zones; `runs` are dark: (x, y, length)."""

    version: int
    size: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def svg_path(self) -> str:
        """The `d` of one SVG path in a viewBox of `size` by `size`."""
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.runs)


@lru_cache(maxsize=128)
def draw(text: str) -> Symbol:
    """The symbol of a text; capitals, digits and ` $%*+-./:` alone take QR's alphanumeric mode."""
    code = QRCode(version=_SMALLEST_VERSION, error_correction=ERROR_CORRECT_Q, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return Symbol(code.version, code.modules_count + 2 * QUIET_ZONE, tuple(_runs(code.modules)))


def _runs(rows: list[list[bool | None]]) -> Iterator[tuple[int, int, int]]:
    for y, row in enumerate(rows, start=QUIET_ZONE):
        x = QUIET_ZONE
        for dark, modules in groupby(row):
            length = len(list(modules))
            if dark:
                yield x, y, length
            x += length
