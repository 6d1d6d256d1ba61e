"""Make the files of a picture from an upload: turned upright, cropped, in several sizes, without any metadata.

An upload is a stranger's bytes. Its size in pixels is read from its head and limited before anything is unpacked, and
one picture is unpacked at a time, so the memory that uploads can take is bounded.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from threading import Lock

from PIL import ExifTags, Image, ImageCms, ImageOps

from hallapp.profile import errors

BYTES_MOST = 10 * 1024 * 1024
PIXELS_MOST = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = {"webp": 76, "jpg": 80}
_ONE_AT_A_TIME = Lock()
_BAND_PIXELS = 1_000_000
_TURN = Image.Transpose
#: How a picture is turned upright, by its orientation as cameras note it.
_TURNS = {
    2: _TURN.FLIP_LEFT_RIGHT,
    3: _TURN.ROTATE_180,
    4: _TURN.FLIP_TOP_BOTTOM,
    5: _TURN.TRANSPOSE,
    6: _TURN.ROTATE_270,
    7: _TURN.TRANSVERSE,
    8: _TURN.ROTATE_90,
}
_SIDEWAYS = (_TURN.TRANSPOSE, _TURN.ROTATE_270, _TURN.TRANSVERSE, _TURN.ROTATE_90)
#: What stays in sight: a point of the upright picture, from (0, 0) at the top left to (1, 1).
Focus = tuple[float, float]
MIDDLE: Focus = (0.5, 0.5)
_DEEP_GREY = "I;16"  # a PNG of 65,536 levels of grey, as scanners make


@dataclass(frozen=True, slots=True)
class Shape:
    """The ratio to which a picture is cropped, and the widths in which it is stored."""

    across: int
    down: int
    widths: tuple[int, ...]

    def height(self, width: int) -> int:
        """Return the height at a width."""
        return width * self.down // self.across

    @property
    def least(self) -> tuple[int, int]:
        """Return the smallest size of an upload."""
        return self.widths[0], self.height(self.widths[0])


WIDE = Shape(16, 9, (640, 1280, 1920))
CARD = Shape(3, 2, (480, 960))
MAP = Shape(4, 3, (480, 960))


@dataclass(frozen=True, slots=True)
class CroppedFile:
    """One size in one format."""

    width: int
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CroppedPicture:
    """All files of one picture; `digest` is that of their bytes, `width` and `height` are those of the largest."""

    digest: str
    width: int
    height: int
    files: tuple[CroppedFile, ...]


def crop(content: bytes, shape: Shape, focus: Focus = MIDDLE) -> CroppedPicture:
    """Return the files of an upload: the part around its focus, in each width that it is large enough for.

    Raises:
        PictureEmpty, PictureTooLarge, PictureHasTooManyPixels, PictureTooSmall, PictureNotAnImage: for the file; its
            name does not matter.
    """
    if not content:
        raise errors.PictureEmpty
    if len(content) > BYTES_MOST:
        raise errors.PictureTooLarge(most=BYTES_MOST // 1024**2)
    with _ONE_AT_A_TIME:
        largest = _unpack(content, shape, focus)
        widths = [width for width in shape.widths if width <= largest.width]
        files = [file for width in widths for file in _pack(largest, width, shape.height(width))]
    digest = hashlib.sha256(b"".join(file.content for file in files)).hexdigest()
    return CroppedPicture(digest, widths[-1], shape.height(widths[-1]), tuple(files))


def _unpack(content: bytes, shape: Shape, focus: Focus) -> Image.Image:
    """Return the part of a picture around its focus, no larger than its largest file, in the colours of screens."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # there is a limit of our own
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception:  # for a broken file the library may raise any exception
        raise errors.PictureNotAnImage from None
    with picture:
        if picture.width * picture.height > PIXELS_MOST:
            raise _too_many_pixels()
        try:
            return _fit(picture, shape, focus)
        except errors.PictureTooSmall:
            raise
        except Exception:
            raise errors.PictureNotAnImage from None


def _too_many_pixels() -> errors.PictureHasTooManyPixels:
    return errors.PictureHasTooManyPixels(most=PIXELS_MOST // 1_000_000)


def _fit(picture: Image.Image, shape: Shape, focus: Focus) -> Image.Image:
    """Return a picture upright and in its shape; it is made small before it is turned, as turning copies it."""
    picture.draft("RGB", (shape.widths[-1],) * 2)  # a JPEG is then unpacked at a fraction of its size
    turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    width, height = picture.size[::-1] if turn in _SIDEWAYS else picture.size
    least = shape.least
    if width < least[0] or height < least[1]:
        raise errors.PictureTooSmall(width=least[0], height=least[1])
    kept = min(width, height * shape.across // shape.down)
    target = max(one for one in shape.widths if one <= kept)
    small = _shrink(picture, kept // target)
    upright = small if turn is None else small.transpose(turn)
    fitted = ImageOps.fit(upright, (target, shape.height(target)), Image.Resampling.LANCZOS, centering=focus)
    return _in_screen_colours(fitted, picture.info.get("icc_profile"))


def _shrink(picture: Image.Image, factor: int) -> Image.Image:
    """Return a picture without transparency, smaller by a whole factor; only one band of it is copied at a time."""
    width, height = picture.size
    small = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = factor * max(1, _BAND_PIXELS // (width * factor))
    for top in range(0, height, rows):
        band = picture.crop((0, top, width, min(top + rows, height)))
        small.paste(_flat(band).reduce(factor), (0, top // factor))
    return small


def _flat(picture: Image.Image) -> Image.Image:
    """Return a picture without transparency: what shows through is white."""
    if picture.mode == _DEEP_GREY:  # converted directly, every level above 255 would become white
        return picture.point(lambda level: level / 256).convert("L").convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    return picture.convert("RGB")


def _in_screen_colours(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert the colours of a camera's profile to sRGB, as the profile is not stored."""
    if not profile:
        return picture
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, own, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):  # a broken profile, or one for other colours than the picture has
        return picture
    return converted or picture


def _pack(picture: Image.Image, width: int, height: int) -> list[CroppedFile]:
    sized = picture if picture.width == width else picture.resize((width, height), Image.Resampling.LANCZOS)
    sized.info = {}  # comments, positions and profiles of the upload
    packed = []
    for kind, settings in (("webp", {"format": "WEBP"}), ("jpg", {"format": "JPEG", "progressive": True})):
        file = io.BytesIO()
        sized.save(file, quality=_QUALITY[kind], optimize=True, exif=b"", **settings)
        packed.append(CroppedFile(width, kind, file.getvalue()))
    return packed
