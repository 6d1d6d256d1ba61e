"""Reading passes back, as a scanner, a search and a printer would."""

import io

import pypdf
import pypdfium2
import zxingcpp
from PIL import Image

DPI = 150


def scan(image: Image.Image) -> list[str]:
    """The texts of every QR in an image."""
    return [found.text for found in zxingcpp.read_barcodes(image.convert("L"), formats=zxingcpp.BarcodeFormat.QRCode)]


def picture(document: bytes) -> Image.Image:
    """The first page as a printer at 150 dpi would make it."""
    return pypdfium2.PdfDocument(document)[0].render(scale=DPI / 72).to_pil()


def texts(document: bytes) -> tuple[str, str]:
    """The text of the first page by two readers, without the white space that wrapping leaves.

    PDFium gives U+0002 for a hyphen at the end of a line, for its reader to join the word or not.
    """
    by_pypdf = pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text()
    by_pdfium = pypdfium2.PdfDocument(document)[0].get_textpage().get_text_bounded()
    return solid(by_pypdf), solid(by_pdfium.replace("\x02", "-"))


def solid(text: str) -> str:
    """A text without its white space."""
    return "".join(text.split())


def fonts(document: bytes) -> list[tuple[str, bool]]:
    """Each font of the document: its name, without the tag of a subset, and whether it is embedded."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    found = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].get_object().values()]
    return [(font["/BaseFont"].split("+")[-1], "/FontFile2" in font.get("/FontDescriptor", {})) for font in found]
