"""What the desk's devices and a big group ask for: batches of offline admissions, the snapshot, 500 badges."""

import gzip
import itertools
import json
import secrets
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from urllib.parse import urlencode
from uuid import uuid4

from sqlalchemy import insert, select

from hallapp.booking import reference
from hallapp.booking.models import Booking, Origin
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.namelist.models import Person
from hallapp.schedule.models import Programme, Slot
from tests import factories
from tests.bench import load, rows
from tests.bench.measures import FORM, Measure, Visitor
from tests.bench.stage import Stage
from tests.live import Live

EVENTS = 50  # a desk sends so many at once
GROUPS = 300
PEOPLE = 500
_BIG_GROUP = reference.make()


def measures(stage: Stage) -> list[Measure]:
    """Each beside its counterpart; the young hall gets a day of many groups, and a group of many people."""
    (young, _little), (old, much) = stage.young, stage.old
    _fill_a_day(young)
    desk, manager = Visitor(old, "/sign-in").sign_in(), Visitor(young, "/sign-in").sign_in()
    snapshot = load.request("GET", "/desk/snapshot", {**manager.headers, "Accept": "application/json"})
    bare = load.request("GET", f"/sealed/{GROUPS}", {})
    one = {"status": 200, "connections": 1}
    return [
        Measure(
            name="arrivals by batch", url=old.url, status=200, requests=_batches(old, desk, much.came_at), things=EVENTS
        ),
        Measure(name="bare snapshot", url=stage.bare.url, requests=itertools.repeat(bare), **one),
        Measure(name="snapshot", url=young.url, requests=itertools.repeat(snapshot), **one),
        Measure(name="badges (PDF)", url=young.url, requests=itertools.repeat(_badges(manager)), things=PEOPLE, **one),
    ]


def sizes(stage: Stage) -> str:
    """How large the snapshot and the badges are, in one line."""
    young = stage.young[0]
    manager = Visitor(young, "/sign-in").sign_in()
    snapshot = manager.fetch("/desk/snapshot")
    assert len(json.loads(snapshot)["groups"]) >= GROUPS
    badges = manager.fetch(f"/bookings/{_BIG_GROUP}/badges", _badge_form(manager))
    kilobytes = [len(found) / 1024 for found in (snapshot, gzip.compress(snapshot), badges)]
    return (
        f"snapshot of {GROUPS} groups: {kilobytes[0]:,.0f} KB, {kilobytes[1]:,.0f} KB compressed; "
        f"{PEOPLE} badges: {kilobytes[2]:,.0f} KB"
    )


def _batches(live: Live, desk: Visitor, came_at: str) -> Iterator[bytes]:
    """Whole batches of admissions of groups at the door, from the last one backwards: other measures begin with the
    first.
    """
    headers = {
        **desk.headers,
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": desk.token,
    }
    with live.app.app_context():
        waiting = db.session.execute(
            select(Booking.id, Origin.division)
            .join(Origin)
            .join(Booking.slot)
            .where(Slot.starts_at == datetime.fromisoformat(came_at))
            .order_by(Booking.id.desc())
        ).all()
    for first in range(0, len(waiting), EVENTS):
        events = [_event(booking_id, division, came_at) for booking_id, division in waiting[first : first + EVENTS]]
        body = {"now": clock.now().isoformat(), "device": "Tablet", "events": events}
        yield load.request("POST", "/desk/arrivals/batch", headers, json.dumps(body).encode())


def _event(booking_id: int, division: str, came_at: str) -> dict[str, object]:
    people = {division: 20}
    return {
        "event_id": str(uuid4()),
        "type": "admit",
        "booking": booking_id,
        "pass_version": 1,
        "counts": people,
        "known_to_come": people,
        "occurred_at": came_at,
        "snapshot_at": came_at,
        "offline": True,
    }


def _badges(manager: Visitor) -> bytes:
    headers = {**manager.headers, "Content-Type": FORM}
    return load.request("POST", f"/bookings/{_BIG_GROUP}/badges", headers, _badge_form(manager))


def _badge_form(manager: Visitor) -> bytes:
    return urlencode({"csrf_token": manager.token, "sheet": "a4-10", "outlines": "y"}).encode()


def _fill_a_day(live: Live) -> None:
    """Groups of today, and a group tomorrow whose people are all on its list."""
    with live.app.app_context(), transaction():
        programme = db.session.scalars(select(Programme).order_by(Programme.id).limit(1)).one()
        today = clock.today(rows.ZONE)
        day = {"programme": programme, "visitor_capacity": 10**6, "guide_capacity": 10**4}
        rows.insert_groups(factories.slot(day=today, starts=time(13), **day), GROUPS)
        rows.move_sequences()
        later = factories.slot(day=today + timedelta(days=1), starts=time(13), **day)
        booking = factories.booking(slot=later, reference=_BIG_GROUP, origins={"440000": PEOPLE})
        people = (
            {"hall_id": booking.hall_id, "booking_id": booking.id, "position": number, "name": name, "extra": {}}
            for number, name in enumerate(f"何秀珍{secrets.token_hex(2)}" for _ in range(PEOPLE))
        )
        db.session.connection().execute(insert(Person), list(people))
