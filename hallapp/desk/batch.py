"""A batch: the events of one device in its own order, how they become commands, and what its clock is worth."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hallapp.accounts.session import SignedIn
from hallapp.core import clock
from hallapp.desk import errors, forms
from hallapp.desk.commands import Admit, AdmitWalkIn, TakeBack
from hallapp.desk.forms import Fields
from hallapp.desk.merging import Offline
from hallapp.desk.service import MOST_PEOPLE
from hallapp.divisions import DIVISIONS

MOST_EVENTS = 100
CLOCK_OFF = timedelta(minutes=2)  # less is the way of the message, and nobody's mistake
DEVICE_LENGTH = 40
_MOST_ID = 2**31 - 1

Command = Admit | AdmitWalkIn | TakeBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a device sends: how far its clock is ahead of the server's (negative: behind), and its events."""

    device: str
    skew: timedelta
    events: tuple[Any, ...]

    @property
    def is_clock_wrong(self) -> bool:
        """Whether the times of its events are corrected."""
        return abs(self.skew) > CLOCK_OFF


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
    """Who takes an event that is not the desk's own; None for the desk's, and for what nobody takes."""
    kind = event.get("type") if isinstance(event, dict) else None
    return _takers.get(kind) if isinstance(kind, str) else None


def read(fields: Fields, *, hall_id: int) -> Batch:
    """The batch in a request. Raises InvalidBatch, or OtherHall where a device brings what another hall did."""
    if fields.get("hall") not in (None, hall_id):
        raise errors.OtherHall
    events = fields.get("events")
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise errors.InvalidBatch
    try:
        now = _instant(fields.get("now")) or clock.now()
    except errors.InvalidTime:
        raise errors.InvalidBatch from None
    device = forms.text_of(fields, "device", length=DEVICE_LENGTH)
    return Batch(device=device, skew=now - clock.now(), events=tuple(events))


def to_command(event: Any, batch: Batch, staff: SignedIn) -> Command:
    """The command of one event of a batch. Raises a kind of Unreadable."""
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


def put_right(said_at: datetime | None, batch: Batch) -> datetime | None:
    """When something happened by the server's clock, where the device's clock said so. Raises InvalidTime."""
    said_at = _utc(said_at)
    if said_at is None or not batch.is_clock_wrong:
        return said_at
    try:
        return said_at - batch.skew
    except OverflowError:
        raise errors.InvalidTime from None


def timed(command: Command, event: Fields, batch: Batch) -> Any:
    """The command with what was known when it was decided, its time put right. Raises InvalidTime, InvalidCounts."""
    said_at = _utc(command.occurred_at)
    occurred_at = put_right(said_at, batch)
    if event.get("offline") is not True:
        return replace(command, occurred_at=occurred_at)
    snapshot_at = _instant(event.get("snapshot_at"))
    if occurred_at is None or snapshot_at is None:
        raise errors.InvalidTime
    offline = Offline(
        snapshot_at=min(snapshot_at, clock.now()),
        device=batch.device,
        known_to_come=_known(event.get("known_to_come")),
        device_at=said_at if batch.is_clock_wrong else None,
    )
    return replace(command, occurred_at=occurred_at, offline=offline)


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


def _known(value: Any) -> dict[str, int] | None:
    if value is None:
        return None
    fine = isinstance(value, dict) and all(
        division in DIVISIONS and type(people) is int and 0 <= people <= MOST_PEOPLE
        for division, people in value.items()
    )
    if not fine:
        raise errors.InvalidCounts
    return dict(value)


def _instant(value: Any) -> datetime | None:
    return _utc(forms.instant(value))


def _utc(instant: datetime | None) -> datetime | None:
    """The instant in UTC, in which the ends of time cannot all be said. Raises InvalidTime."""
    try:
        return instant.astimezone(UTC) if instant else None
    except OverflowError:
        raise errors.InvalidTime from None
