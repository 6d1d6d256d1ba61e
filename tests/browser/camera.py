"""A film of a QR code for Chromium's fake camera (`--use-file-for-fake-video-capture=FILE.y4m`)."""

from collections.abc import Sequence
from pathlib import Path

WIDTH, HEIGHT = 640, 480
QUIET_MODULES = 4
_DARK, _LIGHT = 24, 228  # a print under a hall's lamps is neither black nor white


def film(path: Path, matrix: Sequence[Sequence[bool]], *, frames: int = 20) -> Path:
    """Write frames of a still QR code, upright in the middle of the picture, as YUV4MPEG2; gives the path back.

    `matrix` has a row of modules (true is dark) for each line, without its quiet zone.
    """
    picture = _luma(matrix)
    colourless = bytes([128]) * (WIDTH // 2 * (HEIGHT // 2) * 2)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + (b"FRAME\n" + picture + colourless) * frames)
    return path


def _luma(matrix: Sequence[Sequence[bool]]) -> bytes:
    module = HEIGHT // (len(matrix) + 2 * QUIET_MODULES)
    side = module * len(matrix)
    left, top = (WIDTH - side) // 2, (HEIGHT - side) // 2
    blank = bytes([_LIGHT]) * WIDTH
    rows = [blank] * top
    for line in matrix:
        dots = b"".join(bytes([_DARK if dark else _LIGHT]) * module for dark in line)
        row = bytes([_LIGHT]) * left + dots + bytes([_LIGHT]) * (WIDTH - left - side)
        rows += [row] * module
    rows += [blank] * (HEIGHT - len(rows))
    return b"".join(rows)
