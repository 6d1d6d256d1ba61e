"""A tagged PDF has the structure that was drawn, and each kind of fault in it is found."""

import io
from collections.abc import Callable
from itertools import count

import pypdf
import pypdfium2
import pytest

from hallapp import printing
from hallapp.printing.tagging import TaggedCanvas
from tests.printing.structure import Structure, find_faults

LINES = count(20, 13)
BOX = (50.0, 500.0, 150.0, 600.0)


def made(draw: Callable[[TaggedCanvas], None]) -> bytes:
    file = io.BytesIO()
    canvas = TaggedCanvas(file, initialFontName=printing.load_font(), lang="en")
    canvas.setTitle("Pests & Plants")
    canvas.setAuthor("Lingnan <Hall>")
    draw(canvas)
    canvas.save()
    return file.getvalue()


def write(canvas: TaggedCanvas, text: str) -> None:
    """Write a text where no other one is: PDFium reads overlapping letters once."""
    printing.draw(canvas, text, 12, x=50, y=next(LINES) % 800)


def put(canvas: TaggedCanvas, role: str, text: str, **options: str) -> None:
    with canvas.tagged(role, **options):
        write(canvas, text)


def whole(canvas: TaggedCanvas) -> None:
    """All that a document may have, with an element over two pages, and one that is filled last."""
    put(canvas, "H1", "Title")
    with canvas.tagged("Sect") as later:
        pass
    with canvas.tagged("P"):
        write(canvas, "begun ")
        with canvas.artifact():
            write(canvas, "— in the margin —")
        canvas.line(10, 10, 20, 20)
        canvas.showPage()
        write(canvas, "and ended")
    with canvas.tagged("Table"):
        for cells in (("Place", "People"), ("𠮷林", "3")):
            with canvas.tagged("TR"):
                for place, cell in enumerate(cells):
                    head = cells[0] == "Place" or place == 0
                    put(
                        canvas,
                        "TH" if head else "TD",
                        cell,
                        scope=("Row", "Column")[cells[0] == "Place"] if head else "",
                    )
    with canvas.tagged("Figure", alt="Łódź — a map of 广东", box=BOX):
        canvas.rect(50, 500, 100, 100)
    write(canvas, "page 2")
    canvas.bookmarkPage("here")
    canvas.addOutlineEntry("Title", "here")
    with canvas.inside(later), canvas.tagged("TOC"), canvas.tagged("TOCI"), canvas.tagged("Reference"):
        _link(canvas)


def _link(canvas: TaggedCanvas) -> None:
    with canvas.tagged("Link"):
        write(canvas, "To the title")
        canvas.link("Title, page 1", "here", BOX)


def test_structure_is_read_in_the_order_of_its_elements() -> None:
    file = made(whole)
    assert find_faults(file) == []
    found = Structure(file)
    order = [(node.role, found.text(node)) for node in found.root.elements()]
    assert order[:3] == [("H1", "Title"), ("Sect", "To the title"), ("P", "begun and ended")]
    assert found.rows(found.nodes("Table")[0]) == [["Place", "People"], ["𠮷林", "3"]]
    assert found.nodes("Figure")[0].source["/Alt"] == "Łódź — a map of 广东"
    assert {one.text.strip() for one in found.drawn if one.is_artifact} - {""} == {"— in the margin —", "page 2"}


def _irregular(canvas: TaggedCanvas) -> None:
    with canvas.tagged("Table"):
        for cells in ("AB", "C"):
            with canvas.tagged("TR"):
                for cell in cells:
                    put(canvas, "TH", cell, scope="Column")


def _table_without_heads(canvas: TaggedCanvas) -> None:
    with canvas.tagged("Table"), canvas.tagged("TR"):
        put(canvas, "TD", "3")


def _stray_row(canvas: TaggedCanvas) -> None:
    with canvas.tagged("Table"):
        put(canvas, "P", "not a row")


def _untagged_link(canvas: TaggedCanvas) -> None:
    canvas.bookmarkPage("here")
    with canvas.tagged("P"):
        canvas.link("Title", "here", BOX)


def _silent_link(canvas: TaggedCanvas) -> None:
    canvas.bookmarkPage("here")
    put(canvas, "H1", "Title")
    with canvas.tagged("Link"):
        canvas.link("", "here", BOX)


def _unmarked(canvas: TaggedCanvas) -> None:
    canvas.end_mark()
    write(canvas, "nobody hears this")
    canvas.begin_mark()


def _twice(canvas: TaggedCanvas) -> None:
    with canvas.tagged("P") as element:
        write(canvas, "said twice")
    element.children *= 2


def _lost(canvas: TaggedCanvas) -> None:
    with canvas.tagged("P") as element:
        write(canvas, "lost")
    element.children.clear()


@pytest.mark.parametrize(
    ("draw", "fault"),
    [
        (_irregular, "rows of different lengths: [2, 1]"),
        (_table_without_heads, "without header cells"),
        (_stray_row, "Table with ['P']"),
        (_untagged_link, "a link is not in the structure"),
        (_silent_link, "does not say where it leads"),
        (_unmarked, "content without a mark: nobody hears this"),
        (_twice, "a mark is in the tree twice"),
        (_lost, "marks that are not in the tree"),
        (lambda canvas: (put(canvas, "H1", "One"), put(canvas, "H3", "Three")), "heading H3 after H1"),
        (lambda canvas: put(canvas, "H2", "Two"), "heading H2 after H0"),
        (lambda canvas: put(canvas, "Figure", "picture"), "a figure without its text"),
        (lambda canvas: put(canvas, "Paragraph", "text"), "an unknown element: Paragraph"),
        (lambda canvas: canvas.setTitle(""), "the title is not shown"),
    ],
)
def test_each_fault_of_a_structure_is_found(draw: Callable[[TaggedCanvas], object], fault: str) -> None:
    found = find_faults(made(lambda canvas: (draw(canvas), write(canvas, "foot"))[-1]))
    assert any(fault in one for one in found), found


def test_packed_file_is_read_whole_by_other_programs_and_has_its_objects_once() -> None:
    file = made(whole)
    reader = pypdf.PdfReader(io.BytesIO(file), strict=True)
    assert reader.pdf_header == "%PDF-1.7"
    assert [page.extract_text().split()[0] for page in reader.pages] == ["Title", "and"]
    assert reader.outline[0].title == "Title"
    assert len(pypdfium2.PdfDocument(file)) == 2
    assert len(reader.xref_objStm) == reader.trailer["/Size"] - 1 - len(reader.xref[0])
