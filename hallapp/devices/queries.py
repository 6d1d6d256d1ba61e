"""Queries on devices and their texts."""

from collections.abc import Sequence

from sqlalchemy import select

from hallapp.core.database import db
from hallapp.devices.models import Device, DeviceWords


def find_device(device_id: int) -> Device | None:
    """Return a device by its number, revoked or not; None where there is none."""
    return db.session.get(Device, device_id)


def find_device_by_digest(digest: str) -> Device | None:
    """Return the device whose link has this digest, revoked or not; or None."""
    return db.session.scalar(select(Device).where(Device.digest == digest))


def get_device(hall_id: int, device_id: int) -> Device:
    """Return a device of a hall. Raises NoResultFound, also for another hall's."""
    return db.session.scalars(select(Device).where(Device.hall_id == hall_id, Device.id == device_id)).one()


def list_devices(hall_id: int) -> Sequence[Device]:
    """Return the devices of a hall that are in use, by their names."""
    return db.session.scalars(
        select(Device).where(Device.hall_id == hall_id, Device.revoked_at.is_(None)).order_by(Device.name, Device.id)
    ).all()


def get_words(hall_id: int) -> DeviceWords:
    """Return the texts on a hall's devices; a row of empty texts, not stored, where there are none."""
    found = db.session.get(DeviceWords, hall_id)
    return found or DeviceWords(hall_id=hall_id, organisations=False)
