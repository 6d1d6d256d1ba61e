"""A QR as vectors: runs of dark modules, merged in each row, for one path in a PDF or on a page.

Source: ISO/IEC 18004, which also asks for the quiet zone of 4 modules.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

QUIET_ZONE = 4
#: Error correction levels: the part of the symbol that may be creased or soiled.
A_SEVENTH = ERROR_CORRECT_M
A_QUARTER = ERROR_CORRECT_Q


@dataclass(frozen=True, slots=True)
class Symbol:
    """One QR, in modules. `size` counts them along an edge with both quiet zones; `runs` are dark: (x, y, length)."""

    version: int
    size: int
    runs: tuple[tuple[int, int, int], ...]

    @property
    def svg_path(self) -> str:
        """Return the `d` of one SVG path in a viewBox of `size` by `size`."""
        return "".join(f"M{x} {y}h{length}v1h-{length}z" for x, y, length in self.runs)


def draw(text: str, *, level: int, smallest_version: int = 1, mask: int | None = None) -> Symbol:
    """Return the symbol of a text; texts of capitals, digits and ` $%*+-./:` use QR's alphanumeric mode.

    Choosing the best mask takes most of the time; a caller that needs hundreds of symbols passes one of the eight.
    """
    code = QRCode(version=smallest_version, error_correction=level, border=0, mask_pattern=mask)
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
