"""Pages that are laid out for A4, drawn on the paper of the hall.

One layout serves every paper: it is drawn as large as it fits, in the middle, so nothing is cut or moves to another
page. On Letter it is 94 per cent of its size, and the QR code of a pass is still 42 mm wide.
"""

from typing import Any

from reportlab.lib.pagesizes import A4

from hallapp.core.regions import Paper


def fit(canvas: Any, paper: Paper) -> None:
    """Let what is drawn next, laid out for A4, fit the paper; to be called once at the start of each page."""
    if paper is Paper.A4:
        return
    width, height = paper.points
    scale = min(width / A4[0], height / A4[1])
    canvas.translate((width - scale * A4[0]) / 2, (height - scale * A4[1]) / 2)
    canvas.scale(scale, scale)


def page_size(paper: Paper) -> tuple[float, float]:
    """Return width and height of a page in points."""
    return A4 if paper is Paper.A4 else paper.points
