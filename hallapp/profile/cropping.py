"""Make the files of a picture from an upload: turned upright, cropped, in several sizes, without any metadata.

An upload is a stranger's bytes. Its size in pixels is read from its head and limited before anything is unpacked, and
one picture is unpacked at a time, so the memory that uploads can take is bounded.
"""

import hashlib
import io
import warnings
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageCms, ImageOps

from hallapp.profile import errors

BYTES_MOST = 10 * 1024 * 1024
PIXELS_MOST = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = {"webp": 76, "jpg": 80}
_ONE_AT_A_TIME = Lock()
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


def crop(content: bytes, shape: Shape) -> CroppedPicture:
    """Return the files of an upload: the middle of it in a fixed ratio, in each width that it is large enough for.

    Raises:
        PictureEmpty, PictureTooLarge, PictureHasTooManyPixels, PictureTooSmall, PictureNotAnImage: for the file; its
            name does not matter.
    """
    if not content:
        raise errors.PictureEmpty
    if len(content) > BYTES_MOST:
        raise errors.PictureTooLarge(most=BYTES_MOST // 1024**2)
    with _ONE_AT_A_TIME:
        largest = _unpack(content, shape)
        widths = [width for width in shape.widths if width <= largest.width]
        files = [file for width in widths for file in _pack(largest, width, shape.height(width))]
    digest = hashlib.sha256(b"".join(file.content for file in files)).hexdigest()
    return CroppedPicture(digest, widths[-1], shape.height(widths[-1]), tuple(files))


def _unpack(content: bytes, shape: Shape) -> Image.Image:
    """Return the middle of a picture, no larger than its largest file, in the colours of screens."""
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
            return _fit(picture, shape)
        except errors.PictureTooSmall:
            raise
        except Exception:
            raise errors.PictureNotAnImage from None


def _too_many_pixels() -> errors.PictureHasTooManyPixels:
    return errors.PictureHasTooManyPixels(most=PIXELS_MOST // 1_000_000)


def _fit(picture: Image.Image, shape: Shape) -> Image.Image:
    size = (shape.widths[-1], shape.height(shape.widths[-1]))
    picture.draft("RGB", (max(size), max(size)))  # a JPEG is then unpacked at a fraction of its size
    upright = ImageOps.exif_transpose(picture)
    width, height = shape.least
    if upright.width < width or upright.height < height:
        raise errors.PictureTooSmall(width=width, height=height)
    kept = min(upright.width, upright.height * shape.across // shape.down)
    target = max(one for one in shape.widths if one <= kept)
    fitted = ImageOps.fit(_flat(upright), (target, shape.height(target)), Image.Resampling.LANCZOS)
    return _in_screen_colours(fitted, upright.info.get("icc_profile"))


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
