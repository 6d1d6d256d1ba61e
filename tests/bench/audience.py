"""An online session with thousands of screens: every screen sends its beats, and the session is counted.

Each screen is one of a registration of its own. A beat is the request that the page sends every half a minute; nothing
may fail, and each screen must be counted once.
"""

import itertools
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select

from hallapp.booking.models import Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.online import service
from hallapp.online.models import Audience, OnlineBeat, OnlineViewer
from hallapp.online.web.routes import BEAT_SECONDS, make_token
from hallapp.schedule.models import Hall, Mode, Slot
from tests import factories
from tests.bench import load, stage
from tests.bench.measures import Visitor
from tests.live import Live, serve

SCREENS, MINUTES = 5_000, 90
PLACES = ("440000", "110000", "430000", "710000", "overseas")


def report(database: str, *, quick: bool) -> str:
    """Measure the beats of all screens and the count of the session; fails where a screen is not counted once."""
    screens = 500 if quick else SCREENS
    with (
        tempfile.TemporaryDirectory(prefix="hallapp-bench-", ignore_cleanup_errors=True) as name,
        stage.databases(database, Path(name)) as new_database,
        serve(new_database(Path(name)), Path(name)) as live,
    ):
        slot_id, tokens = _fill(live, screens)
        rate = _beat(live, tokens)
        stored = _count_rows(live, slot_id)
        took, people = _count(live, slot_id, screens)
    if (stored, people) != (screens, screens):
        raise load.Unexpected(f"{stored} screens were stored and {people} people counted, instead of {screens}")
    needed = screens / BEAT_SECONDS
    return (
        f"\n{stage.DATABASES[database]}, online session: {screens:,} screens\n"
        f"  beats        {rate:>6,.0f} /s   needed {needed:,.0f} /s: {rate / needed:.1f} times as many\n"
        f"  count of {MINUTES} minutes, {screens * MINUTES:,} rows: {took:.1f} s"
    )


def _fill(live: Live, screens: int) -> tuple[int, list[str]]:
    with live.app.app_context():
        with transaction():
            hall = factories.hall()
            programme = factories.programme(hall=hall, mode=Mode.ONLINE, guides=0, group_min=1, minutes=MINUTES)
            starts = clock.now() - timedelta(minutes=5)
            ends = starts + timedelta(minutes=MINUTES)
            slot = factories.slot(programme=programme, starts_at=starts, ends_at=ends, visitor_capacity=screens)
            places = itertools.cycle(PLACES)
            bookings = [
                factories.booking(slot=slot, origins={next(places): 1}, organisation="") for _screen in range(screens)
            ]
            db.session.execute(insert(OnlineViewer), [_viewer(booking, at) for at, booking in enumerate(bookings)])
        with live.app.test_request_context():
            return slot.id, [make_token(slot, _device(number)) for number in range(screens)]


def _viewer(booking: Booking, number: int) -> dict[str, object]:
    people = {origin.division: origin.visitors for origin in booking.origins}
    of_slot = {"hall_id": booking.hall_id, "slot_id": booking.slot_id, "booking_id": booking.id}
    return {**of_slot, "device": _device(number), "people": people}


def _device(number: int) -> str:
    return f"{number:022d}"


def _beat(live: Live, tokens: list[str]) -> float:
    """Return the rate at which all screens sent a beat; then let both workers write what they hold."""
    visitor = Visitor(live, "/sign-in")
    headers = {**visitor.headers, "Content-Type": "text/plain", "X-CSRFToken": visitor.token}
    requests = [load.request("POST", "/online/beat", headers, token.encode()) for token in tokens]
    seconds = 600.0
    rate = load.rate(live.url, requests, status=204, seconds=seconds, connections=8)
    time.sleep(2.5)
    load.rate(live.url, requests[:64], status=204, seconds=seconds, connections=8)
    return rate


def _count_rows(live: Live, slot_id: int) -> int:
    with live.app.app_context():
        screens = select(func.count(OnlineBeat.device.distinct())).where(OnlineBeat.slot_id == slot_id)
        return int(db.session.scalar(screens) or 0)


def _count(live: Live, slot_id: int, screens: int) -> tuple[float, int]:
    """Store the beats of the whole session, and count it as the worker does."""
    with live.app.app_context():
        slot = db.session.get_one(Slot, slot_id)
        known = set(db.session.execute(select(OnlineBeat.minute, OnlineBeat.device)).all())
        rows = [
            {"hall_id": slot.hall_id, "slot_id": slot.id, "minute": minute, "device": _device(number)}
            for minute in range(MINUTES)
            for number in range(screens)
            if (minute, _device(number)) not in known
        ]
        with transaction():
            db.session.execute(insert(OnlineBeat), rows)
            db.session.get_one(Slot, slot_id).starts_at -= timedelta(days=1)
            db.session.get_one(Slot, slot_id).ends_at -= timedelta(days=1)
        began = time.perf_counter()
        with transaction():
            service.count_sessions(db.session.get_one(Hall, slot.hall_id))
        took = time.perf_counter() - began
        people = db.session.scalar(select(func.sum(Audience.people)).where(Audience.slot_id == slot_id))
        return took, int(people or 0)
