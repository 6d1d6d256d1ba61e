"""Eight desks of one hall at once, each a process of its own, while somebody proves the figures again and again.

Every desk admits walk-ins of two divisions and takes one of five back, as fast as it can: all of them add to the same
rows of the figures. Nothing may be lost or counted twice, no desk may fail, and no recount may find a difference.
"""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
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
from tests.conftest import settings_for
from tests.live import migrated

DESKS, _A_ROUND = 8, 5


def report(url: str, folder: Path, *, seconds: float) -> list[str]:
    """A line on one desk alone, on eight with a recount beside them; fails where anything is lost."""
    app = migrated(url, folder)
    with app.app_context():
        with transaction():
            hall = factories.hall()
            factories.programme(hall=hall)
            staff = factories.staff(hall=hall, password_hash="none")
        hall_id, staff_id = hall.id, staff.id
        alone = _run(url, folder, hall_id, staff_id, desks=1, seconds=seconds, proving=False)
        eight = _run(url, folder, hall_id, staff_id, desks=DESKS, seconds=seconds, proving=True)
        db.session.rollback()
        people = sum(found["people"] for found in (alone, eight))
        in_figures = sum_parts(hall_id, SINCE_OPENING.stretches(), [ALL])[ALL][""].visitors
        ledger = db.session.scalar(select(func.sum(Arrival.visitors)))
        assert people == in_figures == ledger, (people, in_figures, ledger)
        assert recount(hall_id) == []
        db.session.remove()
        db.engine.dispose()
    return [
        f"one desk: {alone['events'] / seconds:,.0f} events/s; {DESKS} desks of one hall at once: "
        f"{eight['events'] / seconds:,.0f} events/s, with {eight['recounts']} recounts beside them that found nothing; "
        f"{people:,} people, none lost, none twice"
    ]


def _run(
    url: str, folder: Path, hall_id: int, staff_id: int, *, desks: int, seconds: float, proving: bool
) -> dict[str, int]:
    """What the processes of a run did together."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(desks + proving), context.Queue()
    given = (url, str(folder), hall_id, staff_id, seconds, barrier, answers)
    processes = [context.Process(target=_admit, args=given) for _ in range(desks)]
    if proving:
        processes.append(context.Process(target=_prove, args=given))
    for one in processes:
        one.start()
    found: Sequence[dict[str, int]] = [answers.get(timeout=120 + 10 * seconds) for _ in processes]
    for one in processes:
        one.join(timeout=60)
        assert one.exitcode == 0
    return {key: sum(one.get(key, 0) for one in found) for key in ("events", "people", "recounts")}


def _admit(url: str, folder: str, hall_id: int, staff_id: int, seconds: float, barrier: Barrier, answers: Any) -> None:
    with create_app(settings_for(url, Path(folder))).app_context():
        acts = _acts({"hall_id": hall_id, "staff_id": staff_id})
        people = sum(next(acts) for _ in range(2 * _A_ROUND))  # the first ones are slow
        barrier.wait()
        events, until = 0, time.perf_counter() + seconds
        while time.perf_counter() < until:
            people += next(acts)
            events += 1
        answers.put({"events": events, "people": people})
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


def _prove(url: str, folder: str, hall_id: int, _staff_id: int, seconds: float, barrier: Barrier, answers: Any) -> None:
    with create_app(settings_for(url, Path(folder))).app_context():
        recounts = 0
        recount(hall_id)
        barrier.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            read_snapshot()
            found = recount(hall_id)
            assert found == [], found
            recounts += 1
        answers.put({"recounts": recounts})
        db.session.remove()
        db.engine.dispose()
