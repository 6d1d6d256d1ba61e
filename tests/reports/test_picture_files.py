"""Pictures as files and on paper: the same shapes as SVG, PNG and PDF."""

import io
from xml.etree import ElementTree

import pypdf
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from hallapp import printing
from hallapp.reports.pictures import paper, svg
from hallapp.reports.pictures.frame import framed
from hallapp.reports.pictures.png import to_png
from hallapp.reports.pictures.shapes import (
    BAND,
    PAINTS,
    PLAIN,
    QUIET,
    SERIES,
    TINT,
    Area,
    Box,
    Drawing,
    Line,
    Mark,
    Text,
)

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '岭南 & <script>alert("1")</script> 𠮷\x00\x0b\ud800'

SHEET = Drawing(
    width=300,
    height=200,
    marks=(
        Mark(shapes=(Area(points=((20, 150), (20, 50), (280, 50), (280, 150)), fill=TINT),)),
        Mark(
            title="广东: 1 person",
            shapes=(
                Box(x=40, y=60, width=80, height=80, fill="level-5", edge=QUIET, dashed=True, radius=6),
                Text(x=80, y=110, size=24, text="广东 𠮷", paint="ink-5"),
                Text(x=80, y=130, size=24, text="GD", paint="ink-5", room="short"),
            ),
        ),
        Mark(
            shapes=(
                Line(points=((140, 140), (200, 70), (260, 140)), paint=SERIES, thickness=4),
                Line(points=((140, 180), (260, 180)), paint=PLAIN, thickness=4, dashed=True),
                Box(x=200, y=150, width=60, height=20, fill=BAND),
                Text(x=10, y=195, size=18, text="left", anchor="start"),
                Text(x=290, y=195, size=18, text="right", anchor="end"),
            )
        ),
    ),
)


def rgb(paint: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(PAINTS[paint][1:]))


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(one[:3], other, strict=True))


def looks_right(image: Image.Image, factor: float) -> None:
    """The picture of SHEET at a size, by its pixels."""

    def at(x: float, y: float) -> tuple[int, ...]:
        return tuple(image.getpixel((round(x * factor), round(y * factor))))  # type: ignore[arg-type]

    assert near(at(5, 5), (255, 255, 255))
    assert near(at(30, 100), rgb(TINT))
    assert near(at(50, 75), rgb("level-5"))
    assert near(at(170, 105), rgb(SERIES))
    assert near(at(230, 160), rgb(BAND))
    dashes = {near(at(x, 180), rgb(PLAIN)) for x in range(141, 259)}
    assert dashes == {True, False}
    white = sum(near(at(x, y), (255, 255, 255)) for x in range(50, 112) for y in range(90, 114))
    assert white > 40  # the name is written in white


def test_png_has_two_pixels_to_a_unit_and_says_what_it_shows() -> None:
    image = Image.open(io.BytesIO(to_png(SHEET, title="来源", description="广东 𠮷")))
    image.load()
    assert image.format == "PNG"
    assert image.size == (600, 400)
    assert image.info["Title"] == "来源"
    assert image.info["Description"] == "广东 𠮷"
    looks_right(image, 2)


def test_svg_file_stands_alone_and_carries_no_script() -> None:
    drawing = framed(SHEET, title=NASTY, sentence=NASTY, foot="岭南展馆")
    file = svg.to_svg(drawing, title=NASTY, description="广东 & 𠮷", language="zh")
    root = ElementTree.fromstring(file)
    assert root.tag == f"{SVG}svg"
    assert [child.tag.removeprefix(SVG) for child in root[:3]] == ["title", "desc", "rect"]
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "rect", "text", "polyline", "polygon"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name in ("href", "style", "class")]
    assert root.findtext(f"{SVG}desc") == "广东 & 𠮷"
    assert root.findtext(f"{SVG}title") == '岭南 & <script>alert("1")</script> 𠮷'
    written = [element.text for element in root.iter(f"{SVG}text")]
    assert "广东 𠮷" in written
    assert "GD" not in written


def test_svg_in_a_page_has_classes_for_the_dark_scheme() -> None:
    page = str(svg.inline(SHEET, label=NASTY, described_by="table"))
    root = ElementTree.fromstring(page)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"].startswith("岭南 & <script>")
    assert root.attrib["viewBox"] == "-1 -1 302 202"
    classes = [element.attrib.get("class") for element in root.iter() if element.tag in ("rect", "polyline", "polygon")]
    assert classes == ["tint", "level-5", "series", "plain-ink", "band"]
    assert [element.attrib["class"] for element in root.iter("text")] == [
        "ink-5",
        "ink-5 short",
        "quiet-ink",
        "quiet-ink",
    ]
    assert root.find("g/title").text == "广东: 1 person"  # type: ignore[union-attr]
    assert 'class="came-today"' in svg.group(SHEET.marks[1], also="came-today")


@pytest.fixture(scope="module")
def printed() -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 400), initialFontName=printing.load_font())  # type: ignore[arg-type]
    assert paper.paint(canvas, SHEET, x=0, top=400, width=600) == 400
    canvas.save()
    return file.getvalue()


def test_paper_has_the_same_texts_in_the_hall_s_font(printed: bytes) -> None:
    page = pypdf.PdfReader(io.BytesIO(printed)).pages[0]
    lines = page.extract_text().split("\n")
    assert {line.strip() for line in lines} == {"广东 𠮷", "left", "right"} or {
        word for line in lines for word in line.split()
    } == {"广东", "𠮷", "left", "right"}
    fonts = page["/Resources"]["/Font"]  # type: ignore[index]
    assert all("HallSans" in str(fonts[name]["/BaseFont"]) for name in fonts)


def test_paper_has_the_same_shapes(printed: bytes) -> None:
    page = pypdfium2.PdfDocument(printed)[0]
    looks_right(page.render(scale=1).to_pil(), 2)
