"""Uploads of strangers: only their content says what they are, and nothing is kept but what is seen."""

import io
import zipfile

import pytest
from flask import Flask
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from reportlab.pdfgen.canvas import Canvas

from hallapp.questions import errors, uploads
from hallapp.questions.remake import PAGES_MOST, Refused, remake
from hallapp.questions.uploads import BYTES_MOST


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **how: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, "red").save(file, kind, **how)
    return file.getvalue()


def pdf(pages: int = 1) -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file)
    for _page in range(pages):
        canvas.drawString(72, 700, "a letter with a stamp")
        canvas.linkURL("https://evil.example/", (0, 0, 500, 700))
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def with_script() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.add_open_action(JavaScript("app.alert('x')"))
    writer.add_attachment("virus.exe", b"MZ-attached")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def locked() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("secret")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("page.html", "<script>alert(1)</script>")
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_another_one_without_what_was_hidden_in_it(kind: str) -> None:
    made = remake(picture(kind, exif=b"Exif\0\0secret") + archive())
    assert made.kind == "jpg"
    assert Image.open(io.BytesIO(made.content)).size == (40, 30)
    for hidden in (b"secret", b"PK\x03\x04", b"script"):
        assert hidden not in made.content


def test_a_pdf_keeps_its_pages_and_nothing_that_acts() -> None:
    made = remake(with_script() + archive())
    assert made.kind == "pdf"
    assert "a letter with a stamp" in PdfReader(io.BytesIO(made.content)).pages[0].extract_text()
    for hidden in (b"alert", b"JavaScript", b"virus.exe", b"MZ-attached", b"evil.example", b"PK\x03\x04"):
        assert hidden not in made.content


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><script>alert(1)</script>", "file_type_wrong"),
        (b"%PDF-1.7 nothing follows", "file_type_wrong"),
        (b"\x89PNG\r\n\x1a\n broken", "file_type_wrong"),
        (archive() + pdf(), "file_type_wrong"),  # a PDF that begins as an archive
        (b"GIF89a" + bytes(20), "file_type_wrong"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_type_wrong"),
        (picture()[:60], "file_type_wrong"),
        (locked(), "file_locked"),
        (pdf(PAGES_MOST + 1), "file_too_many_pages"),
        (picture(size=(9000, 5000), mode="1"), "file_too_many_pixels"),
    ],
)
def test_what_is_no_letter_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refused, match=code):
        remake(content)


@pytest.mark.on_database("sqlite")
def test_the_process_and_the_scanner_answer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def scan_with(command: str | None) -> None:
        object.__setattr__(app.config["SETTINGS"], "scan_command", command)

    given = uploads.read(7, pdf())
    assert (given.number, given.text) == (7, "pdf")
    assert given.content is not None
    with pytest.raises(errors.FileTypeWrong):
        uploads.read(7, b"MZ")
    with pytest.raises(errors.FileEmpty):
        uploads.read(7, b"")
    with pytest.raises(errors.FileTooLarge):
        uploads.read(7, bytes(BYTES_MOST + 1))
    try:
        scan_with("sh -c 'grep -q letter && exit 0'")
        assert uploads.read(7, pdf() + b"letter").text == "pdf"
        scan_with("sh -c 'cat >/dev/null; exit 1'")
        with pytest.raises(errors.FileInfected):
            uploads.read(7, pdf())
        for broken in ("sh -c 'exit 2'", "no-such-scanner-here -"):
            scan_with(broken)
            with pytest.raises(errors.ScannerAway):
                uploads.read(7, pdf())
    finally:
        scan_with(None)
