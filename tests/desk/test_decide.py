"""The decisions of the desk by themselves: no database, no application, thousands of sequences of acts."""

from collections import Counter
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hallapp.accounts.roles import Role
from hallapp.booking.access import NOTHING
from hallapp.booking.models import BookingState
from hallapp.desk import errors, settling
from hallapp.desk.commands import Admit, AdmitWalkIn, Command, Done, Outcome, TakeBack
from hallapp.desk.decide import Changes, apply, decide
from hallapp.desk.facts import BookingFacts, Facts, GroupFacts, HallFacts, ProgrammeFacts, SlotFacts
from hallapp.desk.merging import Offline
from hallapp.desk.models import Decision
from hallapp.kinds.standard import FIRST
from hallapp.kinds.values import Kind, Kinds
from hallapp.ledger import facets, figures
from hallapp.ledger.ledger import NOT_WRITTEN
from hallapp.ledger.models import Way
from hallapp.origins.queries import get_set
from hallapp.schedule.policy import Confirmation, Crowd, Door, DoorRule, NameList, Policy
from tests.conftest import examples

NOW = datetime(2026, 11, 21, 1, 40, tzinfo=UTC)
HALL, BOOKING, STAFF = 1, 7, 3
BOOKED = {"430000": 2, "440000": 38}
OFFLINE = Offline(snapshot_at=NOW - timedelta(minutes=8))
DIVISIONS = st.sampled_from(["440000", "430000", "overseas"])
COUNTS = st.dictionaries(DIVISIONS, st.integers(1, 45), min_size=1, max_size=3)
KNOWN = st.none() | st.fixed_dictionaries({"430000": st.integers(0, 2), "440000": st.integers(0, 38)})
many = settings(max_examples=examples(60), deadline=None)


def world(state: BookingState = BookingState.CONFIRMED) -> Facts:
    """A hall with one programme, and one booking of 40 people for this morning."""
    policy = Policy(
        **{"group_min": 1, "group_max": 50, "notice_hours": 2, "days_ahead": 60, "release_time": NOW.time()},
        **{"change_hours": 0, "offer_hours": 24, "confirmation": Confirmation.AT_ONCE, "name_list": NameList.NONE},
    )
    tour = ProgrammeFacts(id=5, slug="tour", name={"zh": "", "en": "Tour"}, guides=0, policy=policy, most_walk_in=50)
    hall = HallFacts(
        id=HALL,
        time_zone="Asia/Shanghai",
        door=Door(early_minutes=None, late_minutes=None, rule=DoorRule.WARN),
        crowd=Crowd(over_percent=20, over_people=5, walk_in=None),
        kinds=Kinds(Kind(code=code) for code in FIRST),
        programmes={tour.id: tour},
        walk_in=(tour,),
        origins=get_set(HALL, "cn", "440000"),
    )
    slot = SlotFacts(day=hall.day_of(NOW), starts_at=NOW, ends_at=NOW + timedelta(hours=1), programme=tour)
    booking = BookingFacts(
        id=BOOKING,
        hall=hall,
        slot=slot,
        state=state,
        reference="K7M29QXT",
        source=Way.ONLINE,
        kind="school",
        organisation="第一小学",
        contact_name="何秀珍",
        phone="",
        note="",
        guide_note="",
        visitors=40,
        guides=0,
        tour_language=None,
        access=NOTHING,
        pass_version=1,
        guide_id=None,
        origins=BOOKED,
    )
    facts = Facts(hall=hall, now=NOW, staff="Li", bookings={BOOKING: BOOKING}, next_number=NOT_WRITTEN)
    facts.groups[BOOKING] = GroupFacts(owner=booking)
    return facts


def admission(number: int, counts: dict[str, int] | None, **values: Any) -> Admit:
    given = {"hall_id": HALL, "staff_id": STAFF, "role": Role.DESK, "booking_id": BOOKING, "counts": counts}
    return Admit(event_id=str(UUID(int=number)), **{**given, **values})


def walk_in(number: int, counts: dict[str, int]) -> AdmitWalkIn:
    return AdmitWalkIn(hall_id=HALL, staff_id=STAFF, event_id=str(UUID(int=number)), counts=counts, sure=999)


def back(number: int, offline: Offline | None = None) -> TakeBack:
    return TakeBack(hall_id=HALL, staff_id=STAFF, event_id=str(UUID(int=number)), offline=offline)


def do(command: Command, facts: Facts) -> Done | errors.Refusal:
    """Decide and apply, as a batch does."""
    try:
        changes = decide(command, facts)
    except errors.Refusal as refusal:
        return refusal
    apply(changes, facts)
    return changes.done


@st.composite
def sequences(draw: st.DrawFn) -> list[Command]:
    """Admissions online and offline, walk-ins, and take-backs of some of them."""
    commands: list[Command] = []
    for number in range(1, draw(st.integers(2, 9))):
        kind = draw(st.sampled_from(["offline", "offline", "online", "walk_in", "back"]))
        if kind == "walk_in":
            commands.append(walk_in(number, draw(COUNTS)))
        elif kind == "back" and commands:
            commands.append(back(draw(st.integers(1, number - 1)), draw(st.sampled_from([None, OFFLINE]))))
        else:
            more = {"offline": OFFLINE} if kind == "offline" else {"sure": draw(st.integers(0, 90))}
            commands.append(admission(number, draw(COUNTS), known_to_come=draw(KNOWN), **more))
    return commands


@many
@given(sequences())
def test_a_decision_reads_and_changes_nothing(commands: list[Command]) -> None:
    facts = world()
    origins = facts.hall.origins  # shared by a whole process, and equal only to itself
    for command in commands:
        before = deepcopy(facts, {id(origins): origins})
        done = [_decided(command, facts) for _ in range(2)]
        assert done[0] == done[1] and facts == before
        do(command, facts)


def _decided(command: Command, facts: Facts) -> Changes | str:
    try:
        return decide(command, facts)
    except errors.Refusal as refusal:
        return refusal.code


@many
@given(sequences())
def test_the_same_act_again_changes_nothing_and_answers_as_it_did(commands: list[Command]) -> None:
    facts = world()
    for command in commands:
        first = do(command, facts)
        if isinstance(first, errors.Refusal):
            continue
        again = decide(command, facts)
        assert (again.entries, again.done.outcome) == ((), Outcome.REPEATED)
        if not isinstance(command, TakeBack):
            assert (again.done.counts, again.done.group.arrived) == (first.counts, first.group.arrived)
            assert again.done.unsettled == first.unsettled


@many
@given(sequences())
def test_everybody_is_counted_or_waits_and_the_state_says_whether_anybody_is_in(commands: list[Command]) -> None:
    facts = world()
    for command in commands:
        done = do(command, facts)
        if isinstance(done, Done) and isinstance(command, Admit) and done.outcome is not Outcome.REPEATED:
            assert Counter(done.counts) + Counter(done.unsettled) == Counter(command.counts)
        for group in facts.groups.values():
            net = group.ledger.net()
            assert all(people >= 0 for people in net.values())
            if isinstance(group.owner, BookingFacts):
                assert (group.owner.state is BookingState.ARRIVED) == (net.total() > 0)


@many
@given(sequences())
def test_what_is_stored_adds_up_to_the_figures_of_the_whole_ledger(commands: list[Command]) -> None:
    facts, sums = world(), dict[Any, Any]()
    for command in commands:
        try:
            changes = decide(command, facts)
        except errors.Refusal:
            continue
        apply(changes, facts)
        for entry in changes.entries:
            figures.plus(sums, figures.changes(_parts(entry.before), _parts(entry.before + entry.lines)))
    whole = dict[Any, Any]()
    for group in facts.groups.values():
        figures.plus(whole, _parts(group.ledger.lines))
    assert figures.changes(sums, whole) == {}


def _parts(lines: Any) -> dict[Any, Any]:
    return figures.amounts((part, line) for line in lines for part in facets.parts_of(line))


@many
@given(st.lists(st.tuples(COUNTS, KNOWN), min_size=2, max_size=6), st.data())
def test_no_order_of_offline_admissions_changes_what_counts(
    acts: list[tuple[dict[str, int], dict[str, int] | None]], data: st.DataObject
) -> None:
    commands: list[Command] = [
        admission(number, counts, known_to_come=known, offline=OFFLINE, sure=999)
        for number, (counts, known) in enumerate(acts, start=1)
    ]
    extra, others = Counter[str](), Counter[str]()
    for counts, known in acts:
        for division, people in counts.items():
            beyond = max(0, people - known.get(division, 0)) if known is not None else 0
            extra[division] += beyond
            others[division] += people - beyond
    facts = world()
    for command in data.draw(st.permutations(commands)):
        do(command, facts)
    right = {division: extra[division] + min(BOOKED.get(division, 0), others[division]) for division in others}
    assert +facts.groups[BOOKING].ledger.net() == +Counter(right)
    for command in data.draw(st.permutations(commands)):
        assert do(back(UUID(command.event_id).int, OFFLINE), facts).outcome is Outcome.TAKEN_BACK  # type: ignore[union-attr]
    group = facts.groups[BOOKING]
    assert group.ledger.net().total() == 0 and not any(one.open for one in group.conflicts)
    assert isinstance(group.owner, BookingFacts) and group.owner.state is BookingState.CONFIRMED


@pytest.mark.parametrize(("decision", "people"), [(Decision.COUNTED, 80), (Decision.DROPPED, 40)])
def test_a_manager_settles_what_waits_once(decision: Decision, people: int) -> None:
    facts = world()
    for number in (1, 2):
        do(admission(number, BOOKED, known_to_come=BOOKED, offline=OFFLINE), facts)
    command = settling.Settle(hall_id=HALL, staff_id=STAFF, event_id=str(UUID(int=2)), decision=decision)
    changes = settling.decide(command, facts)
    apply(changes, facts)
    assert facts.groups[BOOKING].ledger.net().total() == people
    with pytest.raises(errors.AlreadySettled):
        settling.decide(command, facts)


def test_a_refusal_is_a_question_where_it_can_be_confirmed() -> None:
    facts = world()
    do(admission(1, BOOKED), facts)
    with pytest.raises(errors.CountedMeanwhile) as asked:
        decide(admission(2, {"440000": 3}, known_to_come=BOOKED), facts)
    assert asked.value.params["place"] == "Li"
    confirmed = decide(admission(2, {"440000": 3}, **asked.value.confirm), facts)
    assert (confirmed.done.outcome, confirmed.done.group.arrived) == (Outcome.ADMITTED, 43)
    cancelled = world(state=BookingState.CANCELLED)
    with pytest.raises(errors.Cancelled):
        decide(admission(1, None), cancelled)
    manager = admission(1, None, role=Role.MANAGER, reason="馆长同意")
    assert decide(manager, cancelled).note is not None
    assert decide(replace(manager, reason=""), world()).note is None
