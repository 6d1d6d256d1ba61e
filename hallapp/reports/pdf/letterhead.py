"""The letterhead of a report: the hall's logo, and the address at which the digest of a closed month is verified."""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from hallapp.reports.closing import digests
from hallapp.reports.figures.service import Report
from hallapp.schedule import queries
from hallapp.schedule.addresses import base_url

_PIXELS = (1200, 320)  # what a logo needs at 500 dots per inch


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """The hall's logo, if it has one, and where anyone can verify a closed month; empty for others."""

    logo: Image.Image | None = None
    verify_at: str = ""


def find(report: Report) -> Letterhead:
    """Return the letterhead of a report."""
    found = queries.find_logo(report.hall.id)
    close = report.close
    return Letterhead(
        logo=_opened(found.content) if found else None,
        verify_at=f"{base_url(report.hall)}/verify/{digests.short(close.digest).replace(' ', '')}" if close else "",
    )


def _opened(content: bytes) -> Image.Image:
    """Return a picture upright, in the colours of a screen, and not larger than paper shows."""
    with Image.open(io.BytesIO(content)) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail(_PIXELS)
    return upright
