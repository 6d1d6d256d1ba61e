"""The device of a request: a signed cookie of its own, checked against the device's row each time."""

from dataclasses import dataclass

from flask import Flask, current_app, request
from flask.wrappers import Response
from itsdangerous import BadSignature, URLSafeSerializer

from hallapp.accounts.web import session
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.web.responses import keep_cookie, read_cookie
from hallapp.devices import queries, service
from hallapp.devices.models import Device, DeviceKind

COOKIE = "device"
_COOKIE_SECONDS = 400 * 24 * 3600  # the longest time that browsers keep a cookie; each page of the device renews it
_DIGEST_SHOWN = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The user of a page that a device may open: the device (`device_id`), or a member of staff."""

    hall_id: int
    staff_id: int
    device_id: int | None = None


def init_app(app: Flask) -> None:
    """Let devices open the pages that are marked with their kind."""
    session.let_devices_in(app, _find_hall)


def find_device(kind: DeviceKind) -> Device | None:
    """Return the device of this kind that the request comes from, if its link still holds."""
    try:
        device_id, digest = _serializer().loads(_cookie())
    except (BadSignature, ValueError, TypeError):
        return None
    device = queries.find_device(device_id)
    if device is None or device.revoked_at is not None or device.digest[:_DIGEST_SHOWN] != digest:
        return None
    return device if device.kind is kind else None


def get_actor(kind: DeviceKind) -> Actor:
    """Return the actor of this request; 403 where there is none (the gate comes first)."""
    device = find_device(kind)
    if device is not None and device.staff_id is not None:
        return Actor(hall_id=device.hall_id, staff_id=device.staff_id, device_id=device.id)
    staff = get_staff()
    return Actor(hall_id=staff.hall_id, staff_id=staff.id)


def note_seen(kind: DeviceKind) -> None:
    """Note that the device behind this request is alive, once a minute at most; in a transaction of its own."""
    device = find_device(kind)
    if device is not None and service.is_seen_anew(device):
        with transaction():
            service.note_seen(device.id)


def keep(response: Response, device: Device) -> Response:
    """Let this browser be the device, for as long as browsers keep anything."""
    value = str(_serializer().dumps([device.id, device.digest[:_DIGEST_SHOWN]]))
    return keep_cookie(response, COOKIE, value, seconds=_COOKIE_SECONDS)


def _cookie() -> str:
    """Return the cookie; also by its plain name, under which a tablet may still have it from before the prefix."""
    return read_cookie(COOKIE) or request.cookies.get(COOKIE, "")


def _find_hall(kind: str) -> int | None:
    device = find_device(DeviceKind(kind))
    return device.hall_id if device else None


def _serializer() -> URLSafeSerializer:
    keys = current_app.config["SETTINGS"].secret_keys  # newest first; the serializer needs the signing key last
    return URLSafeSerializer(list(reversed(keys)), salt="hallapp device v1")
