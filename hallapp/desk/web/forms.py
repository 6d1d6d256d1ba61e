"""The desk's requests, as JSON or as a form, and their conversion to commands.

Both shapes have the same fields. A form has its counts in rows (`origins-0-division`, `origins-0-visitors`, …) where
JSON has `counts`; rows without a number are left out, and rows of the same division add up.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from flask import Request
from werkzeug.exceptions import BadRequest

from hallapp.accounts.roles import Role
from hallapp.categories.web import fields as category_fields
from hallapp.core.text import clean
from hallapp.desk import errors
from hallapp.desk.commands import Admit, AdmitWalkIn, TakeBack
from hallapp.desk.notes import NOTE_LENGTH, WriteNote
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.origins.values import division_of
from hallapp.schedule.web.current_hall import get_origins

_ROW = re.compile(r"origins-(\d{1,2})-visitors")
_DIGITS = 4
_MOST_PEOPLE = 9_999  # no device knows of more
_KNOWN = re.compile(r"([A-Za-z0-9_.-]{1,8}):([0-9]{1,4})")
REASON_LENGTH = 200
NAME_LENGTH = 200
CODE_LENGTH = 300
DEVICE_LENGTH = 40

Fields = Mapping[str, Any]


class Admitting(Protocol):
    """The actor at the desk: a member of staff, or a program with a key of the API, which acts for one."""

    @property
    def hall_id(self) -> int:
        """Return the hall."""

    @property
    def id(self) -> int:
        """Return the member of staff."""

    @property
    def role(self) -> Role:
        """Return the role, by which the desk's rules may be overridden."""


def fields_of(request: Request) -> Fields:
    """Return the fields of a request. Raises BadRequest for invalid JSON."""
    if request.is_json:
        try:
            body = request.get_json()
        except RecursionError:  # nested some thousand levels deep
            raise BadRequest from None
        return body if isinstance(body, dict) else {}
    fields: dict[str, Any] = {name: text for name, text in request.form.items() if name != "counts"}
    rows = [found[1] for name in fields if (found := _ROW.fullmatch(name))]
    if rows:
        fields["counts"] = _rows(fields, rows)
    return fields


def text_of(fields: Fields, name: str, *, length: int = CODE_LENGTH) -> str:
    """Return a field's text, clean, trimmed, without control characters, cut at a length that no honest value has."""
    value = fields.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(character for character in clean(value) if character.isprintable()).strip()[:length]


def to_admit(fields: Fields, staff: Admitting) -> Admit:
    """Return the command of an admission. Raises a kind of Unreadable."""
    return Admit(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        role=staff.role,
        event_id=_event_id(fields.get("event_id")),
        occurred_at=instant(fields.get("occurred_at")),
        code=text_of(fields, "code"),
        counts=_counts(fields.get("counts")),
        known_to_come=_known(fields.get("known_to_come")),
        categories=_categories(fields),
        sure=_sure(fields.get("sure")),
        device=text_of(fields, "device", length=DEVICE_LENGTH),
        reason=text_of(fields, "reason", length=REASON_LENGTH),
        anyway=fields.get("anyway") in (True, "yes"),
    )


def to_admit_walk_in(fields: Fields, staff: Admitting) -> AdmitWalkIn:
    """Return the command of a walk-in. Raises a kind of Unreadable."""
    organisation = text_of(fields, "organisation", length=NAME_LENGTH + 1)
    if len(organisation) > NAME_LENGTH:
        raise errors.InvalidWalkIn
    return AdmitWalkIn(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        event_id=_event_id(fields.get("event_id")),
        occurred_at=instant(fields.get("occurred_at")),
        programme=text_of(fields, "programme"),
        kind=text_of(fields, "kind") or INDIVIDUAL,
        organisation=organisation,
        counts=_counts(fields.get("counts")) or {},
        categories=_categories(fields),
        sure=_sure(fields.get("sure")),
        block_accepted=fields.get("block_accepted") in (True, "yes"),
        device=text_of(fields, "device", length=DEVICE_LENGTH),
    )


def to_write_note(fields: Fields, staff: Admitting) -> WriteNote:
    """Return the command of a note for the guide; the service refuses one that is too long."""
    return WriteNote(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        code=text_of(fields, "code"),
        text=text_of(fields, "note", length=NOTE_LENGTH + 1),
    )


def to_take_back(event_id: UUID, fields: Fields, staff: Admitting) -> TakeBack:
    """Return the command of a take-back. Raises InvalidEventId for an invalid id."""
    own_id = fields.get("event_id")
    return TakeBack(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        event_id=str(event_id),
        own_id=_event_id(own_id) if own_id else None,
        device=text_of(fields, "device", length=DEVICE_LENGTH),
    )


def _event_id(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise errors.InvalidEventId from None


def instant(value: Any) -> datetime | None:
    """Return an instant with its offset, or None where nothing was sent. Raises InvalidTime."""
    if value in (None, ""):
        return None
    try:
        found = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise errors.InvalidTime from None
    if found.tzinfo is None:
        raise errors.InvalidTime
    return found


def _counts(value: Any) -> dict[str, Any] | None:
    """Counts as they were sent: the service validates them when it knows their group."""
    return value if value is None or isinstance(value, dict) else {}


def _known(value: Any) -> dict[str, int] | None:
    """Return people still to come by division: an object, or a form's `430000:2 440000:38`. Raises InvalidCounts."""
    if value in (None, ""):
        return None
    if isinstance(value, str):
        pairs = [_KNOWN.fullmatch(pair) for pair in value.split()]
        value = {pair[1]: int(pair[2]) for pair in pairs if pair} if all(pairs) else None
    origins = get_origins()
    fine = isinstance(value, dict) and all(
        division_of(place) in origins and type(people) is int and 0 <= people <= _MOST_PEOPLE
        for place, people in value.items()
    )
    if not fine:
        raise errors.InvalidCounts
    return dict(value)


def known_text(known: Mapping[str, int]) -> str:
    """Return people still to come by division, as a form holds them."""
    return " ".join(f"{division}:{people}" for division, people in known.items())


def _categories(fields: Fields) -> dict[int, int] | None:
    """Return people by category: a form's fields, or an object by the categories' numbers; None where nothing was sent.

    Where one of them is no number, all become −1, which is refused.
    """
    sent = fields.get("categories")
    if isinstance(sent, dict):
        texts = [(f"category-{number}", str(people)) for number, people in sent.items()]
    elif any(name.startswith("category-") for name in fields):
        texts = list(fields.items())
    else:
        return None
    found = category_fields.read(texts)
    return {0: -1} if found is None else found


def _sure(value: Any) -> int:
    """Return a number of people that was confirmed; 0 for anything else."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) <= _DIGITS else 0
    return value if type(value) is int else 0


def _rows(fields: Mapping[str, str], rows: list[str]) -> dict[str, int]:
    """Return counts from a form's rows; an invalid number becomes −1, which is refused."""
    counts: dict[str, int] = {}
    for row in rows:
        typed = unicodedata.normalize("NFKC", fields[f"origins-{row}-visitors"]).strip()
        division = fields.get(f"origins-{row}-division", "")
        if typed and not (typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS):
            return {division: -1}
        if typed:
            counts[division] = counts.get(division, 0) + int(typed)
    return counts
