"""Requests to record departures, as JSON or as a form, and the manager's settings."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from wtforms import BooleanField

from hallapp.accounts.web.session import SignedIn
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import plain
from hallapp.core.web.fields import NumberField
from hallapp.core.web.forms import RefusableForm
from hallapp.desk.web.batch import Batch, find_moment
from hallapp.desk.web.forms import Admitting, Fields, text_of
from hallapp.presence.errors import InvalidEvent
from hallapp.presence.models import PresenceSetting
from hallapp.presence.service import Leave, SetPresence, TakeBack

_MOST_ID = 2**31 - 1
_DIGITS_MOST = 9


def to_leave(fields: Fields, staff: Admitting) -> Leave:
    """Return the command of a departure; a value that is no number becomes 0, which is refused. Raises InvalidEvent."""
    return Leave(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        event_id=_event_id(fields.get("event_id")),
        code=text_of(fields, "code"),
        visitors=_number(fields.get("visitors")),
        occurred_at=_instant(fields.get("occurred_at")),
    )


def to_leave_later(event: Fields, sent: Batch, staff: SignedIn) -> Leave:
    """Return the command of a departure in a batch: of a booking by its number, or of no group; its time is corrected.

    Raises InvalidEvent, and the refusals of the batch for times: InvalidTime, TimeUnclear.
    """
    booking = event.get("booking")
    if booking is not None and (type(booking) is not int or not 0 < booking <= _MOST_ID):
        raise InvalidEvent
    command = replace(to_leave(event, staff), booking_id=booking, is_late=True)
    return replace(command, occurred_at=find_moment(event, sent).occurred_at)


def to_take_back(event: Fields, staff: Admitting) -> TakeBack:
    """Return the command that takes back a departure of a batch. Raises InvalidEvent."""
    return TakeBack(hall_id=staff.hall_id, staff_id=staff.id, event_id=_event_id(event.get("undoes")))


class PresenceForm(RefusableForm):
    """The form for a hall's settings."""

    shown_last = "warn_at_percent"
    counts_leaving = BooleanField(_l("The desk records departures"))
    warn_at_percent = NumberField(_l("Warn at this percentage of the limit"))

    @classmethod
    def of(cls, setting: PresenceSetting) -> "PresenceForm":
        """Return the form with the present settings."""
        return cls(formdata=None, obj=setting)

    def to_command(self, staff: SignedIn) -> SetPresence:
        """Return the command; the form must have been found valid."""
        return SetPresence(
            hall_id=staff.hall_id,
            by=staff.id,
            counts_leaving=self.counts_leaving.data,
            warn_at_percent=self.warn_at_percent.data,
        )


def _event_id(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise InvalidEvent from None


def _instant(value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        instant = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise InvalidEvent from None
    if instant.tzinfo is None:
        raise InvalidEvent
    return instant


def _number(value: Any) -> int | None:
    """Return a number from JSON or typed text; None for an empty value, 0 for an invalid one."""
    if value is None or type(value) is int:
        return value
    typed = plain(value) if isinstance(value, str) else "-"
    if not typed:
        return None
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS_MOST else 0
