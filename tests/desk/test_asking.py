"""Numbers of people that are asked about: old cards of two desks, and more people than anybody expected."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from hallapp.core.database import db, transaction
from hallapp.desk import errors
from hallapp.desk.commands import Outcome
from hallapp.desk.models import ConflictReason
from hallapp.kiosk import service as kiosk
from hallapp.paper import service as paper
from hallapp.schedule.models import Hall
from tests.desk.conftest import KEYS, NOW, admit, admit_walk_in, summaries
from tests.desk.test_merging import bring, open_people, people

WHOLE = {"440000": 38, "430000": 2}
CARD = WHOLE  # what a card of the untouched group knows to be still to come


@pytest.fixture
def desk(client: FlaskClient, counter: SimpleNamespace) -> FlaskClient:
    client.sign_in(counter.desk)
    client.get("/desk?lang=en")
    return client


def press(desk: FlaskClient, counter: SimpleNamespace, counts: Mapping[str, int], **more: Any) -> dict[str, Any]:
    """Send an admission as JSON; gives the answer."""
    sent = {"event_id": str(uuid4()), "code": counter.booking.reference, "counts": dict(counts), **more}
    answer: dict[str, Any] = desk.send_json("/desk/arrivals", sent).get_json()
    return answer


def test_second_desk_on_its_older_card_is_asked_and_counts_nobody_meanwhile(
    desk: FlaskClient, counter: SimpleNamespace
) -> None:
    assert press(desk, counter, WHOLE, known_to_come=CARD, device="Gate")["outcome"] == "admitted"
    event = {"event_id": str(uuid4())}
    asked = press(desk, counter, WHOLE, known_to_come=CARD, **event)
    assert (asked["outcome"], asked["reason"], asked["confirmable"]) == ("refused", "counted_meanwhile", True)
    assert (
        asked["message"].startswith("40 people of this group have already been admitted, the last of them at 09:40 (")
        and "Gate)" in asked["message"]
    )
    assert asked["confirm"] == {"sure": 40, "known_to_come": {"430000": 0, "440000": 0}}
    assert people(counter) == 40
    assert press(desk, counter, WHOLE, **event, **asked["confirm"])["outcome"] == "admitted"
    assert press(desk, counter, WHOLE, **event, **asked["confirm"])["outcome"] == "repeated"
    assert people(counter) == 80 and open_people(counter) == {}


def test_answer_holds_only_for_what_was_asked(desk: FlaskClient, counter: SimpleNamespace) -> None:
    press(desk, counter, {"440000": 20}, known_to_come=CARD)
    asked = press(desk, counter, WHOLE, known_to_come=CARD)
    assert asked["confirm"]["known_to_come"] == {"430000": 2, "440000": 18}
    press(desk, counter, {"440000": 18}, known_to_come={"430000": 2, "440000": 18})  # a third desk, before the answer
    assert press(desk, counter, WHOLE, **asked["confirm"])["reason"] == "counted_meanwhile"
    assert people(counter) == 38


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"440000": 10}, {"440000": 38}),
        ({"440000": 38}, {"440000": 38, "430000": 2}),
        (WHOLE, {"110000": 40}),  # their place of origin was corrected: they are the same people
        ({"110000": 40}, WHOLE),
        ({"430000": 2}, {"430000": 2}),  # the group has room, but these two are in
    ],
)
def test_whatever_two_cards_share_is_asked_about(
    counter: SimpleNamespace, first: dict[str, int], second: dict[str, int]
) -> None:
    admit(counter, counts=first, known_to_come=CARD)
    before = people(counter)
    with pytest.raises(errors.CountedMeanwhile):
        admit(counter, counts=second, known_to_come=CARD)
    assert people(counter) == before


@pytest.mark.parametrize(
    ("first", "second"),
    [({"440000": 20}, {"440000": 18, "430000": 2}), ({"440000": 1}, {"440000": 37}), ({"110000": 2}, {"440000": 38})],
)
def test_parts_that_fit_together_are_not_asked_about(
    counter: SimpleNamespace, first: dict[str, int], second: dict[str, int]
) -> None:
    admit(counter, counts=first, known_to_come=CARD)
    assert admit(counter, counts=second, known_to_come=CARD).outcome is Outcome.ADMITTED
    assert people(counter) == sum(first.values()) + sum(second.values())


def test_program_that_knows_no_cards_is_asked_beyond_those_to_come(desk: FlaskClient, counter: SimpleNamespace) -> None:
    assert press(desk, counter, {"440000": 30, "110000": 4})["outcome"] == "admitted"
    asked = press(desk, counter, {"440000": 7})
    assert (asked["outcome"], asked["reason"]) == ("refused", "counted_meanwhile")
    assert press(desk, counter, {"440000": 6})["outcome"] == "admitted"
    assert press(desk, counter, {"440000": 2}, **{"known_to_come": {"440000": 0}})["outcome"] == "admitted"
    assert people(counter) == 42


def test_more_than_expected_from_the_first_is_asked_in_other_words(desk: FlaskClient, counter: SimpleNamespace) -> None:
    asked = press(desk, counter, {"440000": 41})
    assert (asked["reason"], asked["message"]) == (
        "more_than_expected",
        "40 people of this group have not arrived yet. Have 41 arrived now?",
    )
    assert press(desk, counter, {"440000": 41}, **asked["confirm"])["group"]["arrived"] == 41


@pytest.mark.parametrize("known", [{"440000": -1}, {"mars": 1}, {"440000": "x"}, [1], 7, "440000", "440000:x"])
def test_known_that_cannot_be_read_is_refused(desk: FlaskClient, counter: SimpleNamespace, known: Any) -> None:
    assert press(desk, counter, WHOLE, known_to_come=known)["reason"] == "invalid_counts"


def test_kiosk_then_desk_and_desk_then_kiosk(app: Flask, counter: SimpleNamespace) -> None:
    let_in = {"hall_id": counter.hall.id, "staff_id": counter.desk.id, "code": counter.code, "counts": WHOLE}
    with transaction():
        kiosk.let_in(kiosk.LetIn(**let_in, event_id=str(uuid4())), keys=KEYS)
    with pytest.raises(errors.CountedMeanwhile):
        admit(counter, counts=WHOLE, known_to_come=CARD)
    with pytest.raises(kiosk.errors.ForTheCounter), transaction():
        kiosk.let_in(kiosk.LetIn(**let_in, event_id=str(uuid4())), keys=KEYS)
    assert people(counter) == 40


def test_paper_that_was_looked_at_before_a_desk_acted_is_asked_again(counter: SimpleNamespace) -> None:
    admit(counter)
    noted = paper.Noted(
        hall_id=counter.hall.id,
        staff_id=counter.desk.id,
        role="desk",
        event_id=str(uuid4()),
        occurred_at=NOW,
        counts=WHOLE,
        booking_id=counter.booking.id,
        known_to_come=CARD,
    )
    with pytest.raises(errors.CountedMeanwhile), transaction():
        paper.enter(noted)
    assert people(counter) == 40


def test_plain_form_asks_and_yes_is_one_button(desk: FlaskClient, counter: SimpleNamespace) -> None:
    page = desk.submit("/desk/lookup", {"q": counter.code}).text
    sent = _form(page, 'data-act="admit"')
    admit(counter, device="Gate")
    page = desk.submit("/desk/arrivals", sent).text
    assert 'data-reason="counted_meanwhile"' in page and "Are these 40 more people?" in page
    assert people(counter) == 40
    yes = _form(page, 'class="question"')
    assert yes["event_id"] == sent["event_id"] and yes["sure"] == "40"
    page = desk.submit("/desk/arrivals", yes).text
    assert 'data-outcome="admitted"' in page and people(counter) == 80


def _form(page: str, mark: str) -> dict[str, str]:
    body = page[page.index(mark) :].partition("</form>")[0]
    inputs = re.findall(r"<input[^>]*>", body)
    found = {}
    for one in inputs:
        name, value = re.search(r'name="([^"]*)"', one), re.search(r'value="([^"]*)"', one)
        if name and name[1] != "csrf_token":
            found[name[1]] = value[1] if value else ""
    return found


@pytest.mark.parametrize(("now", "is_asked"), [(48, False), (49, True), (209, True)])
def test_far_more_than_booked_is_asked_about(counter: SimpleNamespace, now: int, is_asked: bool) -> None:
    """Forty are booked: up to eight more, a fifth, come in without a question."""
    sent = {"counts": {"440000": now}, "known_to_come": CARD}
    if not is_asked:
        assert admit(counter, **sent).outcome is Outcome.ADMITTED
        return
    with pytest.raises(errors.TooManyPeople) as asked:
        admit(counter, **sent)
    assert asked.value.confirm["sure"] == now
    with pytest.raises(errors.TooManyPeople):
        admit(counter, **sent, sure=now - 1)
    assert admit(counter, **sent, sure=now).counts == {"440000": now}
    assert summaries(counter)[1] == {"11-21": (now, 1)}


def test_what_is_unusual_is_the_halls_own_rule(counter: SimpleNamespace) -> None:
    with transaction():
        hall = db.session.get_one(Hall, counter.hall.id)
        hall.ask_over_percent, hall.ask_over_people, hall.ask_walk_in = 0, 0, 3
    with pytest.raises(errors.TooManyPeople):
        admit(counter, counts={"440000": 41}, known_to_come=CARD)
    with pytest.raises(errors.TooManyWalkIns):
        admit_walk_in(counter, {"440000": 4})
    assert admit_walk_in(counter, {"440000": 4}, sure=4).outcome is Outcome.ADMITTED


def test_walk_in_of_300_is_asked_about_and_yes_counts_it_once(desk: FlaskClient, counter: SimpleNamespace) -> None:
    sent = {"event_id": str(uuid4()), "counts": {"440000": 300}}
    asked = desk.send_json("/desk/walk-ins", sent).get_json()
    assert (asked["reason"], asked["confirm"]) == ("too_many_people", {"sure": 300})
    form = {"event_id": str(uuid4()), "origins-0-division": "440000", "origins-0-visitors": "300", "organisation": "A"}
    page = desk.submit("/desk/walk-ins", form).text
    yes = _form(page, 'class="question"')
    assert people(counter) == 0
    for outcome in ("admitted", "repeated"):
        assert f'data-outcome="{outcome}"' in desk.submit("/desk/walk-ins", yes).text
    assert people(counter) == 300
    assert desk.send_json("/desk/walk-ins", sent | asked["confirm"]).get_json()["outcome"] == "admitted"


def test_device_that_did_not_ask_leaves_it_to_a_manager(counter: SimpleNamespace) -> None:
    left = bring(counter, {"440000": 209}, CARD)
    assert (left.outcome, left.conflict, left.counts) == (Outcome.CONFLICT, ConflictReason.TOO_MANY, {})
    assert open_people(counter) == {"440000": 209}
    said = bring(counter, {"440000": 60}, CARD, sure=60)
    assert (said.outcome, said.counts) == (Outcome.ADMITTED, {"440000": 60})


def test_pulse_tells_of_others_acts(desk: FlaskClient, counter: SimpleNamespace) -> None:
    before = desk.get("/desk/pulse").get_json()
    assert (before["latest"], datetime.fromisoformat(before["now"])) == (0, NOW)
    admit(counter)
    assert desk.get("/desk/pulse").get_json()["latest"] > 0


def test_acts_answer_only_what_changed(desk: FlaskClient, counter: SimpleNamespace) -> None:
    parts = {"headers": {"X-Desk-Parts": "answer card figures events row nonsense"}}
    form = {"event_id": str(uuid4()), "code": counter.booking.reference}
    page = desk.submit("/desk/arrivals", form, **parts).text
    assert re.findall(r'<section id="(\w+)"', page) == ["answer", "card", "figures", "events"]
    assert f'id="day-{counter.booking.id}"' in page and "<nav" not in page
    whole = desk.submit("/desk/arrivals", form).text
    assert len(page) < len(whole) / 3


@pytest.mark.parametrize("hours", [3, -3, -11])
def test_clock_that_was_put_right_before_sending(desk: FlaskClient, counter: SimpleNamespace, hours: int) -> None:
    """The device says what its clock said, and what it knows to be the time."""
    at = NOW - timedelta(minutes=20)
    event = {"event_id": str(uuid4()), "type": "admit", "booking": counter.booking.id, "offline": True}
    event |= {"counts": WHOLE, "known_to_come": CARD, "snapshot_at": (NOW - timedelta(hours=1)).isoformat()}
    event |= {"occurred_at": at.isoformat(), "device_at": (at + timedelta(hours=hours)).isoformat()}
    for now in (NOW, NOW + timedelta(hours=hours)):  # put right, or not yet
        event["event_id"] = str(uuid4())
        answer = desk.send_json("/desk/arrivals/batch", {"now": now.isoformat(), "events": [event]}).get_json()
        assert answer["answers"][0]["occurred_at"] == at.astimezone(UTC).isoformat()


@pytest.mark.parametrize("said", [timedelta(hours=3), timedelta(hours=-11), timedelta(days=-2_300)])
def test_older_page_that_says_an_impossible_time_is_put_to_this_day(
    desk: FlaskClient, counter: SimpleNamespace, said: timedelta
) -> None:
    event = {"event_id": str(uuid4()), "type": "walk_in", "offline": True, "counts": {"440000": 3}}
    event |= {"snapshot_at": (NOW - timedelta(minutes=50)).isoformat(), "occurred_at": (NOW + said).isoformat()}
    answer = desk.send_json("/desk/arrivals/batch", {"now": NOW.isoformat(), "events": [event]}).get_json()
    assert answer["answers"][0]["outcome"] == "admitted"
    assert summaries(counter)[1] == {"11-21": (3, 1)}
    # With a list of the days before, nobody can tell the day: the device asks whoever holds it.
    event |= {"event_id": str(uuid4()), "snapshot_at": (NOW - timedelta(days=2)).isoformat()}
    event["occurred_at"] = (NOW + (said if abs(said) > timedelta(days=2) else timedelta(hours=3))).isoformat()
    answer = desk.send_json("/desk/arrivals/batch", {"now": NOW.isoformat(), "events": [event]}).get_json()
    assert answer["answers"][0]["reason"] == "time_unclear"


@pytest.mark.parametrize("prefix", ["]Q1", "]d2", "]C1", "］Q１", "】Q1", " ]z3"])
def test_what_a_scanner_puts_in_front_is_taken_off(desk: FlaskClient, counter: SimpleNamespace, prefix: str) -> None:
    for text in (counter.code, counter.booking.reference):
        found = desk.send_json("/desk/lookup", {"q": prefix + text}).get_json()
        assert found["group"]["reference"] == counter.booking.reference
    assert press(desk, counter, WHOLE, code=prefix + counter.code)["outcome"] == "admitted"
