"""The list that a device needs to work offline: the day's groups, encrypted so that it reveals no names.

A row is found by a digest of the code on its pass, and its personal part is encrypted under a key that only that code
yields: 160 bits that no list holds. A lost device shows times and numbers, and nobody's name until a pass is scanned.
The reference on the pass, of some 35 bits, yields nothing: whoever has the device could try them all.

The salt, and so every digest, is the hall's for the day. All is derived (HKDF, RFC 5869) and encrypted (AES-256-GCM)
so that the same groups give the same bytes: a device that asks again with the digest of what it has gets nothing new.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, partial
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hallapp.booking import access, answers, phones, tours
from hallapp.booking.models import Booking
from hallapp.booking.names import group_name
from hallapp.booking.part_numbers import PartNumber, number_parts
from hallapp.core import clock, formats
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.desk import load, queries
from hallapp.desk.queries import IssuedPass
from hallapp.passes import codes
from hallapp.resources import words
from hallapp.resources.queries import list_resources
from hallapp.resources.values import Resources
from hallapp.schedule.models import Hall, Slot

MOST_DAYS = 2
_INFO = b"hallapp desk snapshot v1"
_FIND, _KEY = 16, 32  # octets of a digest and of a key
_NONCE = 12


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The snapshot as JSON values, without the moment at which it was made; `digest` changes with the content."""

    content: Mapping[str, Any]
    digest: str


#: What a room above the desk adds to the rows of bookings, by their numbers.
Adder = Callable[[Sequence[Booking], Callable[[str], str], Sequence[str]], Mapping[int, Mapping[str, Any]]]
_adders: list[Adder] = []


def adds(adder: Adder) -> Adder:
    """Let a room above the desk add to the rows of a snapshot: it gets the bookings, the digest of a code, the keys."""
    _adders.append(adder)
    return adder


def take(hall: Hall, *, days: int, language: str, keys: Sequence[str]) -> Snapshot:
    """Return the groups of today and of so many days in all, with their people so far: at most seven queries.

    `keys` are the deployment's secrets, newest first. `language` is that of the programmes' names.
    """
    today = hall.today()
    wanted = [today + timedelta(days=ahead) for ahead in range(days)]
    salt = _salt(hall, today, keys)
    bookings = queries.list_bookings_of(hall.id, wanted)
    arrived = queries.count_arrived_by_division([booking.id for booking in bookings])
    passes = queries.list_passes([booking.id for booking in bookings])
    parts = number_parts(hall.id, [booking.party for booking in bookings])
    added = [add(bookings, lambda code: _text(_hkdf(code.encode("ascii"), salt, _FIND)), keys) for add in _adders]
    answered = {
        number: " · ".join(f"{line.question} {line.answer}" for line in lines)
        for number, lines in answers.list_desk_lines(hall.id, [booking.id for booking in bookings]).items()
    }
    things = _list_things(bookings, list_resources(hall.id), language)
    rows: list[dict[str, Any]] = []
    replaced: list[str] = []
    time_of = cache(partial(_time, hall))  # hundreds of groups come at a few times
    for booking in bookings:
        shown: dict[str, Any] = {}
        for one in passes.get(booking.id, ()):
            derived = [_derive(one, salt, key) for key in keys]  # any of them may have signed it
            if one.revoked_at is not None:
                replaced += [find for find, _ in derived]
            else:
                sealed = [[find, _seal(_personal(booking, answered.get(booking.id, "")), key)] for find, key in derived]
                shown = {"version": one.version, "passes": sealed}
        for more in (things, *added):
            shown |= more.get(booking.id, {})
        rows.append(
            {
                **_numbers(booking, arrived.get(booking.id, {}), language, parts.get(booking.id)),
                **time_of(booking.slot),
                **shown,
            }
        )
    content = {
        "hall": hall.id,
        "days": [{"day": day.isoformat(), "ends_at": _end_of(day, hall).isoformat()} for day in wanted],
        "time_zone": hall.time_zone,
        "salt": _text(salt),
        "info": _INFO.decode(),
        "door": _door(hall),
        "ask": {
            "percent": hall.ask_over_percent,
            "people": hall.ask_over_people,
            "walk_in": {one.slug: one.most_walk_in for one in load.get_hall(hall.id).walk_in},
        },
        "groups": rows,
        "replaced": sorted(replaced),
    }
    return Snapshot(content, hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32])


def _numbers(booking: Booking, arrived: Mapping[str, int], language: str, part: PartNumber | None) -> dict[str, Any]:
    """Return the unencrypted part beside the time: programme, numbers by origin, and whether the group may come."""
    origins = {origin.division: origin.visitors for origin in booking.origins}
    return {
        "booking": booking.id,
        "programme": " · ".join(
            one for one in (booking.slot.programme.name(language), tours.name_of(booking), str(part or "")) if one
        ),
        "state": booking.state.value,
        "people": {
            division: [origins.get(division, 0), arrived.get(division, 0)] for division in sorted({*origins, *arrived})
        },
    }


def _time(hall: Hall, slot: Slot) -> dict[str, str]:
    return {
        "day": slot.day.isoformat(),
        "starts_at": slot.starts_at.isoformat(),
        "time": formats.span(slot.starts_at, slot.ends_at, hall.time_zone),
    }


def _list_things(bookings: Sequence[Booking], known: Resources, language: str) -> dict[int, dict[str, str]]:
    """Return in words what the desk hands out to each group; it reveals nothing about people."""
    with force_locale(language):
        return {
            booking.id: {"resources": _("Hand out: %(things)s", things=words.in_one_line(known, booking.resources))}
            for booking in bookings
            if booking.resources
        }


def _personal(booking: Booking, answered: str) -> dict[str, str]:
    return {
        "organisation": group_name(booking),
        "contact": booking.contact_name or "",
        "phone": phones.display(booking.phone) if booking.phone else "",
        "note": booking.note or "",
        "access": access.describe(booking.access),
        "answers": answered,
        "reference": formats.reference(booking.reference),
    }


def _door(hall: Hall) -> dict[str, Any]:
    """Return the hall's rule for early and late groups, and from how many minutes on the desk says a word."""
    door = hall.door
    return {
        "early": door.early_minutes,
        "late": door.late_minutes,
        "rule": door.rule.value,
        "early_news": door.early_news,
        "late_news": door.late_news,
    }


def _salt(hall: Hall, day: date, keys: Sequence[str]) -> bytes:
    return hmac.digest(keys[0].encode(), b"%b|%d|%b" % (_INFO, hall.id, day.isoformat().encode()), "sha256")


def _derive(one: IssuedPass, salt: bytes, signer: str) -> tuple[str, bytes]:
    """Return the digest by which the code of a pass is found, and the key that it yields."""
    code = codes.sign(one.token, (signer,)).encode("ascii")
    found = _hkdf(code, salt, _FIND + _KEY)
    return _text(found[:_FIND]), found[_FIND:]


def _hkdf(secret: bytes, salt: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256, by hand: a snapshot needs hundreds, and the library's object costs ten times as much."""
    key = hmac.digest(salt, secret, "sha256")
    block, found = b"", b""
    for number in range(1, length // 32 + 2):
        block = hmac.digest(key, block + _INFO + bytes([number]), "sha256")
        found += block
    return found[:length]


def _seal(personal: Mapping[str, str], key: bytes) -> str:
    """Encrypted with its nonce in front. The nonce follows from key and text, so it never serves two texts."""
    text = json.dumps(personal, ensure_ascii=False).encode()
    nonce = hmac.digest(key, text, "sha256")[:_NONCE]
    return _text(nonce + AESGCM(key).encrypt(nonce, text, None))


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _end_of(day: date, hall: Hall) -> datetime:
    return clock.at(day + timedelta(days=1), time(), hall.time_zone)
