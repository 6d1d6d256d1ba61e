"""Admissions: numbers, parts, repeats, and every refusal."""

import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.desk import errors, load, queries, service
from hallapp.desk.service import Admit, Outcome
from hallapp.ledger.models import Arrival, DeskEvent, WalkIn
from tests import factories
from tests.desk.conftest import (
    GUANGZHOU,
    KEYS,
    NOW,
    TODAY,
    admit,
    admit_walk_in,
    code_of,
    make_booking,
    summaries,
    take_back,
)


def numbers(done: object) -> tuple[int, int, int]:
    return done.group.booked, done.group.arrived, done.group.to_come


@pytest.mark.either_database
def test_admit_counts_everybody_who_is_booked(counter: SimpleNamespace) -> None:
    done = admit(counter)
    assert (done.outcome, dict(done.counts), numbers(done)) == (
        Outcome.ADMITTED,
        {"440000": 38, "430000": 2},
        (40, 40, 0),
    )
    assert summaries(counter) == (
        {("11-21", "440000"): (38, 1), ("11-21", "430000"): (2, 1)},
        {"11-21": (40, 1)},
    )


@pytest.mark.parametrize("tidy", [str.lower, str.upper, lambda code: code.rsplit("/", 1)[1]])
def test_admit_reads_the_code_as_scanners_send_it(counter: SimpleNamespace, tidy) -> None:
    assert admit(counter, code=tidy(counter.code)).visitors == 40


def test_admit_reads_a_reference_as_people_type_it(counter: SimpleNamespace) -> None:
    reference = counter.booking.reference
    assert admit(counter, code=f" {reference[:4].lower()}-{reference[4:]} ").visitors == 40


@pytest.mark.either_database
def test_part_late_and_extra_people_are_further_arrivals(counter: SimpleNamespace) -> None:
    assert numbers(admit(counter, counts={"440000": 33})) == (40, 33, 7)
    assert numbers(admit(counter, counts={"440000": 2, "430000": 0})) == (40, 35, 5)
    rest = admit(counter)
    assert (dict(rest.counts), numbers(rest)) == ({"440000": 3, "430000": 2}, (40, 40, 0))
    extra = admit(counter, counts={"110000": 4}, known_to_come=rest.group.known_to_come)
    assert numbers(extra) == (40, 44, 0)
    assert [(o.division, o.booked, o.arrived, o.to_come) for o in extra.group.origins] == [
        ("110000", 0, 4, 0),
        ("430000", 2, 2, 0),
        ("440000", 38, 38, 0),
    ]
    assert summaries(counter)[1] == {"11-21": (44, 1)}


def test_people_of_another_division_fill_places_too(counter: SimpleNamespace) -> None:
    done = admit(counter, counts={"440000": 36, "110000": 4})
    assert numbers(done) == (40, 40, 0)
    assert sum(origin.to_come for origin in done.group.origins) == 0
    with pytest.raises(errors.AlreadyArrived):
        admit(counter)


@pytest.mark.either_database
def test_same_event_again_answers_with_the_numbers_of_then(counter: SimpleNamespace) -> None:
    event_id = str(uuid4())
    first = admit(counter, event_id=event_id, counts={"440000": 30})
    admit(counter)
    again = admit(counter, event_id=event_id, counts={"440000": 30})
    assert again.outcome is Outcome.REPEATED
    assert (again.counts, numbers(again), again.occurred_at) == (first.counts, numbers(first), first.occurred_at)
    assert summaries(counter)[1] == {"11-21": (40, 1)}


def test_same_event_again_is_a_repeat_after_the_booking_was_cancelled(counter: SimpleNamespace) -> None:
    event_id = str(uuid4())
    admit(counter, event_id=event_id)
    with transaction():
        db.session.execute(update(Booking).values(state=BookingState.CANCELLED))
    again = admit(counter, event_id=event_id)
    assert (again.outcome, numbers(again)) == (Outcome.REPEATED, (40, 40, 0))


@pytest.mark.either_database
def test_event_id_of_another_group_is_never_taken_for_its_repeat(counter: SimpleNamespace) -> None:
    with transaction():
        other = code_of(make_booking(counter.programme, day=TODAY + timedelta(days=1)))
        today = code_of(factories.booking(slot=counter.booking.slot, origins={"110000": 9}))
    first = admit(counter)
    with pytest.raises(errors.EventIdUsed):
        admit(counter, event_id=first.event_id, code=today)
    with pytest.raises(errors.AnotherDay):
        admit(counter, event_id=first.event_id, code=other)
    with pytest.raises(errors.EventIdUsed):
        admit_walk_in(counter, {"110000": 9}, event_id=first.event_id)
    walk_in = admit_walk_in(counter, {"110000": 9})
    with pytest.raises(errors.EventIdUsed):
        admit(counter, event_id=walk_in.event_id, code=today)
    assert summaries(counter)[1] == {f"{TODAY:%m-%d}": (49, 2)}


def test_same_event_again_is_a_repeat_after_the_pass_was_replaced(counter: SimpleNamespace) -> None:
    first = admit(counter)
    with transaction():
        code_of(db.session.get_one(Booking, counter.booking.id))
    assert admit(counter, event_id=first.event_id).outcome is Outcome.REPEATED


@pytest.mark.either_database
def test_same_event_id_in_another_hall_is_another_event(counter: SimpleNamespace) -> None:
    event_id = str(uuid4())
    admit(counter, event_id=event_id)
    with transaction():
        hall = factories.hall()
        booking = make_booking(factories.programme(hall=hall), day=TODAY)
        other = SimpleNamespace(hall=hall, desk=factories.staff(hall=hall), code=code_of(booking))
    assert admit(other, event_id=event_id).outcome is Outcome.ADMITTED


def test_event_id_of_a_take_back_is_refused(counter: SimpleNamespace) -> None:
    own_id = str(uuid4())
    take_back(counter, admit(counter).event_id, own_id=own_id)
    with pytest.raises(errors.EventIdUsed):
        admit(counter, event_id=own_id)


def refusal(counter: SimpleNamespace, **values: object) -> errors.Refusal:
    with pytest.raises(errors.Refusal) as caught:
        admit(counter, **values)
    assert db.session.scalar(select(func.count()).select_from(DeskEvent)) == 0
    return caught.value


def test_a_slip_in_a_reference_is_named_as_one(counter: SimpleNamespace) -> None:
    right = counter.booking.reference
    slip = right[:-1] + ("2" if right[-1] != "2" else "3")
    found = refusal(counter, code=slip)
    assert (found.code, found.status, found.group) == ("invalid_reference", 422, None)


@pytest.mark.either_database
@pytest.mark.parametrize("code", ["HTTPS://WEIXIN.QQ.COM/T/ABCDEFGHABCDEFGHABCDEFGHABCDEFGH", "老年大学", "1050"])
def test_what_is_no_pass_is_unknown(counter: SimpleNamespace, code: str) -> None:
    found = refusal(counter, code=code)
    assert (found.code, found.status) == ("unknown", 409)


def test_nothing_scanned_is_unreadable(counter: SimpleNamespace) -> None:
    assert refusal(counter, code=" ").code == "invalid_code"


@pytest.mark.parametrize("replaced", [False, True])
def test_a_pass_of_another_hall_is_refused_and_shows_nothing(counter: SimpleNamespace, replaced: bool) -> None:
    with transaction():
        booking = make_booking(factories.programme(hall=factories.hall()), day=TODAY)
        code = code_of(booking)
        if replaced:
            code_of(booking)
    found = refusal(counter, code=code)
    assert (found.code, found.group, found.params) == ("other_hall", None, {})


def test_a_reference_of_another_hall_is_unknown(counter: SimpleNamespace) -> None:
    with transaction():
        booking = make_booking(factories.programme(hall=factories.hall()), day=TODAY)
    assert refusal(counter, code=booking.reference).code == "unknown"


def test_a_replaced_pass_is_refused_and_the_newest_admits(counter: SimpleNamespace) -> None:
    with transaction():
        newest = code_of(counter.booking)
    assert refusal(counter).code == "replaced"
    assert admit(counter, code=newest).visitors == 40


def cancel(counter: SimpleNamespace) -> None:
    with transaction():
        db.session.execute(update(Booking).values(state=BookingState.CANCELLED))


def test_a_cancelled_booking_is_refused(counter: SimpleNamespace) -> None:
    cancel(counter)
    found = refusal(counter)
    assert (found.code, found.status, found.overridable) == ("cancelled", 409, True)
    assert found.group.booking.id == counter.booking.id


def test_another_day_is_refused_and_says_which(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(days=1))
    found = refusal(counter)
    assert (found.code, found.overridable, found.group.booking.slot.day) == ("another_day", True, TODAY)


def test_only_a_manager_admits_with_a_reason(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(days=1))
    found = refusal(counter, reason="大巴故障")
    assert (found.code, found.status) == ("manager_needed", 403)


def test_a_managers_reason_is_kept_and_audited(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    clock.move_to(NOW + timedelta(days=1))
    done = admit(counter, role=Role.MANAGER, reason="大巴故障")
    stored = db.session.scalars(select(DeskEvent)).one()
    assert (stored.override, stored.reason, stored.event_id) == ("another_day", "大巴故障", done.event_id)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.staff_id, entry.subject, entry.detail) == (
        "admitted_against_rule",
        counter.manager.id,
        f"booking {counter.booking.id}",
        {"rule": "another_day", "event": done.event_id},
    )
    assert summaries(counter)[1] == {"11-22": (40, 1)}


def test_a_reason_that_is_not_needed_is_not_kept(counter: SimpleNamespace) -> None:
    admit(counter, role=Role.MANAGER, reason="大巴故障")
    stored = db.session.scalars(select(DeskEvent)).one()
    assert (stored.override, stored.reason) == (None, None)
    assert db.session.scalars(select(AuditEntry)).all() == []


def test_a_full_group_is_refused_with_its_numbers(counter: SimpleNamespace) -> None:
    admit(counter)
    with pytest.raises(errors.AlreadyArrived) as caught:
        admit(counter)
    assert (caught.value.group.arrived, caught.value.group.last_admitted_at) == (40, NOW)


@pytest.mark.parametrize(
    "counts",
    [{}, {"440000": 0}, {"440000": -1}, {"440000": 5, "430000": -5}, {"999999": 1}, {"440000": 600, "430000": 400}],
)
def test_counts_that_make_no_sense_are_refused(counter: SimpleNamespace, counts: dict[str, int]) -> None:
    found = refusal(counter, counts=counts)
    assert (found.code, found.status) == ("invalid_counts", 422)


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (-timedelta(minutes=5, seconds=1), "time_in_future"),
        (timedelta(days=7, seconds=1), "time_too_old"),
    ],
)
def test_a_time_out_of_reason_is_refused(counter: SimpleNamespace, age: timedelta, code: str) -> None:
    found = refusal(counter, occurred_at=NOW - age)
    assert (found.code, found.status) == (code, 422)


@pytest.mark.either_database
def test_half_past_midnight_on_the_first_is_the_new_month(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    first = NOW.replace(month=12, day=1, hour=0, minute=30)
    clock.move_to(first)
    with transaction():
        code = code_of(make_booking(counter.programme, day=first.date()))
    admit(counter, code=code)
    admit_walk_in(counter, {"650000": 3})
    admit_walk_in(counter, {"650000": 1}, occurred_at=first - timedelta(minutes=31))
    assert summaries(counter)[1] == {"12-01": (43, 2), "11-30": (1, 1)}


def test_walk_in_of_individuals(counter: SimpleNamespace) -> None:
    done = admit_walk_in(counter, {"440000": 2, "overseas": 1})
    assert (done.outcome, numbers(done), done.group.walk_in.organisation) == (Outcome.ADMITTED, (0, 3, 0), "")
    assert summaries(counter) == (
        {("11-21", "440000"): (2, 1), ("11-21", "overseas"): (1, 1)},
        {"11-21": (3, 1)},
    )


@pytest.mark.either_database
def test_walk_in_sent_again_is_one_walk_in(counter: SimpleNamespace) -> None:
    event_id = str(uuid4())
    admit_walk_in(counter, {"440000": 2}, event_id=event_id)
    assert admit_walk_in(counter, {"440000": 2}, event_id=event_id).outcome is Outcome.REPEATED
    assert db.session.scalar(select(func.count()).select_from(WalkIn)) == 1


def test_walk_in_to_a_programme_that_is_not_offered_here_is_refused(counter: SimpleNamespace) -> None:
    with transaction():
        elsewhere = factories.programme(hall=factories.hall())
        ended = factories.programme(hall=counter.hall, active=False)
    for programme in (elsewhere, ended):
        with pytest.raises(errors.InvalidWalkIn):
            admit_walk_in(counter, {"440000": 1}, programme=programme.slug)


def test_take_back_stands_on_the_day_of_the_mistake(counter: SimpleNamespace, clock: time_machine.Traveller) -> None:
    admit(counter, counts={"440000": 33})
    wrong = admit(counter, counts={"440000": 2, "430000": 2})
    clock.move_to(NOW + timedelta(days=3))
    done = take_back(counter, wrong.event_id)
    assert (done.outcome, dict(done.counts), numbers(done)) == (
        Outcome.TAKEN_BACK,
        {"440000": -2, "430000": -2},
        (40, 33, 7),
    )
    assert summaries(counter) == ({("11-21", "440000"): (33, 1)}, {"11-21": (33, 1)})


@pytest.mark.either_database
def test_take_back_of_everything_takes_the_group_back(counter: SimpleNamespace) -> None:
    take_back(counter, admit(counter).event_id)
    assert summaries(counter) == ({}, {})
    again = admit(counter)
    assert (again.outcome, numbers(again)) == (Outcome.ADMITTED, (40, 40, 0))
    assert summaries(counter)[1] == {"11-21": (40, 1)}


@pytest.mark.either_database
def test_take_back_again_changes_nothing(counter: SimpleNamespace) -> None:
    event_id, own_id = admit(counter).event_id, str(uuid4())
    take_back(counter, event_id, own_id=own_id)
    assert take_back(counter, event_id, own_id=own_id).outcome is Outcome.REPEATED
    with pytest.raises(errors.AlreadyTakenBack):
        take_back(counter, event_id)
    assert db.session.scalar(select(func.sum(Arrival.visitors))) == 0


def test_take_back_of_a_take_back_is_refused(counter: SimpleNamespace) -> None:
    undone = take_back(counter, admit(counter).event_id)
    with pytest.raises(errors.NotAnAdmission):
        take_back(counter, undone.event_id)


def test_take_back_of_another_halls_event_is_refused(counter: SimpleNamespace) -> None:
    event_id = admit(counter).event_id
    with transaction():
        hall = factories.hall()
        other = SimpleNamespace(hall=hall, desk=factories.staff(hall=hall))
    with pytest.raises(errors.UnknownEvent):
        take_back(other, event_id)
    assert summaries(counter)[1] == {"11-21": (40, 1)}


def test_take_back_of_a_walk_in(counter: SimpleNamespace) -> None:
    done = take_back(counter, admit_walk_in(counter, {"440000": 2}).event_id)
    assert (done.outcome, numbers(done)) == (Outcome.TAKEN_BACK, (0, 0, 0))
    assert summaries(counter) == ({}, {})


@pytest.mark.either_database
@pytest.mark.parametrize("origins", [{"440000": 40}, {"440000": 30, "430000": 5, "110000": 3, "overseas": 2}])
def test_an_admission_costs_so_many_statements(counter: SimpleNamespace, origins: dict[str, int]) -> None:
    with transaction():
        code = code_of(make_booking(factories.programme(hall=counter.hall), day=TODAY, origins=origins))
    command = Admit(hall_id=counter.hall.id, staff_id=counter.desk.id, role=Role.DESK, event_id=str(uuid4()), code=code)
    load.get_hall(counter.hall.id)  # its rules are held in the process from now on
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(re.sub(r"(INSERT INTO|UPDATE)? ?(\w+).*", r"\1 \2", statement, flags=re.DOTALL).strip())

    event.listen(db.engine, "before_cursor_execute", note)
    with transaction():
        service.admit(command, keys=KEYS)
    event.remove(db.engine, "before_cursor_execute", note)
    locks = [] if db.engine.dialect.name == "sqlite" else ["SELECT"]
    statements = [one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]
    assert statements == [
        *("SELECT", "SELECT", *locks, "SELECT"),  # the pass, the booking, the events of the group
        *("INSERT INTO desk_event", "INSERT INTO arrival", "UPDATE booking"),
        *("SELECT", "INSERT INTO first_visit"),  # of an organisation that is new
        # the rows for which desks wait, last of all
        *(("INSERT INTO figure", "INSERT INTO division_summary") if not locks else ("WITH",)),
    ]


def test_a_fast_clock_before_midnight_counts_nobody_on_the_next_day(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    """In the last minutes of a month, four minutes would move people into the next one."""
    clock.move_to(datetime(2026, 11, 30, 23, 57, tzinfo=GUANGZHOU))
    done = admit_walk_in(counter, {"440000": 3}, occurred_at=datetime(2026, 12, 1, 0, 1, tzinfo=GUANGZHOU))
    assert done.occurred_at == datetime(2026, 11, 30, 23, 57, tzinfo=GUANGZHOU)
    assert summaries(counter)[1] == {"11-30": (3, 1)}


def test_people_with_a_booking_for_today_who_came_on_another_day_are_told_apart(
    counter: SimpleNamespace, clock: time_machine.Traveller, client: FlaskClient
) -> None:
    clock.move_to(NOW - timedelta(days=1))
    admit(counter, role=Role.MANAGER, reason="came a day early")
    clock.move_to(NOW)
    admit_walk_in(counter, {"440000": 5})
    day = queries.get_day(counter.hall.id, TODAY)
    assert (day.expected, day.arrived_of_booked, day.to_come, day.besides, day.arrived) == (40, 40, 0, 5, 5)
    assert day.arrived_of_booked + day.besides == day.arrived + day.other_days
    client.sign_in(counter.manager)
    for path in ("/desk?lang=en", "/today?lang=en"):
        page = client.get(path).text
        assert "40 people with a booking for today arrived on another day and count there." in page
