"""Desks of one hall at once, each a process of its own: how much faster eight are than one, and whether they are right.

Every desk admits walk-ins of two divisions and takes one of five back, as fast as it can: all of them add to the same
rows of the figures. One desk and eight take turns, in rounds. In the last one, somebody proves the figures beside them
again and again. Nothing may be lost or counted twice, no desk may fail, and no recount may find a difference.
"""

import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select

from hallapp import create_app
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.desk import service
from hallapp.ledger.facets import ALL
from hallapp.ledger.models import Arrival
from hallapp.ledger.queries import sum_parts
from hallapp.ledger.recount import recount
from hallapp.periods import SINCE_OPENING
from tests import factories
from tests.bench import stage
from tests.conftest import settings_for
from tests.live import migrated

DESKS, _A_ROUND = 8, 5
AIM = 1.6  # on PostgreSQL and two cores; SQLite has one writer at a time
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """A time in which some desks work, and whether somebody proves the figures beside them."""

    desks: int
    proving: bool = False


def report(database: str, *, quick: bool) -> str:
    """Return a line on one desk and on eight; fails where anything is lost."""
    seconds, rounds = (2.0, ROUNDS) if quick else (5.0, 2 * ROUNDS - 1)
    turns = [*rounds * [Turn(1), Turn(DESKS)], Turn(DESKS, proving=True)]
    with (
        TemporaryDirectory(prefix="hallapp-bench-", ignore_cleanup_errors=True) as folder,
        stage.databases(database, Path(folder)) as new,
    ):
        answers = _run(new(Path(folder)), Path(folder), turns, seconds)
    rates = [sum(one["events"][number] for one in answers) / seconds for number in range(len(turns))]
    alone, together = (statistics.median(rates[number : 2 * rounds : 2]) for number in (0, 1))
    ratio = together / alone
    return (
        f"\n{stage.DATABASES[database]}, desks of one hall: one {alone:,.0f} events/s, {DESKS} at once "
        f"{together:,.0f} events/s; ratio {ratio:.2f}   ≥ {AIM} {'reached' if ratio >= AIM else 'not reached'}\n"
        f"with {sum(one['recounts'] for one in answers)} recounts beside them, which found nothing: "
        f"{rates[-1]:,.0f} events/s; {sum(one['people'] for one in answers):,} people, none lost, none twice"
    )


def _run(url: str, folder: Path, turns: Sequence[Turn], seconds: float) -> list[Any]:
    """Let the processes take all turns; return what each of them did, after all of it has been proved."""
    app = migrated(url, folder)
    with app.app_context():
        with transaction():
            hall = factories.hall()
            factories.programme(hall=hall)
            staff = factories.staff(hall=hall, password_hash="none")
        ids = {"hall_id": hall.id, "staff_id": staff.id}
        context = multiprocessing.get_context("spawn")
        barrier, answers = context.Barrier(DESKS + 1), context.Queue()
        shared = (url, str(folder), ids, turns, seconds, barrier, answers)
        processes = [context.Process(target=_admit, args=(number, *shared)) for number in range(DESKS)]
        processes.append(context.Process(target=_prove, args=shared))
        for one in processes:
            one.start()
        found = [answers.get(timeout=300 + 10 * seconds * len(turns)) for _ in processes]
        for one in processes:
            one.join(timeout=60)
            assert one.exitcode == 0
        _check(ids["hall_id"], sum(one["people"] for one in found))
        db.session.remove()
        db.engine.dispose()
    return found


def _check(hall_id: int, people: int) -> None:
    db.session.rollback()
    in_figures = sum_parts(hall_id, SINCE_OPENING.stretches(), [ALL])[ALL][""].visitors
    ledger = db.session.scalar(select(func.sum(Arrival.visitors)))
    assert people == in_figures == ledger, (people, in_figures, ledger)
    assert recount(hall_id) == []


def _admit(
    number: int,
    url: str,
    folder: str,
    ids: dict[str, int],
    turns: Sequence[Turn],
    seconds: float,
    barrier: Barrier,
    answers: Any,
) -> None:
    with create_app(settings_for(url, Path(folder))).app_context():
        acts = _acts(ids)
        people = sum(next(acts) for _ in range(2 * _A_ROUND))  # the first ones are slow
        events = []
        for turn in turns:
            barrier.wait()
            done, until = 0, time.perf_counter() + seconds
            while number < turn.desks and time.perf_counter() < until:
                people += next(acts)
                done += 1
            events.append(done)
        answers.put({"events": events, "people": people, "recounts": 0})
        db.session.remove()
        db.engine.dispose()


def _acts(desk: dict[str, int]) -> Iterator[int]:
    """Admit four times and take the last one back, again and again; gives by how many people the ledger has moved."""
    while True:
        for _ in range(_A_ROUND - 1):
            command = service.AdmitWalkIn(**desk, event_id=str(uuid4()), counts={"440000": 3, "110000": 1})
            with transaction():
                service.admit_walk_in(command)
            yield 4
        with transaction():
            service.take_back(service.TakeBack(**desk, event_id=command.event_id, own_id=str(uuid4())))
        yield -4


def _prove(
    url: str,
    folder: str,
    ids: dict[str, int],
    turns: Sequence[Turn],
    seconds: float,
    barrier: Barrier,
    answers: Any,
) -> None:
    with create_app(settings_for(url, Path(folder))).app_context():
        recounts = 0
        for turn in turns:
            barrier.wait()
            until = time.perf_counter() + seconds
            while turn.proving and time.perf_counter() < until:
                read_snapshot()
                found = recount(ids["hall_id"])
                assert found == [], found
                recounts += 1
        answers.put({"events": len(turns) * [0], "people": 0, "recounts": recounts})
        db.session.remove()
        db.engine.dispose()
