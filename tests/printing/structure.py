"""The structure of a tagged PDF as a reader's program finds it, and what is wrong with it.

The tree is read by pypdf, the content of pages by PDFium: neither is the library that writes the files.
"""

import ctypes
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdf
import pypdfium2
import pypdfium2.raw as pdfium

HEADINGS = ("H1", "H2", "H3")
#: What an element may consist of, where PDF/UA restricts it.
_KIDS = {
    "Table": {"TR"},
    "TR": {"TH", "TD"},
    "L": {"LI"},
    "LI": {"Lbl", "LBody"},
    "TOC": {"TOCI"},
    "TOCI": {"Reference"},
}
_ROLES = {
    "Document",
    "Sect",
    "P",
    "Figure",
    "Link",
    *HEADINGS,
    *_KIDS,
    *(kid for kids in _KIDS.values() for kid in kids),
}

Mark = tuple[int, int]  # the page from 0 on, and the number on it


@dataclass
class Node:
    """An element with its content in the order of reading: elements, and marks."""

    role: str
    number: int
    source: Any
    kids: list["Node | Mark"] = field(default_factory=list)
    links: list[int] = field(default_factory=list)

    def walk(self) -> Iterator["Node"]:
        yield self
        for kid in self.kids:
            if isinstance(kid, Node):
                yield from kid.walk()

    def marks(self) -> Iterator[Mark]:
        for kid in self.kids:
            if isinstance(kid, Node):
                yield from kid.marks()
            else:
                yield kid

    def elements(self) -> list["Node"]:
        return [kid for kid in self.kids if isinstance(kid, Node)]


@dataclass
class Drawn:
    """An object on a page: a text (its words), or anything else (no words), with its mark."""

    page: int
    mark: int | None
    is_artifact: bool
    text: str
    y: float


class Structure:
    """A file, its tree and its content."""

    def __init__(self, file: bytes) -> None:
        self.reader = pypdf.PdfReader(io.BytesIO(file))
        self.catalog = self.reader.trailer["/Root"].get_object()
        self.pages = {page.indirect_reference.idnum: number for number, page in enumerate(self.reader.pages)}
        self.root = self._node(self.catalog["/StructTreeRoot"].raw_get("/K"), None)
        self.drawn = list(_drawn(file))

    def nodes(self, *roles: str) -> list[Node]:
        return [node for node in self.root.walk() if not roles or node.role in roles]

    def text(self, node: Node) -> str:
        texts: dict[Mark, str] = {}
        for one in self.drawn:
            if one.mark is not None:
                texts[one.page, one.mark] = texts.get((one.page, one.mark), "") + one.text
        return " ".join("".join(texts.get(mark, "") for mark in node.marks()).split())

    def rows(self, table: Node) -> list[list[str]]:
        return [[self.text(cell) for cell in row.elements()] for row in table.elements()]

    def _node(self, reference: Any, page: int | None) -> Node:
        source = reference.get_object()
        node = Node(source["/S"].removeprefix("/"), reference.idnum, source)
        page = self.pages[source.raw_get("/Pg").idnum] if "/Pg" in source else page
        kids = source.get("/K", [])
        for kid in kids if isinstance(kids, list) else [source.raw_get("/K")]:
            if isinstance(kid, int):
                assert page is not None
                node.kids.append((page, int(kid)))
                continue
            found = kid.get_object()
            own = self.pages[found.raw_get("/Pg").idnum] if "/Pg" in found else page
            if found.get("/Type") == "/OBJR":
                node.links.append(found.raw_get("/Obj").idnum)
            elif found.get("/Type") == "/MCR":
                assert own is not None
                node.kids.append((own, int(found["/MCID"])))
            else:
                node.kids.append(self._node(kid, page))
        return node


def find_faults(file: bytes) -> list[str]:
    """What a validator would say, in words; nothing where the file is right."""
    found = Structure(file)
    return [
        *_of_document(found),
        *_of_content(found),
        *_of_links(found),
        *_of_headings(found),
        *_of_tables(found),
        *_of_kinds(found),
    ]


def _of_document(found: Structure) -> Iterator[str]:
    catalog, metadata = found.catalog, found.catalog["/Metadata"].get_data().decode()
    if not catalog["/MarkInfo"]["/Marked"]:
        yield "not marked as tagged"
    if "<pdfuaid:part>1</pdfuaid:part>" not in metadata:
        yield "no PDF/UA in the metadata"
    title = found.reader.metadata.title
    if (
        not title
        or title not in metadata.replace("&amp;", "&")
        or not catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    ):
        yield "the title is not shown"
    if not catalog.get("/Lang"):
        yield "no language"
    for page in found.reader.pages:
        if page.get("/Tabs") != "/S":
            yield "the Tab key does not follow the structure"
        for font in page["/Resources"]["/Font"].get_object().values():
            font = font.get_object()
            if "/FontFile2" not in font["/FontDescriptor"].get_object() or "/ToUnicode" not in font:
                yield f"a font is not embedded, or has no text: {font['/BaseFont']}"


def _of_content(found: Structure) -> Iterator[str]:
    """Each mark is in the tree once, and each of the tree on a page; the way back from a page is the same."""
    for one in found.drawn:
        if (one.mark is None) != one.is_artifact:
            yield f"page {one.page + 1}: content without a mark: {one.text.strip()}"
    owners: dict[Mark, int] = {}
    for node in found.nodes():
        for kid in node.kids:
            if not isinstance(kid, Node):
                if kid in owners:
                    yield f"a mark is in the tree twice: {kid}"
                owners[kid] = node.number
    stray = {(one.page, one.mark) for one in found.drawn if one.mark is not None} - set(owners)
    if stray:
        yield f"marks that are not in the tree: {sorted(stray)}"
    back = _parent_tree(found)
    for number, page in enumerate(found.reader.pages):
        listed = [one.idnum for one in back.get(page.get("/StructParents"), [])]
        expected = {mark: owner for (at, mark), owner in owners.items() if at == number}
        if dict(enumerate(listed)) != expected:
            yield f"page {number + 1}: the way back from its marks is wrong"


def _of_links(found: Structure) -> Iterator[str]:
    back, owners = _parent_tree(found), {}
    for node in found.nodes():
        owners.update(dict.fromkeys(node.links, node))
    for page in found.reader.pages:
        for note in page.get("/Annots", []):
            owner = owners.get(note.idnum)
            note_ = note.get_object()
            if owner is None or owner.role != "Link" or back[note_["/StructParent"]].idnum != owner.number:
                yield "a link is not in the structure"
            if not note_.get("/Contents"):
                yield "a link does not say where it leads"


def _of_headings(found: Structure) -> Iterator[str]:
    last = 0
    for node in found.nodes(*HEADINGS):
        level = int(node.role[1])
        if level > last + 1 or (level == 1 and last):
            yield f"heading {node.role} after H{last}"
        if not found.text(node).strip():
            yield "an empty heading"
        last = level


def _of_tables(found: Structure) -> Iterator[str]:
    for table in found.nodes("Table"):
        rows = [row.elements() for row in table.elements()]
        if len({len(row) for row in rows}) != 1:
            yield f"a table with rows of different lengths: {[len(row) for row in rows]}"
        heads = [cell for row in rows for cell in row if cell.role == "TH"]
        if not heads or not all(cell.source.get("/A", {}).get("/Scope") in ("/Row", "/Column") for cell in heads):
            yield "a table without header cells, or one without its scope"


def _of_kinds(found: Structure) -> Iterator[str]:
    for node in found.nodes():
        if node.role not in _ROLES:
            yield f"an unknown element: {node.role}"
        stray = {kid.role if isinstance(kid, Node) else "content" for kid in node.kids} - _KIDS.get(node.role, set())
        if node.role in _KIDS and stray:
            yield f"{node.role} with {sorted(stray)}"
        if node.role == "Figure" and not (node.source.get("/Alt") and node.source.get("/A", {}).get("/BBox")):
            yield "a figure without its text, or its place"


def _parent_tree(found: Structure) -> dict[int, Any]:
    numbers = found.catalog["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    return {int(numbers[at]): _entry(numbers, at + 1) for at in range(0, len(numbers), 2)}


def _entry(numbers: Any, at: int) -> Any:
    """An array of references as it is; a reference to an element unresolved."""
    raw = list.__getitem__(numbers, at)
    return list(list.__iter__(raw)) if isinstance(raw, list) else raw


def _drawn(file: bytes) -> Iterator[Drawn]:
    document = pypdfium2.PdfDocument(file)
    for number, page in enumerate(document):
        texts = page.get_textpage()
        for one in page.get_objects(max_depth=1):
            mark = pdfium.FPDFPageObj_GetMarkedContentID(one)
            names = [
                _name(pdfium.FPDFPageObj_GetMark(one, index)) for index in range(pdfium.FPDFPageObj_CountMarks(one))
            ]
            text = _text(one, texts) if one.type == pdfium.FPDF_PAGEOBJ_TEXT else ""
            yield Drawn(number, mark if mark >= 0 else None, "Artifact" in names, text, one.get_bounds()[1])
    document.close()


def _name(mark: Any) -> str:
    length, buffer = ctypes.c_ulong(), (pdfium.FPDF_WCHAR * 32)()
    pdfium.FPDFPageObjMark_GetName(mark, buffer, ctypes.sizeof(buffer), length)
    return bytes(buffer)[: length.value].decode("utf-16-le").rstrip("\0")


def _text(one: Any, page: Any) -> str:
    length = pdfium.FPDFTextObj_GetText(one, page, None, 0)
    buffer = (pdfium.FPDF_WCHAR * (length // 2))()
    pdfium.FPDFTextObj_GetText(one, page, buffer, length)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")
