"""A batch: the events of one device in its own order, how they become commands, and what its clock is worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from hallapp.accounts.web.session import SignedIn
from hallapp.core import clock
from hallapp.desk import errors
from hallapp.desk.commands import Admit, Command
from hallapp.desk.merging import Offline
from hallapp.desk.web import forms
from hallapp.desk.web.forms import Fields
from hallapp.schedule.models import Hall

MOST_EVENTS = 100
CLOCK_OFF = timedelta(minutes=2)  # smaller differences are transmission time, not a wrong clock
OLDEST = timedelta(days=31)  # a tablet may lie in a drawer for a while
_MOST_ID = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch from a device: how far its clock is ahead of the server's (negative: behind), and its events."""

    hall: Hall
    device: str
    skew: timedelta
    events: tuple[Any, ...]

    @property
    def is_clock_wrong(self) -> bool:
        """Return whether the times of its events are corrected."""
        return abs(self.skew) > CLOCK_OFF

    def day_of(self, instant: datetime) -> date:
        """Return the hall's local day of an instant."""
        return clock.local_day(instant, self.hall.time_zone)


#: Does one event of a batch within the caller's transaction, and gives its answer. Raises DomainError.
Taker = Callable[[Fields, Batch, SignedIn], Mapping[str, Any]]
_takers: dict[str, Taker] = {}


def takes(kind: str) -> Callable[[Taker], Taker]:
    """Let a room above the desk take a type of event, so that a device sends all that it kept in one order."""

    def keep(taker: Taker) -> Taker:
        _takers[kind] = taker
        return taker

    return keep


def find_taker(event: Any) -> Taker | None:
    """Return the room that takes an event of another type; None for the desk's own and for unknown types."""
    kind = event.get("type") if isinstance(event, dict) else None
    return _takers.get(kind) if isinstance(kind, str) else None


def read(fields: Fields, *, hall: Hall) -> Batch:
    """Return the batch in a request. Raises InvalidBatch, or OtherHall where a device brings what another hall did."""
    if fields.get("hall") not in (None, hall.id):
        raise errors.OtherHall
    events = fields.get("events")
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise errors.InvalidBatch
    try:
        now = _instant(fields.get("now")) or clock.now()
    except errors.InvalidTime:
        raise errors.InvalidBatch from None
    device = forms.text_of(fields, "device", length=forms.DEVICE_LENGTH)
    return Batch(hall=hall, device=device, skew=now - clock.now(), events=tuple(events))


def to_command(event: Any, batch: Batch, staff: SignedIn) -> Command:
    """Return the command of one event of a batch. Raises a kind of Unreadable."""
    if not isinstance(event, dict):
        raise errors.InvalidEvent
    kind = event.get("type")
    if kind == "admit":
        return timed(_to_admit(event, staff), event, batch)
    if kind == "walk_in":
        return timed(forms.to_admit_walk_in(event, staff), event, batch)
    if kind == "take_back":
        command = forms.to_take_back(_undone(event), event, staff)
        return timed(replace(command, occurred_at=_instant(event.get("occurred_at"))), event, batch)
    raise errors.InvalidEvent


def _to_admit(event: Fields, staff: SignedIn) -> Admit:
    command = forms.to_admit(event, staff)
    version = event.get("pass_version")
    return replace(
        command,
        booking_id=_booking_id(event.get("booking")),
        pass_version=version if type(version) is int else None,
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of an act by the server's clock; `device_at` is the device's time, where it differs."""

    occurred_at: datetime
    device_at: datetime | None


def find_moment(event: Fields, batch: Batch) -> Moment:
    """Return the time of an event of a batch.

    A device that knows its clock is wrong corrects the time itself and sends the clock's time as well (`device_at`).
    For other events the clock is assumed to have been as wrong then as when the batch is sent. A tablet often gets the
    right time just when its network returns: the event would then lie before the list that the device used, or in the
    future, and is moved to that end of the possible range.

    Raises:
        InvalidTime: it cannot be read.
        TimeUnclear: its day is not known, so a person is asked.
    """
    said_at = _instant(event.get("occurred_at"))
    snapshot_at = _instant(event.get("snapshot_at"))
    if said_at is None:
        raise errors.InvalidTime
    device_at = _instant(event.get("device_at"))
    earliest, latest = clock.now() - OLDEST, clock.now()
    if device_at is not None:
        if not earliest <= said_at <= latest + CLOCK_OFF:
            raise errors.TimeUnclear
        is_same = abs(device_at - said_at) <= CLOCK_OFF
        return Moment(min(said_at, latest), None if is_same else device_at)
    occurred_at = _without_skew(said_at, batch)
    if snapshot_at is not None:
        earliest = max(earliest, min(snapshot_at, latest))
    if earliest - CLOCK_OFF <= occurred_at <= latest + CLOCK_OFF:
        return Moment(min(occurred_at, latest), said_at if batch.is_clock_wrong else None)
    if snapshot_at is None or batch.day_of(earliest) != batch.day_of(latest):
        raise errors.TimeUnclear
    return Moment(min(max(occurred_at, earliest), latest), said_at)


def _without_skew(said_at: datetime, batch: Batch) -> datetime:
    if not batch.is_clock_wrong:
        return said_at
    try:
        return said_at - batch.skew
    except OverflowError:
        raise errors.InvalidTime from None


def timed(command: Command, event: Fields, batch: Batch) -> Any:
    """Return the command with the device's knowledge and a corrected time. Raises InvalidTime, TimeUnclear."""
    if event.get("offline") is not True:
        said_at = _utc(command.occurred_at)
        return replace(command, occurred_at=_without_skew(said_at, batch) if said_at else None, device=batch.device)
    snapshot_at = _instant(event.get("snapshot_at"))
    if snapshot_at is None:
        raise errors.InvalidTime
    moment = find_moment(event, batch)
    offline = Offline(snapshot_at=min(snapshot_at, clock.now()), device_at=moment.device_at)
    return replace(command, occurred_at=moment.occurred_at, device=batch.device, offline=offline)


def _undone(event: Fields) -> UUID:
    try:
        return UUID(event.get("undoes"))
    except (ValueError, TypeError, AttributeError):
        raise errors.InvalidEventId from None


def _booking_id(value: Any) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 < value <= _MOST_ID:
        raise errors.InvalidCode
    return value


def _instant(value: Any) -> datetime | None:
    return _utc(forms.instant(value))


def _utc(instant: datetime | None) -> datetime | None:
    """Return the instant in UTC, in which the ends of time cannot all be said. Raises InvalidTime."""
    try:
        return instant.astimezone(UTC) if instant else None
    except OverflowError:
        raise errors.InvalidTime from None
