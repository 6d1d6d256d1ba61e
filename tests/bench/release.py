"""The release hour: thousands of organisers within a minute, on the workers that a hall has.

Each organiser is a browser of its own: it opens the booking page, and three in ten fill in the form and send it, a
fifth of them for the same time. A hall without the line and one with it are measured. What is told is how long an
answer took, from the moment at which the organiser wanted it; nothing may fail, and no place may be sold twice.
"""

import asyncio
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from sqlalchemy import func, select

from hallapp.booking.models import HOLDING, Booking
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Slot
from tests.bench import rows, stage
from tests.live import Live, serve

ORGANISERS, SECONDS = 3_000, 60
BOOKING, SAME_TIME = 0.3, 0.2
PEOPLE = 20
TIMES, PLACES = 40, 300  # of the hall, and of each of its times: less than is wanted of the one that many want
PER_MINUTE = 1_200
FILLING_IN = 5.0  # seconds, for who books
_TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"|name="submission" type="hidden" value="([^"]+)"')
_AFTER = re.compile(r'data-after="([0-9]+)"')


@dataclass(slots=True)
class Tally:
    """How long the answers took, by what was asked for, and what they were."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)

    def note(self, what: str, status: int, seconds: float) -> None:
        """Note one answer."""
        self.seconds.setdefault(what, []).append(seconds)
        self.answers[f"{what} {status}"] += 1

    def lines(self) -> list[str]:
        """Return the figures of each kind, and how often each answer came."""
        found = []
        for what, seconds in self.seconds.items():
            cuts = statistics.quantiles(seconds, n=20) if len(seconds) > 1 else [seconds[0]] * 19
            found.append(
                f"  {what:<12} {len(seconds):>6,}   p50 {_shown(cuts[9])}   p95 {_shown(cuts[18])}   "
                f"slowest {_shown(max(seconds))}"
            )
        return [*found, "  answers: " + ", ".join(f"{name}: {count:,}" for name, count in sorted(self.answers.items()))]


class Browser:
    """One organiser's browser: its cookies, and one connection for each question."""

    def __init__(self, live: Live, tally: Tally) -> None:
        self._address, self._tally = urlsplit(live.url), tally
        self._cookies: dict[str, str] = {}

    async def ask(self, what: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        """Ask for a path, or send a form to it; a refusal under overload is asked again, as its page does."""
        while True:
            began = time.perf_counter()
            status, head, body = await self._exchange(path, form)
            self._tally.note(what, status, time.perf_counter() - began)
            for name, value in re.findall(r"(?im)^set-cookie: ([^=]+)=([^;\r]*)", head):
                self._cookies[name] = value
            again = re.search(r"(?im)^retry-after: (\d+)", head)
            if status != 503 or again is None:
                return status, body
            await asyncio.sleep(int(again[1]))

    async def _exchange(self, path: str, form: dict[str, str] | None) -> tuple[int, str, str]:
        body = urlencode(form).encode() if form is not None else b""
        lines = [
            f"{'GET' if form is None else 'POST'} {path} HTTP/1.1",
            f"Host: {self._address.netloc}",
            "Accept-Language: zh-CN",
            "Connection: close",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
        ]
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        reader, writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            answer = await reader.read()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        head, _gap, page = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ", 2)[1]), head.decode("latin-1"), page.decode(errors="replace")


def report(database: str, *, quick: bool) -> str:
    """Measure the hour without the line and with it; fails where a place was sold twice or a count is wrong."""
    organisers, seconds = (600, 12) if quick else (ORGANISERS, SECONDS)
    found = [f"\n{stage.DATABASES[database]}, release hour: {organisers:,} organisers within {seconds} s"]
    for line in (False, True):
        with (
            tempfile.TemporaryDirectory(prefix="hallapp-bench-", ignore_cleanup_errors=True) as name,
            stage.databases(database, Path(name)) as new_database,
            serve(new_database(Path(name)), Path(name)) as live,
        ):
            slots = _open_hall(live, line=line)
            tally = Tally()
            took = asyncio.run(_rush(live, slots, tally, organisers=organisers, seconds=seconds))
            title = f"with the line, {PER_MINUTE:,} a minute" if line else "without the line"
            found += [f"{title}: all answered after {took:,.0f} s", *tally.lines(), _sold(live, slots)]
    return "\n".join(found)


def _open_hall(live: Live, *, line: bool) -> Sequence[int]:
    """Make a hall that opens in ten seconds; return its times, the one that many want first."""
    with live.app.app_context():
        filled = rows.fill(ledger_rows=1_000, bookings=1_000, at_the_door=0)
        chosen = filled.slots[:TIMES]
        with transaction():
            for slot in db.session.scalars(select(Slot).where(Slot.id.in_(chosen))):
                slot.visitor_capacity = PLACES
            hall = db.session.scalars(select(Hall)).one()
            opens = clock.local(clock.now() + timedelta(seconds=10), hall.time_zone)
            hall.line_on, hall.line_per_minute = line, PER_MINUTE
            hall.line_opens = opens.time().replace(microsecond=0)
        return chosen


async def _rush(live: Live, slots: Sequence[int], tally: Tally, *, organisers: int, seconds: float) -> float:
    """Let everybody come at their moment; return after how many seconds the last one was done."""
    chance = random.Random(1)
    began = time.perf_counter()

    async def come(number: int) -> None:
        await asyncio.sleep(number * seconds / organisers)
        slot = None
        if chance.random() < BOOKING:
            slot = slots[0] if chance.random() < SAME_TIME else chance.choice(slots[1:])
        await _visit(Browser(live, tally), tally, slot, number)

    await asyncio.gather(*(come(number) for number in range(organisers)))
    return time.perf_counter() - began


async def _visit(browser: Browser, tally: Tally, slot: int | None, number: int) -> None:
    came = time.perf_counter()
    _status, page = await browser.ask("page", "/book")
    while after := _AFTER.search(page):
        await asyncio.sleep(int(after[1]))
        _status, page = await browser.ask("line", "/book/line")
        if '"in":true' in page.replace(" ", ""):
            _status, page = await browser.ask("page", "/book")
        else:
            page = re.sub(r'.*"after": ?(\d+).*', r'data-after="\1"', page, flags=re.DOTALL)
    tally.note("let in", 200, time.perf_counter() - came)
    if slot is None:
        return
    token, submission = (next(filter(None, found)) for found in _TOKEN.findall(page)[:2])
    await asyncio.sleep(FILLING_IN)
    form = {
        "csrf_token": token,
        "submission": submission,
        "slot": str(slot),
        "organisation": f"岭南第{number}小学",
        "kind": "school",
        "origins-0-division": "440000",
        "origins-0-visitors": str(PEOPLE),
        "contact_name": "何秀珍",
        "phone": f"199{number:08}",
        "consent": "y",
    }
    await browser.ask("booking", "/book", form)


def _sold(live: Live, slots: Sequence[int]) -> str:
    """Prove each time's count against its bookings and its capacity; return how much was sold."""
    with live.app.app_context():
        people = (
            select(func.coalesce(func.sum(Booking.visitors), 0))
            .where(Booking.slot_id == Slot.id, Booking.state.in_(HOLDING))
            .scalar_subquery()
        )
        found = db.session.execute(
            select(Slot.visitors_booked, Slot.visitor_capacity, people).where(Slot.id.in_(slots))
        ).all()
        assert all(booked == held <= most for booked, most, held in found), found
        full = sum(booked == most for booked, most, _held in found)
        sold, places = (sum(row[column] for row in found) for column in (0, 1))
        return f"  places sold: {sold:,} of {places:,}; {full} of {len(found)} times full; each count right, none over"


def _shown(seconds: float) -> str:
    return f"{seconds:>6.1f} s" if seconds >= 10 else f"{seconds * 1000:>5,.0f} ms"
