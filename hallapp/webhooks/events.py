"""Events are written in the transaction of what happened, for the webhooks of the hall that want them.

An event names no person: it has the reference of a booking, the name of an organisation, and numbers. A system that
needs more asks the API for it, by the reference.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from hallapp.booking.models import Booking, BookingEvent, BookingState, Verb
from hallapp.booking.signals import booking_happened
from hallapp.core import clock, database, facts
from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.desk.signals import arrivals_stored, followed_by
from hallapp.kinds.values import is_individual
from hallapp.ledger.lines import Entry
from hallapp.ledger.models import DeskEvent, MonthClose
from hallapp.ledger.models import EventKind as DeskEventKind
from hallapp.reports.closing.signals import month_changed
from hallapp.schedule.queries import get_hall
from hallapp.webhooks.models import EventKind, Webhook, WebhookDelivery, WebhookEvent

_OF_VERB = {
    Verb.PLACED: EventKind.PLACED,
    Verb.CONFIRMED: EventKind.CONFIRMED,
    Verb.TAKEN: EventKind.CONFIRMED,
    Verb.DECLINED: EventKind.DECLINED,
    Verb.OFFERED: EventKind.OFFERED,
    Verb.LAPSED: EventKind.LAPSED,
    Verb.CHANGED: EventKind.CHANGED,
    Verb.MOVED: EventKind.CHANGED,
    Verb.SET_RIGHT: EventKind.CHANGED,
    Verb.CANCELLED: EventKind.CANCELLED,
    Verb.ABSENT: EventKind.ABSENT,
}
_OF_ARRIVAL = {
    DeskEventKind.ADMIT: EventKind.ADMITTED,
    DeskEventKind.COUNT: EventKind.ADMITTED,
    DeskEventKind.TAKE_BACK: EventKind.TAKEN_BACK,
}


def listen() -> None:
    """Connect to the signals of the rooms below; a repeated call changes nothing."""
    booking_happened.connect(_on_booking)
    arrivals_stored.connect(_on_arrivals)
    month_changed.connect(_on_month)


def write(
    hall_id: int,
    kind: EventKind,
    data: Mapping[str, Any],
    *,
    to: Iterable[int],
    at: datetime | None = None,
    booking_id: int | None = None,
) -> WebhookEvent:
    """Write an event, to be delivered to the webhooks with these numbers; needs a transaction."""
    now = database.now()
    body = {"type": kind.value, "timestamp": (at or clock.now()).isoformat(), "data": {"hall": _slug(hall_id), **data}}
    event = WebhookEvent(
        hall_id=hall_id,
        id=f"evt_{uuid.uuid4().hex}",
        kind=kind,
        booking_id=booking_id,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
    )
    db.session.add(event)
    db.session.flush()
    db.session.add_all(
        WebhookDelivery(hall_id=hall_id, webhook_number=number, event_id=event.id, due_at=now, created_at=now)
        for number in to
    )
    db.session.flush()
    return event


def _on_booking(booking: Booking, *, event: BookingEvent) -> None:
    kind = _OF_VERB.get(event.verb)
    if event.verb is Verb.TAKEN and event.after is not BookingState.CONFIRMED:
        kind = EventKind.CHANGED
    to = _wanting(booking.hall_id, kind) if kind else ()
    if kind and to:
        data = {"booking": _booking(booking), "previous_state": event.before.value if event.before else None}
        write(booking.hall_id, kind, data, to=to, at=event.at, booking_id=booking.id)


def _booking(booking: Booking) -> dict[str, Any]:
    """Return a booking by the names that the API has for its fields, without its contact."""
    slot = booking.slot
    return {
        "reference": booking.reference,
        "state": booking.state.value,
        "slot": slot.id,
        "programme": slot.programme.slug,
        "day": slot.day.isoformat(),
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "visitors": booking.visitors,
        "origins": [{"division": origin.division, "visitors": origin.visitors} for origin in booking.origins],
        "organisation": "" if is_individual(booking.kind) else booking.organisation,
        "kind": booking.kind,
        "source": booking.source.value,
        "party": str(booking.party) if booking.party else None,
    }


def _on_arrivals(hall_id: int, *, entries: Sequence[Entry]) -> None:
    wanted = [
        (entry, _OF_ARRIVAL[entry.event.kind], to)
        for entry in entries
        if entry.lines and (to := _wanting(hall_id, _OF_ARRIVAL[entry.event.kind]))
    ]
    if not wanted:
        return
    references = _find_references(hall_id, [entry for entry, _kind, _to in wanted])
    undone = _find_undone(hall_id, entries)
    for entry, kind, to in wanted:
        event = entry.event
        data = {
            "id": event.event_id,
            "booking": references.get(event.booking_id or 0),
            "visitors": sum(line.visitors for line in entry.lines),
            "origins": [{"division": line.division, "visitors": line.visitors} for line in entry.lines],
            "day": event.day.isoformat(),
            "takes_back": undone.get(event.undoes_id or 0),
        }
        write(hall_id, kind, {"arrival": data}, to=to, at=event.occurred_at, booking_id=event.booking_id)


def _find_references(hall_id: int, entries: Iterable[Entry]) -> dict[int, str]:
    numbers = {entry.event.booking_id for entry in entries} - {None}
    rows = db.session.execute(
        select(Booking.id, Booking.reference).where(Booking.hall_id == hall_id, Booking.id.in_(numbers))
    )
    return {row.id: row.reference for row in rows}


def _find_undone(hall_id: int, entries: Iterable[Entry]) -> dict[int, str]:
    """Return the ids of the arrivals that these events take back, by the numbers of their rows."""
    known = {entry.event.number: entry.event.event_id for entry in entries}
    missing = {entry.event.undoes_id for entry in entries if entry.event.undoes_id} - known.keys()
    if not missing:
        return known
    rows = db.session.execute(
        select(DeskEvent.id, DeskEvent.event_id).where(DeskEvent.hall_id == hall_id, DeskEvent.id.in_(missing))
    )
    return known | {row.id: row.event_id for row in rows}


def _on_month(close: MonthClose) -> None:
    reopened = close.reopened_at is not None
    kind = EventKind.MONTH_REOPENED if reopened else EventKind.MONTH_CLOSED
    to = _wanting(close.hall_id, kind)
    if to:
        month = {"month": f"{close.month:%Y-%m}", "version": close.version, "visitors": close.visitors}
        write(close.hall_id, kind, {**month, "digest": close.digest}, to=to)


def _slug(hall_id: int) -> str:
    return get_hall(hall_id).slug


def _load(hall_id: int) -> tuple[tuple[int, frozenset[str]], ...]:
    """Return the webhooks of a hall that are switched on: number and kinds of events."""
    rows = db.session.execute(
        select(Webhook.number, Webhook.kinds).where(Webhook.hall_id == hall_id, Webhook.active).order_by(Webhook.number)
    )
    return tuple((number, frozenset(kinds.split(","))) for number, kinds in rows)


_held = Facts(_load)
facts.watch(Webhook)


def _wanting(hall_id: int, kind: EventKind) -> tuple[int, ...]:
    return tuple(number for number, kinds in _held.get(hall_id) if kind.value in kinds)


@followed_by
def _follows_arrivals(hall_id: int) -> bool:
    return any(kind.value in kinds for _number, kinds in _load(hall_id) for kind in set(_OF_ARRIVAL.values()))
