"""A picture on its own, as for a presentation: title and sentence above it, the hall below it."""

from collections.abc import Iterator

from hallapp import printing
from hallapp.reports.pictures.shapes import LABEL, PLAIN, QUIET, SMALL, Drawing, Mark, Text

_MARGIN, _TITLE, _LEADING = 40.0, 32.0, 1.4


def framed(drawing: Drawing, *, title: str, sentence: str, foot: str) -> Drawing:
    """Return the drawing on a sheet with a margin and these texts, broken into lines where they must be."""
    head = [
        *_lines(title, size=_TITLE, paint=PLAIN, top=_MARGIN, width=drawing.width),
    ]
    head += _lines(sentence, size=LABEL, paint=QUIET, top=_end(head, _MARGIN) + 4, width=drawing.width)
    begin = _end(head, _MARGIN) + 24
    tail = list(_lines(foot, size=SMALL, paint=QUIET, top=begin + drawing.height + 20, width=drawing.width))
    return Drawing(
        width=drawing.width + 2 * _MARGIN,
        height=_end(tail, begin + drawing.height) + _MARGIN / 2,
        marks=(
            Mark(shapes=tuple(head)),
            *(mark.moved(_MARGIN, begin) for mark in drawing.marks),
            Mark(shapes=tuple(tail)),
        ),
    )


def _lines(text: str, *, size: float, paint: str, top: float, width: float) -> Iterator[Text]:
    """Lines a little narrower than the sheet: a reader's own font may be wider than the project's."""
    for number, line in enumerate(printing.wrap(text, size=size, width=0.86 * width)):
        yield Text(x=_MARGIN, y=top + size * (1 + number * _LEADING), size=size, text=line, paint=paint, anchor="start")


def _end(lines: list[Text], top: float) -> float:
    return lines[-1].y + 0.4 * lines[-1].size if lines else top
