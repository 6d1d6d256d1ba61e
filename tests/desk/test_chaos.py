"""Three desks on networks that hang, lose, repeat and delay, with cards that are old: whoever came counts exactly once.

The test knows the truth: who really came. A desk that is asked answers by it. At no moment is anybody counted who did
not come; and in the end everybody who came is counted, or stands in a conflict that a manager is asked about.
`make chaos` runs it longer.
"""

import os
import random
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from hallapp.core import clock as server_clock
from hallapp.core.database import db, transaction
from hallapp.desk.models import DeskConflict
from hallapp.ledger import recount
from hallapp.ledger.models import Arrival, DeskEvent
from tests import factories
from tests.conftest import examples
from tests.desk.conftest import TODAY, make_booking, make_counter

pytestmark = pytest.mark.both_databases

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "0")) or examples(1)
STEPS = 45
GROUPS = (12, 38, 7, 25)
EXTRA_MOST = 4  # fewer than the hall asks about
FINAL = {"admitted", "repeated", "conflict"}


class Lost(Exception):
    """No answer came; whether the server has heard, nobody knows."""


class Network:
    """Carries JSON, or loses it, or its answer, or carries it twice, or once more much later."""

    def __init__(self, client: FlaskClient, chance: random.Random) -> None:
        self.client, self.chance = client, chance
        self.late: list[tuple[str, dict[str, Any]]] = []

    def send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer. Raises Lost."""
        fate = self.chance.random()
        if fate < 0.15:
            raise Lost
        if fate < 0.25:
            self.late.append((path, body))  # it hangs somewhere, and comes when its desk has long given up
            raise Lost
        answer: dict[str, Any] = self.client.send_json(path, body).get_json()
        if fate < 0.4:
            raise Lost
        if fate < 0.5:
            self.client.send_json(path, body)
        return answer

    def deliver_late(self) -> None:
        """Something that hung arrives."""
        if self.late:
            self.client.send_json(*self.late.pop(self.chance.randrange(len(self.late))))


class Desk:
    """What a device does: cards that may lie for long, and a queue that outlives its page."""

    def __init__(self, name: str, network: Network, groups: dict[int, int]) -> None:
        self.name, self.network, self.groups = name, network, groups
        self.cards = {booking: dict.fromkeys(["440000"], people) for booking, people in groups.items()}
        self.queue: list[dict[str, Any]] = []
        self.is_online = True

    def look(self, booking: int, reference: str) -> None:
        """Draw a card anew, where the network lets it."""
        try:
            answer = self.network.send("/desk/lookup", {"q": reference})
        except Lost:
            return
        self.cards[booking] = {one["code"]: one["to_come"] for one in answer["group"]["divisions"]}

    def press(self, booking: int, reference: str, people: int, *, is_real: bool, at: str) -> str:
        """Admit people by the card that lies here; gives what the desk was told."""
        event = {"event_id": str(uuid4()), "counts": {"440000": people}, "known_to_come": self.cards[booking]}
        card = self.cards[booking]
        self.cards[booking] = {**card, "440000": max(0, card.get("440000", 0) - people)}
        offline = {"type": "admit", "booking": booking, "offline": True, "snapshot_at": at, "occurred_at": at}
        if self.is_online and not self.queue:
            try:
                answer = self.network.send("/desk/arrivals", {**event, "code": reference})
                if answer["outcome"] == "refused" and is_real:
                    assert answer["reason"] in ("counted_meanwhile", "more_than_expected"), answer
                    event |= answer["confirm"]
                    answer = self.network.send("/desk/arrivals", {**event, "code": reference})
                if answer["outcome"] != "refused" or not is_real:
                    return str(answer["outcome"])
            except Lost:
                pass
        self.queue.append({**event, **offline, "device_at": at})
        return "kept"

    def flush(self, now: str) -> None:
        """Send what waits."""
        if not self.queue:
            return
        try:
            answer = self.network.send("/desk/arrivals/batch", {"device": self.name, "now": now, "events": self.queue})
        except Lost:
            return
        outcomes = {one["event_id"]: one["outcome"] for one in answer["answers"]}
        assert set(outcomes.values()) <= FINAL, answer
        self.queue = [event for event in self.queue if event["event_id"] not in outcomes]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_three_desks_on_bad_networks_count_everybody_once(
    client: FlaskClient, clock: time_machine.Traveller, seed: int
) -> None:
    chance = random.Random(seed)
    counter = make_counter()
    with transaction():
        tours = [factories.programme(hall=counter.hall) for _ in GROUPS]
        bookings = [
            make_booking(tour, day=TODAY, origins={"440000": people})
            for tour, people in zip(tours, GROUPS, strict=True)
        ]
    references = {booking.id: booking.reference for booking in bookings}
    booked = {booking.id: booking.visitors for booking in bookings}
    truth = dict.fromkeys(booked, 0)
    client.sign_in(counter.desk)
    client.get("/desk")
    desks = [Desk(name, Network(client, chance), booked) for name in ("east", "west", "tablet")]
    for _step in range(STEPS):
        clock.shift(timedelta(seconds=chance.randrange(5, 40)))
        now = _now()
        desk, booking = chance.choice(desks), chance.choice(list(booked))
        desk.is_online = chance.random() < 0.6
        if desk.is_online:
            desk.flush(now)
        if chance.random() < 0.3:
            desk.look(booking, references[booking])
        left = booked[booking] + EXTRA_MOST - truth[booking]
        known = desk.cards[booking].get("440000", 0)
        if truth[booking] >= booked[booking] and known and chance.random() < 0.6:
            desk.press(booking, references[booking], known, is_real=False, at=now)  # the same people once more
        elif left > 0:
            people = chance.randint(1, max(1, min(left, booked[booking])))
            truth[booking] += people
            desk.press(booking, references[booking], people, is_real=True, at=now)
        if chance.random() < 0.3:
            desk.network.deliver_late()
        assert _counted_too_many(truth) == {}
    _come_to_rest(desks)
    assert _counted_too_many(truth) == {}
    counted, waiting = _counted(truth), _waiting(truth)
    assert all(truth[one] <= counted[one] + waiting[one] for one in truth), (truth, counted, waiting)
    with transaction():
        assert recount.recount(counter.hall.id) == []


def _come_to_rest(desks: list[Desk]) -> None:
    """Everything that hangs arrives, and everything that waits is sent."""
    for desk in desks:
        while desk.network.late:
            desk.network.deliver_late()
        for _attempt in range(100):
            desk.flush(_now())
        assert desk.queue == []


def _now() -> str:
    return server_clock.now().isoformat()


def _counted(truth: dict[int, int]) -> dict[int, int]:
    db.session.rollback()
    rows = select(DeskEvent.booking_id, func.sum(Arrival.visitors)).join(Arrival.event).group_by(DeskEvent.booking_id)
    found = Counter({booking: int(people) for booking, people in db.session.execute(rows)})
    return {booking: found[booking] for booking in truth}


def _counted_too_many(truth: dict[int, int]) -> dict[int, int]:
    return {booking: people for booking, people in _counted(truth).items() if people > truth[booking]}


def _waiting(truth: dict[int, int]) -> dict[int, int]:
    """People of each booking about whom a manager is asked."""
    conflicts = db.session.scalars(select(DeskConflict).join(DeskConflict.event)).all()
    return {booking: sum(one.open for one in conflicts if one.event.booking_id == booking) for booking in truth}
