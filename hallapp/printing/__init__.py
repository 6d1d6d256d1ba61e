"""Text on paper: the fonts of every script that is printed, shaping, direction, and line breaking.

The functions for other rooms are imported here; `fonts.py` has the fonts, `layout.py` the shaping, `lines.py` the line
breaking; `tagging.py` has the canvas of documents that a screen reader can read, and `packing.py` their file.
"""

from hallapp.printing.fitting import fit, page_size
from hallapp.printing.fonts import FONT, find_unprintable, get_font, load_font
from hallapp.printing.layout import draw, runs_of, text_width
from hallapp.printing.lines import wrap

__all__ = [
    "FONT",
    "draw",
    "find_unprintable",
    "fit",
    "get_font",
    "load_font",
    "page_size",
    "runs_of",
    "text_width",
    "wrap",
]
