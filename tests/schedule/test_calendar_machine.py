"""No sequence of changes of days oversells or undoes a hand: Hypothesis plays manager, visitors and clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule import capacity, planning, policies, queries, service
from hallapp.schedule.models import DayKind, DayRule, Mode, Slot
from hallapp.schedule.planning import Plan
from tests import factories
from tests.conftest import examples
from tests.emptying import empty_tables
from tests.schedule.helpers import every_day, template

pytestmark = pytest.mark.both_databases

ZONE = "Asia/Shanghai"
START = clock.at(date(2026, 9, 23), time(8), ZONE)  # the Mid-autumn days off begin on Friday
PROGRAMMES = ("tour", "alone", "talk")
STARTS = (time(9), time(9, 30), time(10), time(10, 30))

DAYS = st.integers(0, 6)
ANY = st.integers(0, 10_000)
LIMITS = {
    "inside": st.sampled_from([None, 30, 40, 60]),
    "on_duty": st.sampled_from([None, 1, 2, 3]),
}
SETTLE = st.sampled_from(["not", "cancel", "leave"])
LINES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from(STARTS), st.sampled_from([10, 30, 50]), st.integers(0, 2)),
    max_size=12,
    unique_by=lambda line: line[:2],
)


class _NotSettled(Exception):
    pass


@dataclass
class Visit:
    """A group that has claimed its places."""

    slot_id: int
    visitors: int
    guides: int
    forced: bool

    def claimed(self) -> dict[str, Any]:
        return {"visitors": self.visitors, "guides": self.guides, "forced": self.forced}


class Calendar(RuleBasedStateMachine):
    """One hall of three overlapping programmes; the machine keeps its own books of visits and of a hand's work."""

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.visits: list[Visit] = []
        self.hands: dict[int, tuple[bool, int, int]] = {}
        with transaction():
            self.hall = factories.hall(days_ahead=4, group_min=1, inside_capacity=60, guides_on_duty=2)
            facts = ((60, 1, Mode.ON_SITE), (30, 0, Mode.ON_SITE), (90, 1, Mode.ONLINE))
            for slug, (minutes, guides, mode) in zip(PROGRAMMES, facts, strict=True):
                factories.programme(hall=self.hall, slug=slug, minutes=minutes, guides=guides, mode=mode, group_min=1)
            template(self.hall, *((*line, 50, 2) for line in every_day(*STARTS[::2])))
        self.keep(lambda: service.extend_slots(self.hall))

    def teardown(self) -> None:
        self.clock.stop()
        db.session.rollback()
        db.session.remove()
        empty_tables()

    # How things are done

    def keep(self, verb: Callable[[], Any]) -> Any:
        """Do it in a transaction of its own; a refusal is fine and changes nothing, any other exception is not."""
        try:
            with transaction():
                return verb()
        except (DomainError, _NotSettled):
            return None
        finally:
            db.session.expire_all()

    def change(self, verb: Callable[[], Plan], settle: str) -> Plan | None:
        """Carry a change out as a manager would: settle what it hits, or leave all of it."""
        visits = [Visit(**vars(visit)) for visit in self.visits]

        def all_of_it() -> Plan:
            plan = verb()
            if plan.hits and settle == "not":
                raise _NotSettled
            for hit in plan.hits:
                self.settle(hit, visits, settle)
            planning.carry_out(plan)
            return plan

        done = self.keep(all_of_it)
        if done is not None:
            self.visits = visits
        return done

    def settle(self, hit: planning.SlotChange, visits: list[Visit], how: str) -> None:
        """Cancel, or let in over the limits, whoever is there at that moment; a closure may just leave them."""
        there = {hit.slot.id}
        if hit.shrinks or not hit.closes:
            there = set(queries.list_covering(hit.slot.hall_id, [hit.slot.starts_at]))
        for visit in [visit for visit in visits if visit.slot_id in there]:
            slot = db.session.get_one(Slot, visit.slot_id)
            if how == "cancel":
                capacity.release(slot, **visit.claimed())
                visits.remove(visit)
            elif hit.shrinks and not visit.forced:
                capacity.release(slot, **visit.claimed())
                visit.forced = True
                capacity.claim(slot, **visit.claimed())

    def day(self, number: int) -> date:
        return self.hall.today() + timedelta(days=number)

    def any_slot(self, number: int) -> Slot | None:
        coming = db.session.scalars(select(Slot).where(Slot.starts_at > clock.now()).order_by(Slot.id)).all()
        return coming[number % len(coming)] if coming else None

    def programme(self, number: int) -> Any:
        return queries.get_programme(self.hall.id, PROGRAMMES[number % 3])

    # The manager

    @rule(
        day=DAYS,
        open=st.sampled_from([None, True, False]),
        like=st.sampled_from([None, 0, 6]),
        kind=st.sampled_from([None, *DayKind]),
        settle=SETTLE,
        **LIMITS,
    )
    def set_day(self, *, day: int, open: Any, like: Any, kind: Any, settle: str, inside: Any, on_duty: Any) -> None:
        command = service.SetDay(
            hall_id=self.hall.id,
            by=None,
            day=self.day(day),
            open=open,
            like_weekday=like,
            kind=kind,
            inside_capacity=inside,
            guides_on_duty=on_duty,
        )
        self.change(lambda: service.set_day(command), settle)

    @rule(programme=st.sampled_from([None, *PROGRAMMES]), day=DAYS, lines=LINES, settle=SETTLE)
    def set_template(self, programme: str | None, day: int, lines: list, settle: str) -> None:
        command = service.SetTemplate(
            hall_id=self.hall.id, by=None, programme=programme, valid_from=self.day(day), lines=tuple(lines)
        )
        self.change(lambda: service.set_template(command), settle)

    @rule(number=ANY, settle=SETTLE)
    def delete_template(self, number: int, settle: str) -> None:
        found = queries.list_templates(self.hall.id)
        if not found:
            return
        command = service.DeleteTemplate(hall_id=self.hall.id, by=None, template_id=found[number % len(found)].id)
        self.change(lambda: service.delete_template(command), settle)

    @rule(number=ANY, open=st.booleans(), places=st.integers(0, 60), guides=st.integers(0, 3), settle=SETTLE)
    def edit_slot(self, number: int, *, open: bool, places: int, guides: int, settle: str) -> None:
        slot = self.any_slot(number)
        if slot is None:
            return
        command = service.EditSlot(
            hall_id=self.hall.id,
            by=None,
            slot_id=slot.id,
            open=open,
            visitor_capacity=places,
            guide_capacity=guides,
        )
        if self.change(lambda: service.edit_slot(command), settle) is not None:
            self.hands[slot.id] = (open, places, guides)

    @rule(number=ANY, settle=SETTLE)
    def release_slot(self, number: int, settle: str) -> None:
        by_hand = sorted(self.hands)
        if not by_hand:
            return
        slot_id = by_hand[number % len(by_hand)]
        command = service.ReleaseSlot(hall_id=self.hall.id, by=None, slot_id=slot_id)
        if self.change(lambda: service.release_slot(command), settle) is not None:
            del self.hands[slot_id]

    @rule(programme=ANY, day=DAYS, starts=st.sampled_from([*STARTS, time(23, 0)]), places=st.integers(1, 60))
    def add_slot(self, programme: int, day: int, starts: time, places: int) -> None:
        row = self.programme(programme)
        command = service.AddSlot(
            hall_id=self.hall.id,
            by=None,
            programme=row.slug,
            day=self.day(day),
            starts=starts,
            visitor_capacity=places,
            guide_capacity=1,
        )
        starts_at = clock.at(command.day, starts, ZONE)
        if self.change(lambda: service.add_slot(command), "not") is not None:
            made = db.session.scalars(
                select(Slot).where(Slot.programme_id == row.id, Slot.starts_at == starts_at)
            ).one()
            self.hands[made.id] = (True, places, 1)

    @rule(
        closed=st.frozensets(st.integers(0, 6), max_size=6),
        holidays=st.sampled_from(list(DayRule)),
        makeup=st.sampled_from(list(DayRule)),
        settle=SETTLE,
        **LIMITS,
    )
    def save_policy(
        self, closed: frozenset, holidays: DayRule, makeup: DayRule, settle: str, inside: Any, on_duty: Any
    ) -> None:
        self.change(
            lambda: policies.save_policy(
                policies.SavePolicy.of(
                    self.hall,
                    by=None,
                    closed_weekdays=closed,
                    holidays=holidays,
                    makeup_days=makeup,
                    inside_capacity=inside,
                    guides_on_duty=on_duty,
                )
            ),
            settle,
        )

    @rule(programme=ANY, minutes=st.sampled_from([30, 60, 90, 120]), active=st.booleans(), settle=SETTLE)
    def save_programme(self, programme: int, minutes: int, *, active: bool, settle: str) -> None:
        row = self.programme(programme)
        self.change(
            lambda: policies.save_programme(policies.SaveProgramme.of(row, by=None, minutes=minutes, active=active)),
            settle,
        )

    @rule()
    def extend(self) -> None:
        self.keep(lambda: service.extend_slots(self.hall))
        before = self.everything()
        assert self.keep(lambda: service.extend_slots(self.hall)) == 0
        assert self.everything() == before
        assert not service.needs_extending(self.hall)

    # The visitors, and time

    @initialize()
    def some_have_booked(self) -> None:
        for number in range(0, 30, 6):
            self.claim(number, 20, guides=1, forced=False)

    @rule(
        number=ANY, visitors=st.integers(1, 40), guides=st.integers(0, 2), forced=st.sampled_from([False, False, True])
    )
    def claim(self, number: int, visitors: int, *, guides: int, forced: bool) -> None:
        slot = self.any_slot(number)
        if slot is None:
            return
        visit = Visit(slot.id, visitors, guides, forced)

        def take() -> bool:
            free = slot.visitors_free
            capacity.claim(slot, **visit.claimed())
            assert forced or guides < slot.programme.guides or visitors <= free
            return True

        if self.keep(take):
            self.visits.append(visit)

    @rule(number=ANY)
    def release(self, number: int) -> None:
        if self.visits:
            visit = self.visits.pop(number % len(self.visits))
            self.keep(lambda: capacity.release(db.session.get_one(Slot, visit.slot_id), **visit.claimed()))

    @rule(hours=st.sampled_from([1, 2, 12, 24, 48]))
    def time_goes_by(self, hours: int) -> None:
        self.traveller.shift(timedelta(hours=hours))

    # What always holds

    def everything(self) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in db.session.execute(select(Slot.__table__).order_by(Slot.id))]

    @invariant()
    def nothing_is_oversold(self) -> None:
        for slot in db.session.scalars(select(Slot)):
            assert slot.visitors_booked <= slot.visitor_capacity + slot.visitors_forced
            assert slot.guides_booked <= slot.guide_capacity + slot.guides_forced
            if slot.inside_capacity is not None:
                assert slot.inside_booked <= slot.inside_capacity + slot.inside_forced
            if slot.guides_on_duty is not None:
                assert slot.guides_busy <= slot.guides_on_duty + slot.busy_forced

    @invariant()
    def counters_are_a_recount(self) -> None:
        slots = {slot.id: slot for slot in db.session.scalars(select(Slot))}
        for slot in slots.values():
            own = [visit for visit in self.visits if visit.slot_id == slot.id]
            there = [visit for visit in self.visits if _covers(slots[visit.slot_id], slot.starts_at)]
            inside = [visit for visit in there if slots[visit.slot_id].programme.mode is Mode.ON_SITE]
            assert (slot.visitors_booked, slot.guides_booked) == _sums(own)
            assert (slot.visitors_forced, slot.guides_forced) == _sums(own, forced=True)
            assert (slot.inside_booked, slot.guides_busy) == (_sums(inside)[0], _sums(there)[1])
            assert (slot.inside_forced, slot.busy_forced) == (
                _sums(inside, forced=True)[0],
                _sums(there, forced=True)[1],
            )

    @invariant()
    def what_a_hand_did_survives(self) -> None:
        now = clock.now()
        found = {slot.id: slot for slot in db.session.scalars(select(Slot).where(Slot.open_by_hand.is_not(None)))}
        assert set(found) == set(self.hands)
        for slot_id, (open, places, guides) in self.hands.items():
            slot = found[slot_id]
            assert (slot.open_by_hand, slot.visitor_capacity, slot.guide_capacity) == (open, places, guides)
            special = queries.find_calendar_day(self.hall.id, slot.day)
            closed = not slot.programme.active or (special is not None and special.open is False)
            if slot.starts_at > now:
                assert slot.open == (open and not closed)

    @invariant()
    def nothing_waits_but_the_minutes_of_who_left(self) -> None:
        for change in planning.replan(self.hall).changes:
            slot = change.slot
            assert (change.open, change.visitor_capacity, change.guide_capacity) == (
                slot.open,
                slot.visitor_capacity,
                slot.guide_capacity,
            )
            assert (change.inside_capacity, change.guides_on_duty) == (slot.inside_capacity, slot.guides_on_duty)


def _covers(slot: Slot, instant: datetime) -> bool:
    return slot.starts_at <= instant < slot.ends_at


def _sums(visits: list[Visit], *, forced: bool = False) -> tuple[int, int]:
    counted = [visit for visit in visits if visit.forced or not forced]
    return sum(visit.visitors for visit in counted), sum(visit.guides for visit in counted)


@pytest.mark.slow
def test_no_sequence_of_changes_oversells_or_undoes_a_manual_change(app: Flask) -> None:
    run_state_machine_as_test(
        Calendar,
        settings=settings(
            max_examples=examples(4),
            stateful_step_count=20,
            deadline=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
