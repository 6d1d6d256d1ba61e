"""The muster list: each group inside with its people, contact and guide, and nobody who has left."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from hallapp.accounts.roles import Role
from hallapp.presence.inside import get_inside
from hallapp.presence.muster import get_muster
from tests.desk.conftest import NOW, admit, admit_walk_in, take_back
from tests.presence.test_presence import clock, counter, send, set_presence

pytestmark = pytest.mark.either_database
__all__ = ["clock", "counter"]


def listed(counter: SimpleNamespace) -> list[int]:
    return [line.people for line in get_muster(counter.hall).inside]


def test_groups_that_left_are_not_on_the_list(counter: SimpleNamespace) -> None:
    assert "No group is inside now" in counter.client.get("/desk/muster?lang=en").text
    admit(counter)
    admit_walk_in(counter, {"440000": 5})
    assert sorted(listed(counter)) == [5, 40]
    send(counter, code=counter.code, visitors=10)
    assert sorted(listed(counter)) == [5, 30]
    page = counter.client.get("/desk/muster?lang=en").text
    assert "35 people inside" in page
    assert counter.booking.organisation in page
    assert f'href="tel:{counter.booking.phone}"' in page
    send(counter, visitors=3)  # of no group: nobody knows whose line to shorten
    assert sorted(listed(counter)) == [5, 30]
    assert "3 people left without a named group" in counter.client.get("/desk/muster?lang=en").text
    send(counter, code=counter.code)
    assert listed(counter) == [5]


def test_hall_that_records_no_departures_lists_earlier_groups_apart(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    set_presence(counter, counts_leaving=False)
    admit(counter)
    assert listed(counter) == [40]
    clock.shift(timedelta(hours=6))
    muster = get_muster(counter.hall)
    assert (list(muster.inside), [line.people for line in muster.earlier]) == ([], [40])
    assert counter.booking.organisation in counter.client.get("/desk/muster?lang=en").text


def test_admission_that_was_taken_back_does_not_make_a_group_earlier(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    set_presence(counter, counts_leaving=False)
    mistaken = admit(counter)
    take_back(counter, mistaken.event_id)
    clock.shift(timedelta(minutes=100))
    admit(counter, role=Role.MANAGER, reason="late bus")
    (line,) = get_muster(counter.hall).inside
    assert (line.people, line.since) == (40, NOW + timedelta(minutes=100))


def test_group_is_inside_until_the_time_of_its_last_people_is_over(
    counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    set_presence(counter, counts_leaving=False)
    admit(counter, counts={"440000": 10})
    clock.shift(timedelta(minutes=80))
    admit(counter, counts={"440000": 28})
    clock.shift(timedelta(minutes=20))
    (line,) = get_muster(counter.hall).inside
    assert (line.people, line.since) == (38, NOW)
    assert get_inside(counter.hall).people == 28
    clock.shift(timedelta(minutes=70))
    assert [line.people for line in get_muster(counter.hall).earlier] == [38]
