"""Giving devices their links, withdrawing them, and saving their texts; it flushes at most."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from hallapp.accounts import errors as account_errors
from hallapp.accounts import service as accounts
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.devices import errors, queries
from hallapp.devices.models import Device, DeviceKind
from hallapp.schedule import queries as schedule

NAME_LENGTH = 40
WORDS_LENGTH = 300
SEEN_EVERY = timedelta(minutes=1)
_TOKEN_BYTES = 24  # 192 random bits
_TOKEN_LENGTH = 32  # in characters
_NAMES_TRIED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AddDevice:
    """The command that adds a device to a hall."""

    hall_id: int
    by: int
    name: str
    kind: DeviceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A link that was just made; its token is nowhere else."""

    device: Device
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveWords:
    """The command that saves the texts on a hall's devices."""

    hall_id: int
    by: int
    kiosk: Mapping[str, str]
    organisations: bool


def add(command: AddDevice) -> Given:
    """Add a device and make its link.

    Raises:
        DeviceNameInvalid, DeviceNameTaken: for the name.
    """
    name = " ".join(command.name.split())
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        raise errors.DeviceNameInvalid(NAME_LENGTH)
    if any(one.name == name for one in queries.list_devices(command.hall_id)):
        raise errors.DeviceNameTaken
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    device = Device(
        hall_id=command.hall_id,
        kind=command.kind,
        name=name,
        digest=_digest(token),
        staff_id=_account_for(command.hall_id, name).id if command.kind is DeviceKind.KIOSK else None,
        created_by=command.by,
        created_at=clock.now(),
    )
    db.session.add(device)
    db.session.flush()
    _record(device, "device_added", by=command.by)
    return Given(device=device, token=token)


def renew(device: Device, *, by: int) -> Given:
    """Make a new link for a device: the old link and its sessions end at once.

    Raises:
        DeviceRevoked: it is not in use any more.
    """
    if device.revoked_at is not None:
        raise errors.DeviceRevoked
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    device.digest, device.last_seen_at = _digest(token), None
    _record(device, "device_link_renewed", by=by)
    return Given(device=device, token=token)


def revoke(device: Device, *, by: int) -> None:
    """Withdraw a device: its link no longer works anywhere; repeating this changes nothing."""
    if device.revoked_at is None:
        device.revoked_at = clock.now()
        _record(device, "device_revoked", by=by)


def find_by_token(token: str) -> Device | None:
    """Return the device in use that a link's token is for, or None."""
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        return None
    device = queries.find_device_by_digest(_digest(token))
    return device if device is not None and device.revoked_at is None else None


def is_seen_anew(device: Device) -> bool:
    """Return whether it is time to note again that a device is alive."""
    return device.last_seen_at is None or device.last_seen_at < clock.now() - SEEN_EVERY


def note_seen(device_id: int) -> None:
    """Note that a device is alive now."""
    device = queries.find_device(device_id)
    if device is not None and is_seen_anew(device):
        device.last_seen_at = clock.now()


def save_words(command: SaveWords) -> None:
    """Save the texts of a hall's devices.

    Raises:
        WordsTooLong: beside the field that is.
    """
    for language, words in command.kiosk.items():
        if len(words) > WORDS_LENGTH:
            raise errors.WordsTooLong(field=f"kiosk_{language}", most=WORDS_LENGTH)
    row = queries.get_words(command.hall_id)
    languages = schedule.get_hall(command.hall_id).language_codes
    row.kiosk = row.kiosk.replaced(command.kiosk, languages)
    row.organisations = command.organisations
    db.session.add(row)
    db.session.flush()
    accounts.record(
        hall_id=command.hall_id,
        staff_id=command.by,
        action="device_words_saved",
        subject=f"hall {command.hall_id}",
        detail={"organisations": command.organisations},
    )


def _account_for(hall_id: int, name: str) -> Staff:
    """Return the account in whose name a kiosk admits: without password and closed, so that no one can sign in with it.

    Sign-in names are one for all halls, so a name that is taken gets a number.
    """
    for number in range(1, _NAMES_TRIED):
        try:
            free = accounts.free_name(f"kiosk {name}" if number == 1 else f"kiosk {name} {number}")
        except account_errors.StaffNameTaken:
            continue
        staff = Staff(
            hall_id=hall_id, name=free, role=Role.DESK, password_hash="", active=False, created_at=clock.now()
        )
        accounts.save_name(staff)
        return staff
    raise errors.DeviceNameTaken


def _record(device: Device, action: str, *, by: int) -> None:
    accounts.record(
        hall_id=device.hall_id,
        staff_id=by,
        action=action,
        subject=f"device {device.id}",
        detail={"name": device.name, "kind": device.kind.value},
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
