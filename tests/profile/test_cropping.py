"""Pictures are cropped to their shape, bounded, and lose everything but what one sees."""

import io
import math
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from hallapp.core.errors import DomainError
from hallapp.profile import cropping, errors
from hallapp.profile.cropping import CARD, WIDE, Shape, crop
from hallapp.settings import ROOT

_MEASURE = """
import re, sys
from hallapp.profile.cropping import WIDE, crop
def peak(): return int(re.search("VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
content, before = open(sys.argv[1], "rb").read(), peak()
crop(content, WIDE)
print((peak() - before) // 1024)
"""


def picture(
    kind: str = "JPEG",
    size: tuple[int, int] = (800, 600),  # the pixels are the work
    mode: str = "RGB",
    colour: object = "#204060",
    **saved: object,
) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, kind, **saved)  # type: ignore[arg-type]
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A tiny PNG whose head promises a huge picture."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_size_is_stored_as_webp_and_jpeg_in_the_ratio_of_its_place(kind: str) -> None:
    cropped = crop(picture(kind, (1500, 1000)), WIDE)
    assert [(file.width, file.kind) for file in cropped.files] == [
        (640, "webp"),
        (640, "jpg"),
        (1280, "webp"),
        (1280, "jpg"),
    ]
    for file in cropped.files:
        with Image.open(io.BytesIO(file.content)) as shown:
            assert (shown.width, shown.height) == (file.width, file.width * 9 // 16)
            assert shown.format == {"webp": "WEBP", "jpg": "JPEG"}[file.kind]
    assert (cropped.width, cropped.height) == (1280, 720)
    assert crop(picture(kind, (1500, 1000)), WIDE).digest == cropped.digest


def test_metadata_is_removed_and_the_picture_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the camera turned
    exif[0x010F] = "Secret Camera"
    exif.get_ifd(0x8825)[2] = (23.0, 7.0, 45.0)
    lying = Image.new("RGB", (1200, 1800), "red")
    lying.paste("blue", (0, 0, 600, 1800))  # the left half: above, when it stands
    file = io.BytesIO()
    lying.save(file, "JPEG", exif=exif, comment=b"Secret Comment", quality=95)
    for packed in crop(file.getvalue(), CARD).files:
        assert b"Secret" not in packed.content
        assert b"Exif" not in packed.content
        with Image.open(io.BytesIO(packed.content)) as shown:
            top = shown.convert("RGB").getpixel((shown.width // 2, 10))
        assert top[2] > 200 > 60 > top[0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [
        ("PNG", "RGBA", (0, 0, 0, 0)),
        ("PNG", "LA", (0, 0)),
        ("WEBP", "RGBA", (9, 9, 9, 0)),
        ("JPEG", "CMYK", (0, 0, 0, 0)),
    ],
)
def test_transparency_and_print_colours_become_white(kind: str, mode: str, colour: object) -> None:
    file = crop(picture(kind, (600, 400), mode, colour), CARD).files[-1]
    with Image.open(io.BytesIO(file.content)) as shown:
        assert shown.convert("RGB").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("options", [{}, {"transparency": 0x9000}])
@pytest.mark.parametrize("level", [0, 0x20, 0x80, 0xE0, 0xFF])
def test_greys_of_a_scanner_keep_their_brightness(level: int, options: dict[str, int]) -> None:
    content = picture("PNG", mode="I;16", colour=level * 257, **options)
    for file in crop(content, WIDE).files:
        with Image.open(io.BytesIO(file.content)) as shown:
            assert all(abs(part - level) <= 3 for part in shown.getpixel((300, 200))), file.kind


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", errors.PictureEmpty),
        (b"hello", errors.PictureNotAnImage),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', errors.PictureNotAnImage),
        (picture("GIF"), errors.PictureNotAnImage),
        (picture("BMP"), errors.PictureNotAnImage),
        (picture()[:900], errors.PictureNotAnImage),
        (picture("PNG", (639, 2000)), errors.PictureTooSmall),
        (picture("WEBP", (2000, 359)), errors.PictureTooSmall),
        (bomb(40_000, 40_000), errors.PictureHasTooManyPixels),
        (bomb(40_001, 1_000), errors.PictureHasTooManyPixels),
        (bomb(2_000, 2_000), errors.PictureNotAnImage),
        (b"\xff\xd8" + b"x" * cropping.BYTES_MOST, errors.PictureTooLarge),
    ],
    ids=("empty", "text", "svg", "gif", "bmp", "cut", "narrow", "low", "bomb", "long bomb", "hollow", "bytes"),
)
def test_other_files_are_refused(content: bytes, error: type[DomainError]) -> None:
    with pytest.raises(error):
        crop(content, WIDE)


def quarters() -> bytes:
    """A picture of four colours: red and green above, blue and white below."""
    drawn = Image.new("RGB", (900, 900), "red")
    drawn.paste("lime", (450, 0, 900, 450))
    drawn.paste("blue", (0, 450, 450, 900))
    drawn.paste("white", (450, 450, 900, 900))
    file = io.BytesIO()
    drawn.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("focus", "seen"),
    [
        ((0.5, 0.0), {"red", "lime"}),
        ((0.5, 1.0), {"blue", "white"}),
        ((0.5, 0.5), {"red", "lime", "blue", "white"}),
        ((0.0, 0.0), {"red", "lime"}),
    ],
)
def test_the_part_around_the_focus_stays_in_sight(focus: tuple[float, float], seen: set[str]) -> None:
    content = next(file.content for file in crop(quarters(), Shape(4, 1, (640,)), focus).files if file.kind == "jpg")
    with Image.open(io.BytesIO(content)) as shown:
        corners = [shown.convert("RGB").getpixel((x, y)) for x in (20, 620) for y in (10, 150)]
    names = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
    assert {min(names, key=lambda name: math.dist(names[name], corner)) for corner in corners} == seen  # type: ignore[arg-type]


@pytest.mark.parametrize("turn", range(1, 9))
def test_every_orientation_is_turned_as_viewers_turn_it(turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    with Image.open(io.BytesIO(quarters())) as drawn:
        file = io.BytesIO()
        drawn.crop((0, 225, 900, 900)).save(file, "PNG", exif=exif)
    with Image.open(io.BytesIO(file.getvalue())) as turned:
        upright = ImageOps.exif_transpose(turned)
    content = next(one.content for one in crop(file.getvalue(), CARD).files if one.kind == "jpg")
    with Image.open(io.BytesIO(content)) as shown:
        for x, y in ((0.02, 0.02), (0.98, 0.02), (0.02, 0.98), (0.98, 0.98)):
            here = shown.convert("RGB").getpixel((int(shown.width * x), int(shown.height * y)))
            there = upright.getpixel((int(upright.width * x), int(upright.height * y)))
            assert math.dist(here, there) < 40, (turn, x, y)  # type: ignore[arg-type]


@pytest.mark.nightly
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of the memory is read from /proc")
def test_memory_for_a_huge_picture_is_bounded(tmp_path: Path) -> None:
    """A picture of 39 million pixels that lies on its side is unpacked once, and copied in bands only."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGBA", (5000, 7900), (9, 90, 9, 200)).save(tmp_path / "huge.png", exif=exif, compress_level=1)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tmp_path / "huge.png")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    megabytes = int(done.stdout)
    assert 100 < megabytes < 300, "150 MB are the picture itself"
