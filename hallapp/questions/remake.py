"""The process that makes a clean file of an upload: a program of its own, so that a harmful file can only crash it.

It reads the upload from its standard input, and writes one line of JSON, followed by the new file. The new file has
nothing of the upload but what is seen: a picture is unpacked and packed again, and the pages of a PDF are copied into
a new document, without scripts, attachments, forms, metadata and bytes before or after the document.
"""

import io
import json
import sys
import warnings
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS_MOST = 40_000_000
PAGES_MOST = 30
_EDGE_MOST = 2400  # pixels: an A4 letter at 200 dots to the inch
_QUALITY = 82
_MEMORY = 1536 * 1024**2
_SECONDS = 20
_PICTURES = ("JPEG", "PNG", "WEBP")


class Refused(Exception):
    """The file cannot be accepted, for the reason of this code."""


class Remade(NamedTuple):
    """The new file, and its type."""

    kind: str
    content: bytes


def remake(content: bytes) -> Remade:
    """Return the clean file of an upload; only its content says what it is. Raises Refused."""
    return _remake_pdf(content) if content.startswith(b"%PDF-") else _remake_picture(content)


def _remake_picture(content: bytes) -> Remade:
    import PIL.Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)
            picture = PIL.Image.open(io.BytesIO(content), formats=_PICTURES)
    except PIL.Image.DecompressionBombError:
        raise Refused("file_too_many_pixels") from None
    except Exception:  # for a broken file the library may raise any exception
        raise Refused("file_type_wrong") from None
    if picture.width * picture.height > PIXELS_MOST:
        raise Refused("file_too_many_pixels")
    try:
        picture.draft("RGB", (_EDGE_MOST, _EDGE_MOST))
        upright = _turn_upright(picture)
        if upright.mode.startswith("I;16"):  # greys of a scanner: converted directly, nearly all would become white
            upright = upright.point(lambda level: level / 256).convert("L")
        upright.thumbnail((_EDGE_MOST, _EDGE_MOST))
        ground = PIL.Image.new("RGB", upright.size, "white")
        layer = upright.convert("RGBA")
        ground.paste(layer, mask=layer.getchannel("A"))
        file = io.BytesIO()
        ground.save(file, "JPEG", quality=_QUALITY, optimize=True)
    except Exception:
        raise Refused("file_type_wrong") from None
    return Remade("jpg", file.getvalue())


def _turn_upright(picture: "Image") -> "Image":
    """Return a photograph as it was held; where its note of that is damaged, as it is stored."""
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(picture)
    except Exception:
        return picture


def _remake_pdf(content: bytes) -> Remade:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise Refused("file_locked" if locked else "file_type_wrong") from None
    if not len(document):
        raise Refused("file_type_wrong")
    if len(document) > PAGES_MOST:
        raise Refused("file_too_many_pages")
    file = io.BytesIO()
    try:
        for page in document:
            _drop_annotations(page)
        fresh = pypdfium2.PdfDocument.new()
        fresh.import_pages(document)
        fresh.save(file)
    except pypdfium2.PdfiumError:
        raise Refused("file_type_wrong") from None
    return Remade("pdf", file.getvalue())


def _drop_annotations(page: object) -> None:
    """Remove links, form fields and everything else that acts when it is clicked."""
    from pypdfium2 import raw

    for number in reversed(range(raw.FPDFPage_GetAnnotCount(page))):
        raw.FPDFPage_RemoveAnnot(page, number)


def _limit() -> None:
    try:
        import resource
    except ImportError:  # this system has no such limits; the parent still waits for a limited time
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def main() -> None:
    """Answer one upload."""
    _limit()
    try:
        kind, made = remake(sys.stdin.buffer.read())
        answer = {"kind": kind}
    except Refused as refused:
        answer, made = {"refused": str(refused)}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + made)


if __name__ == "__main__":
    main()
