"""Reports of one hall with ten thousand ledger rows, a million, ten million, and with a thousand halls beside it.

The halls are alike but for the number of their arrivals: the same years, days and slots, the past months closed but the
last one (`bulk.py`). A report is measured alone (`get_report` in this process) and as a page (from a server, over one
connection). The measures take turns, size by size, so that what else the machine does falls on all of them; a figure is
the median of the rounds, and each ratio is that of a size to the smallest.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from hallapp.core import clock
from hallapp.core.database import db
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.figures.service import get_report
from hallapp.schedule.models import Hall
from tests.bench import bulk, load, stage
from tests.bench.measures import Visitor
from tests.live import Live, migrated, serve

SIZES, QUICK_SIZES = (10_000, 1_000_000, 10_000_000), (10_000, 100_000)
NEIGHBOURS = 999
ROUNDS, CALLS, SECONDS = 9, 3, 0.4
AIM = 1.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A hall of one size on a server of its own; `filled` is how long its rows took, in seconds."""

    name: str
    live: Live
    hall_id: int
    filled: float


Measure = tuple[str, Callable[[], float]]


def report(database: str, *, quick: bool) -> str:
    """The table of a kind of database: reports by size."""
    with TemporaryDirectory(prefix="hallapp-bench-") as folder, ExitStack() as stack:
        new = stack.enter_context(stage.databases(database, Path(folder)))
        sizes = [(f"{size:,}", size, 0) for size in (QUICK_SIZES if quick else SIZES)]
        sizes.append((f"{sizes[0][0]}, {1 + NEIGHBOURS:,} halls", sizes[0][1], 99 if quick else NEIGHBOURS))
        places = [stack.enter_context(_place(new, Path(folder), *size)) for size in sizes]
        times = _measure([_measures(place) for place in places], rounds=3 if quick else ROUNDS)
        return "\n".join(_table(stage.DATABASES[database], places, times))


@contextmanager
def new_folder(folder: Path, name: str) -> Iterator[Path]:
    """A folder in another one."""
    place = folder / name
    place.mkdir()
    yield place


@contextmanager
def _place(new: Callable[[Path], str], folder: Path, name: str, ledger_rows: int, neighbours: int) -> Iterator[Place]:
    with new_folder(folder, f"{ledger_rows}-{neighbours}") as own:
        url = new(own)
        app = migrated(url, own)
        began = time.perf_counter()
        hall_id = bulk.fill(app, ledger_rows=ledger_rows)
        if neighbours:
            bulk.add_neighbours(app, hall_id, neighbours)
        filled = time.perf_counter() - began
        with serve(url, own) as live:
            yield Place(name=name, live=live, hall_id=hall_id, filled=filled)


def _periods() -> dict[str, Period]:
    this = clock.today(bulk.ZONE).replace(day=1)
    last = Period.month((this - timedelta(days=1)).year, (this - timedelta(days=1)).month)
    year = Period.year(this.year).previous()
    return {
        "month, open": last,
        "month, closed": last.previous(),
        "quarter": Period.quarter(year.first.year, 4),
        "year": year,
        "since opening": SINCE_OPENING,
    }


def _measures(place: Place) -> list[Measure]:
    """The same measures of each place, in one order."""
    manager = Visitor(place.live, "/sign-in").sign_in()
    pages = {
        **{f"page: {name}": f"/reports/{period}" for name, period in _periods().items()},
        "page: /reports": "/reports",
        "page: home": "/",
        "screen.json": "/screen.json",
    }
    return [
        *((name, _alone(place.live.app, place.hall_id, period)) for name, period in _periods().items()),
        *((name, _page(place.live, manager, path)) for name, path in pages.items()),
    ]


def _alone(app: Flask, hall_id: int, period: Period) -> Callable[[], float]:
    """Seconds that the figures of a period take, without their page."""

    def measure() -> float:
        with app.app_context():
            hall = db.session.get_one(Hall, hall_id)
            began = time.perf_counter()
            for _ in range(CALLS):
                get_report(hall, period)
            took = (time.perf_counter() - began) / CALLS
            db.session.remove()
            return took

    return measure


def _page(live: Live, visitor: Visitor, path: str) -> Callable[[], float]:
    """Seconds that a page takes."""
    request = load.request("GET", path, visitor.headers)
    return lambda: 1 / load.rate(live.url, itertools.repeat(request), status=200, seconds=SECONDS, connections=1)


def _measure(places: list[list[Measure]], *, rounds: int) -> dict[str, list[float]]:
    """The median seconds of each measure by place; a round before the first warms up."""
    found: dict[str, list[list[float]]] = {name: [[] for _ in places] for name, _measure in places[0]}
    for _round in range(rounds + 1):
        for number in range(len(places[0])):
            for place, measures in enumerate(places):
                name, measure = measures[number]
                found[name][place].append(measure())
    return {name: [statistics.median(times[1:]) for times in each] for name, each in found.items()}


def _table(title: str, places: list[Place], times: dict[str, list[float]]) -> list[str]:
    wide = max(len(place.name) for place in places) + 2
    lines = ["", f"{title + ', ledger rows':<22}" + "".join(f"{place.name:>{wide + 7}}" for place in places)]
    for name, each in times.items():
        cells = [f"{1000 * each[0]:,.1f} ms".rjust(wide + 7)]
        cells += [f"{1000 * one:,.1f} ms  {one / each[0]:.2f}".rjust(wide + 7) for one in each[1:]]
        most = max(one / each[0] for one in each[1:])
        lines.append(f"{name:<22}{''.join(cells)}   ≤ {AIM} {'reached' if most <= AIM else 'not reached'}")
    lines.append(f"{'filled in':<22}" + "".join(f"{place.filled:,.0f} s".rjust(wide + 7) for place in places))
    return lines
