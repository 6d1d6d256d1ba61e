"""Change the public profile of a hall; each change is written into the audit trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.profile import cropping, errors, queries
from hallapp.profile.cropping import CroppedPicture, Shape
from hallapp.profile.models import Notice, Picture, PictureFile
from hallapp.schedule import capacity
from hallapp.schedule import queries as schedule
from hallapp.schedule.changes import apply, compare, note

HALL, MAP, PROGRAMME = "hall", "map", "programme-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePicture:
    """The command to store or describe the picture of a place; without `cropped` the present one stays."""

    hall_id: int
    by: int | None
    place: str
    cropped: CroppedPicture | None
    alt: Mapping[str, str]


def shape_of(place: str) -> Shape:
    """Return the shape of the pictures of a place."""
    return {HALL: cropping.WIDE, MAP: cropping.MAP}.get(place, cropping.CARD)


def is_place(hall_id: int, place: str) -> bool:
    """Return whether a hall has such a place: itself, its map, and each of its programmes."""
    if place in (HALL, MAP):
        return True
    slug = place.removeprefix(PROGRAMME)
    return place != slug and schedule.find_programme(hall_id, slug) is not None


def save_picture(command: SavePicture) -> None:
    """Store the picture of a place in the place of an earlier one, or change the description of the present one.

    Raises:
        PicturePlaceUnknown: for the place.
        PictureEmpty: there is neither a new picture nor a present one.
        PictureUndescribed: for the description.
    """
    hall = capacity.hold_hall(
        command.hall_id
    )  # of two that save or delete at once, the second finds what the first has left
    if not is_place(command.hall_id, command.place):
        raise errors.PicturePlaceUnknown
    if not Texts(command.alt):
        raise errors.PictureUndescribed
    picture = queries.find_picture(command.hall_id, command.place)
    if picture is None:
        if command.cropped is None:
            raise errors.PictureEmpty
        picture = Picture(hall_id=command.hall_id, place=command.place, digest="")
        db.session.add(picture)
    values: dict[str, Any] = {"alt": picture.alt.replaced(command.alt, hall.language_codes)}
    if command.cropped is not None:
        values["digest"] = command.cropped.digest
        _store(picture, command.cropped)
    detail = apply(picture, values)
    note(
        hall_id=command.hall_id,
        by=command.by,
        action="picture_saved",
        subject=f"picture {command.place}",
        detail=detail,
    )


def _store(picture: Picture, cropped: CroppedPicture) -> None:
    picture.width, picture.height = cropped.width, cropped.height
    picture.files.clear()
    if picture.digest:
        db.session.flush()  # the old sizes have the keys of the new ones
    picture.files = [
        PictureFile(width=file.width, kind=file.kind, digest=cropped.digest, content=file.content)
        for file in cropped.files
    ]


def delete_picture(hall_id: int, place: str, by: int | None) -> None:
    """Delete the picture of a place, if it has one."""
    capacity.hold_hall(hall_id)
    picture = queries.find_picture(hall_id, place)
    if picture is None:
        return
    detail = compare({"digest": picture.digest}, {})
    db.session.delete(picture)
    note(hall_id=hall_id, by=by, action="picture_deleted", subject=f"picture {place}", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveNotice:
    """The command for a notice; `number` is None for a new one."""

    hall_id: int
    by: int | None
    number: int | None
    first: date
    last: date
    text: Mapping[str, str]


def save_notice(command: SaveNotice) -> Notice:
    """Add or change a notice.

    Raises:
        NoticeEmpty, NoticeDaysCrossed: for its values.
        NoResultFound: there is no notice of this number.
    """
    if not Texts(command.text):
        raise errors.NoticeEmpty
    if command.last < command.first:
        raise errors.NoticeDaysCrossed
    hall = capacity.hold_hall(command.hall_id)  # so that two new notices get different numbers
    values: dict[str, Any] = {"first": command.first, "last": command.last, "text": Texts(command.text)}
    if command.number is None:
        newest = db.session.scalar(select(func.max(Notice.number)).where(Notice.hall_id == command.hall_id)) or 0
        notice = Notice(hall_id=command.hall_id, number=newest + 1, **values)
        db.session.add(notice)
        detail = compare({}, values)
    else:
        notice = db.session.get_one(Notice, (command.hall_id, command.number))
        values["text"] = notice.text.replaced(command.text, hall.language_codes)
        detail = apply(notice, values)
    note(
        hall_id=command.hall_id,
        by=command.by,
        action="notice_saved",
        subject=f"notice {notice.number}",
        detail=detail,
    )
    return notice


def delete_notice(hall_id: int, number: int, by: int | None) -> None:
    """Delete a notice, if there is one of this number."""
    capacity.hold_hall(hall_id)
    notice = queries.find_notice(hall_id, number)
    if notice is None:
        return
    detail = compare({"text": notice.text}, {})
    db.session.delete(notice)
    note(hall_id=hall_id, by=by, action="notice_deleted", subject=f"notice {number}", detail=detail)
