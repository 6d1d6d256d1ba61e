"""What becomes of a new booking, decided from facts alone: no database takes part."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.booking.commands import PlaceBooking
from hallapp.booking.decision import Placement, Situation, decide
from hallapp.booking.errors import NotOnline, SlotUnknown, TourLanguageNeeded
from hallapp.booking.floods import STOP_AT, Pressure
from hallapp.booking.groups import Record
from hallapp.booking.lifecycle import ORGANISER, by_staff
from hallapp.booking.models import BookingState, TourLanguage
from hallapp.core import clock
from hallapp.core.errors import DomainError
from hallapp.core.regions import Region
from hallapp.kinds.standard import FIRST
from hallapp.kinds.values import Kind, Kinds
from hallapp.origins.queries import get_set
from hallapp.schedule.hall_facts import HallFacts, ProgrammeFacts, SlotFacts
from hallapp.schedule.models import Mode
from hallapp.schedule.policy import Confirmation, NameList, Policy, ProofOfWork

ZONE = "Asia/Shanghai"
NOW = clock.at(date(2026, 12, 1), time(12), ZONE)
KINDS = Kinds(Kind(code=code) for code in FIRST)
SPOKEN = (TourLanguage.MANDARIN, TourLanguage.ENGLISH)
few = st.integers(0, 3)

halls = st.builds(
    HallFacts,
    id=st.just(1),
    time_zone=st.just(ZONE),
    language_codes=st.just(("zh", "en")),
    open_per_phone=few,
    open_per_organisation=few,
    brake_per_hour=few,
    brake_hold_hours=st.integers(1, 48),
    network_places=st.sampled_from([0, 30, 60]),
    proof_of_work=st.just(ProofOfWork.OFF),
    confirm_by_code=st.booleans(),
    line=st.none(),
)
policies = st.builds(
    Policy,
    group_min=st.integers(1, 20),
    group_max=st.integers(20, 50),
    notice_hours=st.integers(0, 72),
    days_ahead=st.integers(0, 7),
    release_time=st.sampled_from([time.min, time(8), time(20)]),
    change_hours=st.just(0),
    offer_hours=st.just(24),
    confirmation=st.sampled_from(Confirmation),
    name_list=st.just(NameList.NONE),
)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """A hall with one slot within ten days of now, in the past or the future."""
    hall = draw(halls)
    programme = ProgrammeFacts(
        id=1,
        slug="tour",
        active=draw(st.booleans()),
        guides=1,
        mode=Mode.ON_SITE,
        policy=draw(policies),
        hall=hall,
    )
    starts = NOW + timedelta(hours=draw(st.integers(-30, 240)))
    slot = SlotFacts(
        id=1,
        hall_id=1,
        day=clock.local_day(starts, ZONE),
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        open=draw(st.booleans()),
        programme=programme,
        version=1,
    )
    pressure = Pressure(limit=draw(few), recent=draw(st.integers(0, 12)), braked=draw(st.booleans()))
    return Situation(now=NOW, hall=hall, slot=slot, languages=SPOKEN, pressure=pressure, kinds=KINDS)


records = st.builds(
    Record,
    placed=st.none(),
    paused_until=st.sampled_from([None, date(2026, 12, 30)]),
    open_of_phone=few,
    open_of_organisation=few,
    places_of_network=st.integers(0, 60),
    same_day=few,
)
commands = st.builds(
    PlaceBooking,
    hall_id=st.just(1),
    slot_id=st.just(1),
    organisation=st.just("岭南小学"),
    kind=st.sampled_from(["school", "individual"]),
    contact_name=st.just("何秀珍"),
    phone=st.just("+8619900001050"),
    origins=st.integers(1, 60).map(lambda people: (("440000", people),)),
    submission=st.just("a-random-text"),
    consented=st.just(True),
    programme=st.sampled_from([None, "tour", "tour", "oath"]),
    by=st.sampled_from([ORGANISER, ORGANISER, by_staff(1)]),
    over_limit=st.sampled_from([None, "the mayor"]),
    language=st.just("zh"),
    tour_language=st.sampled_from([None, *SPOKEN]),
)


def allowed(command: PlaceBooking, situation: Situation, record: Record) -> bool:
    """The hall's rules, one by one, as docs/managers.md states them."""
    slot, hall = situation.slot, situation.hall
    assert slot is not None
    policy, people = slot.programme.policy, command.visitors
    fits = command.over_limit is not None or (slot.programme.active and policy.group_min <= people <= policy.group_max)
    common = slot.open and fits and command.programme in (None, "tour")
    if not command.is_online:
        return common and slot.ends_at > NOW and record.paused_until is None
    here = clock.local(NOW, ZONE)
    ahead = policy.days_ahead - (here.time() < policy.release_time)
    in_time = slot.starts_at >= NOW + timedelta(hours=policy.notice_hours) and slot.starts_at > NOW
    in_time = in_time and slot.day <= here.date() + timedelta(days=ahead)
    individual = command.kind == "individual"
    few_enough = (
        (not hall.open_per_phone or record.open_of_phone < hall.open_per_phone)
        and (individual or not hall.open_per_organisation or record.open_of_organisation < hall.open_per_organisation)
        and (not hall.network_places or record.places_of_network + people <= hall.network_places)
    )
    pressure = situation.pressure
    calm = not pressure.limit or pressure.recent < pressure.limit * STOP_AT
    return common and in_time and few_enough and calm and record.paused_until is None


@given(commands, situations(), records)
def test_a_booking_is_taken_where_every_rule_allows_it_and_nowhere_else(
    command: PlaceBooking, situation: Situation, record: Record
) -> None:
    try:
        decide(command, situation, record)
        taken = True
    except DomainError:
        taken = False
    assert taken == allowed(command, situation, record)


def made(command: PlaceBooking, situation: Situation, record: Record) -> Placement | None:
    try:
        return decide(command, situation, record)
    except DomainError:
        return None


@given(commands, situations(), records)
def test_only_the_public_is_held_for_a_limited_time(
    command: PlaceBooking, situation: Situation, record: Record
) -> None:
    placement = made(command, situation, record)
    if placement is None:
        return
    pressed = situation.pressure.braked or situation.pressure.triggers_brake
    limited = command.is_online and (situation.hall.confirm_by_code or pressed)
    reviewed = placement.slot.programme.policy.confirmation is Confirmation.REVIEW and command.is_online
    assert (placement.held_until is not None) == limited
    assert placement.held_until is None or placement.held_until > NOW
    assert placement.state is (BookingState.REQUESTED if limited or reviewed else BookingState.CONFIRMED)
    assert placement.presses_brake == (command.is_online and situation.pressure.triggers_brake)


@given(commands, situations(), records)
def test_what_has_no_limit_refuses_nobody(command: PlaceBooking, situation: Situation, record: Record) -> None:
    """A decision that a limit allows is the same without the limit."""
    placement = made(command, situation, record)
    hall = replace(situation.hall, open_per_phone=0, open_per_organisation=0, network_places=0)
    if placement is not None:
        free = decide(command, replace(situation, hall=hall), Record())
        assert (free.state, free.held_until, free.tour_language) == (
            placement.state,
            placement.held_until,
            placement.tour_language,
        )


def _simple() -> tuple[PlaceBooking, Situation]:
    hall = HallFacts(
        id=1,
        time_zone=ZONE,
        language_codes=("zh",),
        large_group_max=0,
        region=Region(),
        open_per_phone=1,
        open_per_organisation=0,
        brake_per_hour=0,
        brake_hold_hours=1,
        network_places=0,
        proof_of_work=ProofOfWork.OFF,
        confirm_by_code=False,
        access_offered=(),
        origins=get_set(1, "cn", "440000"),
        line=None,
    )
    policy = Policy(
        group_min=8,
        group_max=50,
        notice_hours=2,
        days_ahead=7,
        release_time=time.min,
        change_hours=0,
        offer_hours=24,
        confirmation=Confirmation.AT_ONCE,
        name_list=NameList.NONE,
    )
    programme = ProgrammeFacts(id=1, slug="tour", active=True, guides=1, mode=Mode.ON_SITE, policy=policy, hall=hall)
    starts = datetime(2026, 12, 3, 2, tzinfo=UTC)
    slot = SlotFacts(
        id=1,
        hall_id=1,
        day=date(2026, 12, 3),
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        open=True,
        programme=programme,
        version=1,
    )
    command = PlaceBooking(
        hall_id=1,
        slot_id=1,
        organisation="岭南小学",
        kind="school",
        contact_name="何秀珍",
        phone="+8619900001050",
        origins=(("440000", 20),),
        submission="x",
        consented=True,
    )
    return command, Situation(now=NOW, hall=hall, slot=slot, languages=SPOKEN, pressure=Pressure(), kinds=KINDS)


def test_the_reason_of_a_refusal_is_the_right_one() -> None:
    command, situation = _simple()
    assert decide(command, situation, Record()).tour_language is TourLanguage.MANDARIN
    with pytest.raises(NotOnline):
        decide(command, situation, Record(open_of_phone=1))
    with pytest.raises(SlotUnknown):
        decide(command, replace(situation, slot=None), Record())
    with pytest.raises(TourLanguageNeeded):
        decide(command, replace(situation, languages=(TourLanguage.FRENCH,)), Record())
