"""The icons of a hall for browsers and home screens, made from its logo."""

import io
import warnings
from functools import lru_cache

from PIL import Image, ImageOps

#: The sides in pixels: browser tabs, iPhones, Android home screens and their start pages.
SIZES = (32, 180, 192, 512)
_TAB = 32
_MARGIN = 0.1  # of the side: home screens cut corners off


@lru_cache(maxsize=32)
def make_icon(logo: bytes, size: int) -> bytes:
    """Return a square PNG of this side with the whole logo in its middle.

    Home screens show no transparency, so their icons are on white; the icon of a browser's tab stays transparent.
    """
    margin = 0 if size == _TAB else round(size * _MARGIN)
    ground = (255, 255, 255, 0 if size == _TAB else 255)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # its size was checked when it was uploaded
        with Image.open(io.BytesIO(logo)) as picture:
            drawn = ImageOps.contain(picture.convert("RGBA"), (size - 2 * margin,) * 2, Image.Resampling.LANCZOS)
    icon = Image.new("RGBA", (size, size), ground)
    icon.alpha_composite(drawn, ((size - drawn.width) // 2, (size - drawn.height) // 2))
    file = io.BytesIO()
    (icon if size == _TAB else icon.convert("RGB")).save(file, format="PNG", optimize=True)
    return file.getvalue()
