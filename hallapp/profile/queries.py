"""Reads of pictures and notices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.core.texts import Texts
from hallapp.profile.models import Notice, Picture, PictureFile


def list_pictures(hall_id: int) -> dict[str, Picture]:
    """Return a hall's pictures by their place, with the sizes but without the bytes."""
    query = select(Picture).options(selectinload(Picture.files)).where(Picture.hall_id == hall_id)
    return {picture.place: picture for picture in db.session.scalars(query)}


def find_picture(hall_id: int, place: str) -> Picture | None:
    """Return the picture of a place, or None."""
    return db.session.get(Picture, (hall_id, place))


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """The values of `Picture` with the same names, for a page that shows its largest file."""

    digest: str
    width: int
    height: int
    alt: Texts


def find_shown(hall_id: int, place: str, *, version: int | None = None) -> ShownPicture | None:
    """Return the picture of a place, or None; `version` is that of the hall's facts, where the caller has read it."""
    return _SHOWN.get(hall_id, version=version).get(place)


def _load_shown(hall_id: int) -> Mapping[str, ShownPicture]:
    query = select(Picture.place, Picture.digest, Picture.width, Picture.height, Picture.alt)
    rows = db.session.execute(query.where(Picture.hall_id == hall_id))
    return {place: ShownPicture(digest, width, height, alt) for place, digest, width, height, alt in rows}


_SHOWN = Facts(_load_shown)


def find_content(digest: str, width: int, kind: str) -> bytes | None:
    """Return the bytes of one file, whichever hall's it is, or None."""
    query = select(PictureFile.content).where(
        PictureFile.digest == digest, PictureFile.width == width, PictureFile.kind == kind
    )
    return db.session.scalar(query.limit(1))


def list_notices(hall_id: int) -> Sequence[Notice]:
    """Return every notice of a hall, the latest day first."""
    query = select(Notice).where(Notice.hall_id == hall_id).order_by(Notice.last.desc(), Notice.number.desc())
    return db.session.scalars(query).all()


def list_notices_on(hall_id: int, day: date) -> Sequence[Notice]:
    """Return the notices that are shown on a day, in the order in which they began."""
    query = select(Notice).where(Notice.hall_id == hall_id, Notice.first <= day, Notice.last >= day)
    return db.session.scalars(query.order_by(Notice.first, Notice.number)).all()


def find_notice(hall_id: int, number: int) -> Notice | None:
    """Return a notice of this hall, or None."""
    return db.session.get(Notice, (hall_id, number))
