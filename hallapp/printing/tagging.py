"""Tagged PDF (PDF/UA-1, ISO 14289-1): what each part of a page is, for screen readers and for reflowing on a phone.

Text and pictures are drawn inside of `with canvas.tagged("P"):`; the elements form a tree in the order in which they
were opened, which is the order of reading. Everything that is drawn outside of an element is an artifact: lines, bars,
and the foot of a page. So no content can be left without a mark, and a forgotten element shows in the text of the tree.

The content of each page is a sequence of marks that are never nested. Each has a number on its page, by which its
element refers to it (ISO 32000-1, 14.7).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfbase.pdfdoc import (
    PDFArray,
    PDFDictionary,
    PDFName,
    PDFObject,
    PDFObjectReference,
    PDFPage,
    PDFStream,
    PDFString,
)
from reportlab.pdfgen.canvas import Canvas

from hallapp.printing.packing import PackedDocument

#: Elements that consist of others; what is drawn directly in them is an artifact.
_GROUPING = frozenset({"Document", "Sect", "Table", "TR", "L", "LI", "TOC", "TOCI", "Reference"})
_FOOT = "/Type/Pagination/Subtype/Footer"
#: The attributes of an element, without the braces.
_SCOPES = {"Column": "/O/Table/Scope/Column", "Row": "/O/Table/Scope/Row"}

Box = tuple[float, float, float, float]

_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>{creator}</xmp:CreatorTool>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


class Element(PDFObject):
    """An element of the structure. Its children are elements, marks (page, number) and links (page, annotation)."""

    __RefOnly__ = 1

    def __init__(self, role: str, parent: PDFObject, *, alt: str = "", attributes: str = "") -> None:
        self.role, self.parent, self.alt, self.attributes = role, parent, alt, attributes
        self.children: list[Element | tuple[int, int] | tuple[int, PDFObjectReference]] = []

    @property
    def is_content(self) -> bool:
        """Return whether what is drawn in it belongs to it."""
        return self.role not in _GROUPING and self.role != "Artifact"

    def format(self, document: Any) -> bytes:
        """Return the element as a dictionary of the file; it names the page of its first mark."""
        page = next((child[0] for child in self.children if isinstance(child, tuple)), None)
        parts = [f"<</S/{self.role}/P {_refer(document, self.parent)}"]
        if page is not None:
            parts.append(f"/Pg {_page(document, page)}")
        if self.children:
            kids = [_kid(document, child, page) for child in self.children]
            parts.append(f"/K {kids[0]}" if len(kids) == 1 else f"/K[{' '.join(kids)}]")
        if self.attributes:
            parts.append(f"/A<<{self.attributes}>>")
        if self.alt:
            parts.append(f"/Alt<FEFF{self.alt.encode('utf-16-be').hex()}>")
        return "".join((*parts, ">>")).encode()


class _Tree(PDFObject):
    """The root of the structure. `parents` leads from a page's marks, and from a link, back to their elements."""

    __RefOnly__ = 1

    def __init__(self) -> None:
        self.document = self.open = Element("Document", self)
        self.parents: list[list[Element] | Element] = []
        self.pages: dict[int, int] = {}

    def marks_of(self, page: int) -> list[Element]:
        """Return the elements of the marks on a page, by their numbers."""
        if page not in self.pages:
            self.pages[page] = len(self.parents)
            self.parents.append([])
        marks = self.parents[self.pages[page]]
        assert isinstance(marks, list)
        return marks

    def format(self, document: Any) -> bytes:
        """Return the root as a dictionary of the file."""
        numbers = " ".join(f"{key} {_parents(document, entry)}" for key, entry in enumerate(self.parents))
        return (
            f"<</Type/StructTreeRoot/K {_refer(document, self.document)}"
            f"/ParentTree<</Nums[{numbers}]>>/ParentTreeNextKey {len(self.parents)}>>"
        ).encode()


class _TaggedPage(PDFPage):
    """A page that knows its place in the structure, by which its links are reached with the Tab key too."""

    __NoDefault__: list[str] = [*PDFPage.__NoDefault__, "StructParents", "Tabs"]  # noqa: RUF012 (reportlab's)


class TaggedCanvas(Canvas):
    """A canvas whose content is structured. Elements may be left open at the end of a page."""

    # reportlab's own, which its types do not name.
    _annotationrefs: list[PDFObjectReference]
    _code: list[str]
    _doc: Any

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._tree = _Tree()
        self._mark: int | None = None
        super().__init__(*arguments, **{**options, "pdfVersion": (1, 7)})
        self._doc.__class__ = PackedDocument
        self.setViewerPreference("DisplayDocTitle", "true")
        self.begin_mark()

    @contextmanager
    def tagged(self, role: str, *, alt: str = "", scope: str = "", box: Box | None = None) -> Iterator[Element]:
        """Open an element below the open one; what is drawn inside belongs to it.

        `alt` is the text in place of a figure, `box` its rectangle; `scope` is that of a table's header cell.
        """
        self.end_mark()
        parent = self._tree.open
        attributes = _SCOPES.get(scope, "")
        if box:
            box = self._on_page(box)
            attributes = f"/O/Layout/Placement/Block/BBox[{' '.join(f'{edge:.1f}' for edge in box)}]"
        element = Element(role, parent, alt=alt, attributes=attributes)
        parent.children.append(element)
        with self.inside(element):
            yield element

    @contextmanager
    def inside(self, element: Element) -> Iterator[None]:
        """Open an element again, so that its content can be drawn after that of others."""
        before = self._tree.open
        self._turn_to(element)
        try:
            yield
        finally:
            self._turn_to(before)

    @contextmanager
    def artifact(self, *, foot: bool = False) -> Iterator[None]:
        """Draw something inside of an element that is no part of it, such as a repeated head, or the foot of a page."""
        with self.inside(Element("Artifact", self._tree, attributes=_FOOT if foot else "")):
            yield

    def link(self, text: str, bookmark: str, area: Box) -> None:
        """Lead from an area of the page to a bookmark, as part of the open element; `text` says where it leads."""
        canvas: Any = self
        element, key = self._tree.open, len(self._tree.parents)
        self._tree.parents.append(element)
        link = {
            "Type": PDFName("Annot"),
            "Subtype": PDFName("Link"),
            "Rect": PDFArray(self._on_page(area)),
            "Border": PDFArray([0, 0, 0]),
            "Contents": PDFString(text),
            "Dest": canvas._bookmarkReference(bookmark),
            "StructParent": key,
        }
        canvas._addAnnotation(PDFDictionary(link))
        element.children.append((self.getPageNumber(), self._annotationrefs[-1]))

    def _on_page(self, area: Box) -> Box:
        """Return an area in the coordinates of the page, which may be drawn smaller than it was laid out."""
        canvas: Any = self
        return (*canvas.absolutePosition(*area[:2]), *canvas.absolutePosition(*area[2:]))

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        """Write the page, and begin the next one."""
        self.end_mark()
        number = self.getPageNumber()
        super().showPage()
        page = self._doc.Pages.pages[-1]
        self._tree.marks_of(number)
        page.__class__, page.StructParents, page.Tabs = _TaggedPage, self._tree.pages[number], PDFName("S")
        self.begin_mark()

    def save(self) -> None:
        """Write the file, with its structure and its metadata."""
        self.end_mark()
        catalog, info = self._doc.Catalog, self._doc.info
        catalog.MarkInfo = PDFDictionary({"Marked": "true"})
        catalog.StructTreeRoot = self._tree
        known = {"title": info.title, "author": info.author, "creator": info.creator, "language": catalog.Lang.s}
        xmp = _XMP.format(**{name: escape(text) for name, text in known.items()})
        catalog.Metadata = PDFStream(
            PDFDictionary({"Type": PDFName("Metadata"), "Subtype": PDFName("XML")}), xmp.encode() + b"\n"
        )
        super().save()

    def begin_mark(self) -> None:
        """Begin the mark of the open element, or of an artifact."""
        element, self._mark = self._tree.open, len(self._code)
        if element.is_content:
            number = len(self._tree.marks_of(self.getPageNumber()))
            self._code.append(f"/{element.role} <</MCID {number}>> BDC")
        else:
            self._code.append(f"/Artifact <<{_FOOT}>> BDC" if element.attributes == _FOOT else "/Artifact BMC")

    def end_mark(self) -> None:
        """End the present mark; one without content leaves no trace."""
        if self._mark is None:
            return
        element, page = self._tree.open, self.getPageNumber()
        if len(self._code) == self._mark + 1:
            self._code.pop()
        else:
            self._code.append("EMC")
            if element.is_content:
                marks = self._tree.marks_of(page)
                element.children.append((page, len(marks)))
                marks.append(element)
        self._mark = None

    def _turn_to(self, element: Element) -> None:
        self.end_mark()
        self._tree.open = element
        self.begin_mark()


def _refer(document: Any, thing: PDFObject) -> str:
    reference: bytes = document.Reference(thing).format(document)
    return reference.decode()


def _page(document: Any, number: int) -> str:
    reference: bytes = PDFObjectReference(f"Page{number}").format(document)
    return reference.decode()


def _kid(document: Any, child: Any, page: int | None) -> str:
    if isinstance(child, Element):
        return _refer(document, child)
    own, what = child
    shown = "" if own == page else f"/Pg {_page(document, own)}"
    if isinstance(what, int):
        return f"<</Type/MCR{shown}/MCID {what}>>" if shown else str(what)
    return f"<</Type/OBJR{shown}/Obj {what.format(document).decode()}>>"


def _parents(document: Any, entry: Sequence[Element] | Element) -> str:
    if isinstance(entry, Element):
        return _refer(document, entry)
    return f"[{' '.join(_refer(document, element) for element in entry)}]"
