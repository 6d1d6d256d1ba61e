"""Large groups: proposals by the room that there is, and all parts or none."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from hallapp.booking import queries, service, splitting
from hallapp.booking.commands import split_origins
from hallapp.booking.errors import GroupTooLarge, PartFull, PartsNeeded, PartsWrong
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.recount import recount
from hallapp.booking.splitting import Proposal
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Mode, Slot
from tests import factories
from tests.booking.helpers import command


@pytest.fixture
def day(app: Flask) -> SimpleNamespace:
    """A hall that takes up to 160 people in parts: a tour at three times, and a free visit and a talk beside it."""
    with transaction():
        hall = factories.hall(large_group_max=160)
        tour = factories.programme(hall=hall, position=0)
        visit = factories.programme(hall=hall, position=1, guides=0, group_max=80)
        online = factories.programme(hall=hall, position=2, guides=0, mode=Mode.ONLINE)
        times = [
            factories.slot(programme=tour, starts=time(hour), visitor_capacity=50, guide_capacity=1)
            for hour in (9, 11, 14)
        ]
        beside = factories.slot(programme=visit, starts=time(9), visitor_capacity=80)
        factories.slot(programme=online, starts=time(9), visitor_capacity=500)
    return SimpleNamespace(hall=hall, tour=tour, times=times, beside=beside)


def offers(day: SimpleNamespace, people: int, wanted: Slot | None = None) -> list[Proposal]:
    db.session.expire_all()
    slots = schedule.list_slots_of_days(day.hall.id, {day.times[0].day})[day.times[0].day]
    return splitting.propose(slots, day.tour, people, wanted=wanted, is_offered=lambda slot: slot.open)


def shapes(proposals: Sequence[Proposal]) -> list[list[tuple[int, int]]]:
    """The hour and the people of each part."""
    return [[(part.slot.starts_at.hour + 8, part.people) for part in one.parts] for one in proposals]


def test_a_group_is_offered_parts_at_one_time_or_one_after_the_other(day: SimpleNamespace) -> None:
    assert shapes(offers(day, 120)) == [[(9, 50), (9, 70)], [(9, 40), (11, 40), (14, 40)]]
    assert shapes(offers(day, 140)) == [[(9, 47), (11, 47), (14, 46)]]
    assert offers(day, 151) == []


def test_the_room_of_guides_and_of_people_inside_limits_the_parts(day: SimpleNamespace) -> None:
    with transaction():
        day.times[0].guide_capacity, day.times[0].visitor_capacity = 3, 150
    assert shapes(offers(day, 120, wanted=day.times[0]))[0] == [(9, 40), (9, 40), (9, 40)]
    with transaction():
        for slot in (*day.times, day.beside):
            slot.guides_on_duty, slot.inside_capacity = 2, 100
    assert [(9, 40), (9, 40), (9, 40)] not in shapes(offers(day, 120))
    assert all(sum(n for hour, n in shape if hour == 9) <= 100 for shape in shapes(offers(day, 120)))


@given(
    people=st.integers(51, 400),
    capacities=st.lists(st.integers(0, 120), min_size=1, max_size=6),
    guides=st.integers(1, 3),
    least=st.sampled_from([8, 30, 45]),
)
def test_a_proposal_fits_its_room_and_holds_everybody(
    people: int, capacities: list[int], guides: int, least: int
) -> None:
    policy = SimpleNamespace(group_min=least, group_max=50)
    programme = SimpleNamespace(id=1, guides=1, mode=Mode.ON_SITE, policy=policy)
    hours = range(8, 8 + len(capacities))
    slots = [
        SimpleNamespace(
            **{
                "id": hour,
                "programme_id": 1,
                "programme": programme,
                "visitor_capacity": capacity,
                "visitors_booked": 0,
            },
            **{"guide_capacity": guides, "guides_booked": 0, "inside_capacity": None, "guides_on_duty": None},
            **{"starts_at": at(hour), "ends_at": at(hour + 1), "open": True},
        )
        for hour, capacity in zip(hours, capacities, strict=True)
    ]
    found = splitting.propose(slots, programme, people, wanted=None, is_offered=lambda slot: True)  # type: ignore[arg-type]
    for proposal in found:
        assert splitting.read(proposal.value) == tuple((part.slot.id, part.people) for part in proposal.parts)
        assert sum(part.people for part in proposal.parts) == people
        assert all(least <= part.people <= 50 for part in proposal.parts)
        for slot in slots:
            mine = [part.people for part in proposal.parts if part.slot is slot]
            assert sum(mine) <= slot.visitor_capacity and len(mine) <= guides
    fits = sum(_holds(capacity, guides) for capacity in capacities)
    assert bool(found) == (fits >= people) or least > 8  # a part may have to be larger than what is left


def _holds(capacity: int, guides: int) -> int:
    held = 0
    for _guide in range(guides):
        part = min(50, capacity - held)
        held += part if part >= 8 else 0
    return held


def at(hour: int) -> datetime:
    return datetime(2026, 12, 5, hour, tzinfo=UTC)


@given(
    origins=st.lists(st.integers(1, 90), min_size=1, max_size=6),
    cuts=st.lists(st.integers(1, 60), min_size=1, max_size=8),
)
def test_people_are_divided_without_loss_and_kept_together(origins: list[int], cuts: list[int]) -> None:
    people = sum(origins)
    sizes = []
    for cut in cuts:
        sizes.append(min(cut, people - sum(sizes)))
    sizes[-1] += people - sum(sizes)
    given_ = tuple((f"{number:06}", count) for number, count in enumerate(origins))
    parts = split_origins(given_, sizes)
    assert [sum(count for _, count in part) for part in parts] == sizes
    assert {code: sum(n for part in parts for each, n in part if each == code) for code, _ in given_} == dict(given_)
    assert sum(len(part) for part in parts) < len(origins) + len(sizes)


@pytest.mark.parametrize(
    "text", ["", "12", "12*40", "12*40+", "12*40+13", "12*0+13*9", "x*1+2*3", "1*２+2*3", "1*1+" * 40]
)
def test_what_is_no_list_of_parts_is_read_as_none(text: str) -> None:
    assert splitting.read(text) == ()


@pytest.mark.either_database
def test_all_parts_are_booked_together_or_none(day: SimpleNamespace) -> None:
    parts = tuple((slot.id, 40) for slot in day.times)
    group = command(day.times[0], origins=(("440000", 70), ("430000", 50)), parts=parts)
    with transaction():
        first = service.place(group)
    booked = queries.list_parts(first)
    assert [(one.visitors, {o.division: o.visitors for o in one.origins}) for one in booked] == [
        (40, {"440000": 40}),
        (40, {"440000": 30, "430000": 10}),
        (40, {"430000": 40}),
    ]
    with transaction():
        assert service.place(group).id == first.id  # the same submit again

    other = command(
        day.times[0], origins=(("440000", 60),), submission="other", phone="+8619900001051", organisation="另一个团队",
        parts=((day.beside.id, 40), (day.times[2].id, 20)), programme=None,
    )  # fmt: skip
    with pytest.raises(DomainError) as refused, transaction():
        service.place(other)
    assert refused.value.code == "part_full"
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Booking)) == 3
    assert len({one.party for one in booked}) == 1
    assert first.party is not None
    assert [slot.visitors_booked for slot in (*day.times, day.beside)] == [40, 40, 40, 0]
    with transaction():
        assert recount(day.hall.id) == []


@pytest.mark.parametrize(
    ("people", "parts", "error"),
    [
        (120, ((0, 60), (1, 60)), PartsNeeded),  # each part is a group of its programme
        (120, ((0, 50), (1, 50)), PartsWrong),  # twenty people have no part
        (40, ((0, 20), (1, 20)), PartsWrong),  # one time is enough
        (161, ((0, 50), (1, 50), (2, 61)), GroupTooLarge),
        (120, (), PartsNeeded),
        (161, (), GroupTooLarge),
        (110, ((0, 50), (0, 50), (1, 10)), PartFull),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    day: SimpleNamespace, people: int, parts: tuple[tuple[int, int], ...], error: type[DomainError]
) -> None:
    given_ = tuple((day.times[number].id, n) for number, n in parts)
    with pytest.raises(error), transaction():
        service.place(command(day.times[0], origins=(("440000", people),), parts=given_))


def test_a_hall_without_the_rule_takes_no_large_group(day: SimpleNamespace) -> None:
    with transaction():
        day.hall.large_group_max = 0
    for parts in ((), tuple((slot.id, 40) for slot in day.times)):
        with pytest.raises(GroupTooLarge) as refused, transaction():
            service.place(command(day.times[0], origins=(("440000", 120),), parts=parts))
        assert refused.value.params["most"] == 50


def test_a_large_group_is_one_open_booking_of_its_phone(day: SimpleNamespace) -> None:
    with transaction():
        day.hall.open_per_phone = 2
    with transaction():
        service.place(command(day.times[0], origins=(("440000", 120),), parts=tuple((s.id, 40) for s in day.times)))
    with transaction():
        again = service.place(command(day.beside, submission="second"))
    assert again.state is BookingState.CONFIRMED
