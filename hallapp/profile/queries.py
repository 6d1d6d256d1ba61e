"""Reads of pictures."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from hallapp.core.database import db
from hallapp.profile.models import Picture, PictureFile


def list_pictures(hall_id: int) -> dict[str, Picture]:
    """Return a hall's pictures by their place, with the sizes but without the bytes."""
    query = select(Picture).options(selectinload(Picture.files)).where(Picture.hall_id == hall_id)
    return {picture.place: picture for picture in db.session.scalars(query)}


def find_picture(hall_id: int, place: str) -> Picture | None:
    """Return the picture of a place, or None."""
    return db.session.get(Picture, (hall_id, place))


def find_content(digest: str, width: int, kind: str) -> bytes | None:
    """Return the bytes of one file, whichever hall's it is, or None."""
    query = select(PictureFile.content).where(
        PictureFile.digest == digest, PictureFile.width == width, PictureFile.kind == kind
    )
    return db.session.scalar(query.limit(1))
