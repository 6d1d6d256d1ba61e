"""Joining, presence and the ledger of the audience: nobody is counted twice, and the parts add up to the whole."""

import random
from datetime import time, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.booking.join_links import make_code
from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.ledger.models import Arrival
from hallapp.online import beats, queries, service
from hallapp.online.beats import Beat
from hallapp.online.errors import MoreThanRegistered, NobodyWatches, NotOpenNow, StreamAddress
from hallapp.online.measuring import Screen, measure
from hallapp.online.models import Audience, OnlineBeat, OnlineViewer
from hallapp.online.streams import Player, check, stream_of
from hallapp.online.web import routes
from hallapp.schedule.models import Mode, Slot
from hallapp.worker import bodies
from tests import factories
from tests.client import CheckingClient
from tests.office import DAY, again
from tests.processes import at_once

PEOPLE = {"440000": 3, "710000": 2, "overseas": 1}


@pytest.fixture
def live(app: Flask, first_of_december: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A session of 30 minutes: a group of 6 from three places, and one person. No beat of another test waits."""
    monkeypatch.setattr(routes, "_COLLECTOR", beats.Collector())
    with transaction():
        hall = factories.hall()
        talk = factories.programme(hall=hall, mode=Mode.ONLINE, guides=0, group_min=1, group_max=300, minutes=30)
        slot = factories.slot(programme=talk, day=DAY, visitor_capacity=300)
        return SimpleNamespace(
            hall=hall,
            slot=slot,
            group=factories.booking(slot=slot, origins=PEOPLE),
            single=factories.booking(slot=slot, origins={"_440100": 1}),
            manager=factories.staff(hall=hall, role=Role.MANAGER, password_hash="none"),
        )


def beats_of(slot: Slot, device: str, minutes: range) -> list[Beat]:
    return [Beat(slot.hall_id, slot.id, minute, device) for minute in minutes]


@pytest.mark.either_database
def test_a_session_is_counted_once_by_place_and_never_as_visitors(live: SimpleNamespace) -> None:
    with time_machine.travel(live.slot.starts_at, tick=False) as now:
        with transaction():
            first = service.join(live.group, {"440000": 3, "710000": 1})
            second = service.join(live.group, {"710000": 2, "overseas": 0})  # one more of Taiwan than has registered
            alone, again = (service.join(live.single, {"_440100": 1}) for _screen in range(2))
            silent = service.join(live.group, {"overseas": 1})
            sent = beats_of(live.slot, first, range(10)) + beats_of(live.slot, second, range(5, 15))
            sent += beats_of(live.slot, alone, range(3)) + beats_of(live.slot, again, range(2, 5))
            service.store(sent)
            service.store(sent[::-1])  # a repeated batch changes nothing
        assert silent
        now.move_to(live.slot.ends_at + timedelta(minutes=9))
        assert bodies.count_audiences(live.hall).count == 0
        now.move_to(live.slot.ends_at + timedelta(minutes=10))
        assert bodies.count_audiences(live.hall).count == 1
        assert bodies.count_audiences(live.hall).count == 0
    day, end = DAY, DAY + timedelta(days=1)
    divisions = queries.sum_divisions(live.hall.id, day, end)
    assert divisions == {"440000": (3 + 1, 30 + 5), "710000": (2, 5 * 1 + 5 * 2 + 5 * 2)}
    (session,) = queries.list_session_sums(live.hall.id, day, end)
    total = queries.sum_audience(live.hall.id, day, end)
    assert total == tuple(map(sum, zip(*divisions.values(), strict=True))) == (session.people, session.minutes)
    assert session.peak == 5
    assert db.session.scalar(select(func.count()).select_from(OnlineViewer)) == 0
    assert db.session.scalar(select(func.count()).select_from(OnlineBeat)) == 0
    assert db.session.scalar(select(func.count()).select_from(Arrival)) == 0


@pytest.mark.parametrize(
    ("people", "refusal"),
    [
        ({}, NobodyWatches),
        ({"440000": 0}, NobodyWatches),
        ({"440000": -1, "710000": 2}, NobodyWatches),
        ({"440000": 4}, MoreThanRegistered),
        ({"110000": 1}, MoreThanRegistered),
    ],
)
def test_what_is_no_number_of_registered_people_is_refused(live: SimpleNamespace, people, refusal) -> None:
    with time_machine.travel(live.slot.starts_at, tick=False), pytest.raises(refusal), transaction():
        service.join(live.group, people)


@pytest.mark.parametrize(("minutes", "opens"), [(-16, False), (-15, True), (29, True), (30, False)])
def test_the_page_opens_in_time(live: SimpleNamespace, minutes: int, opens: bool) -> None:
    with time_machine.travel(live.slot.starts_at + timedelta(minutes=minutes), tick=False), transaction():
        if opens:
            assert service.join(live.single, {"_440100": 1})
        else:
            with pytest.raises(NotOpenNow):
                service.join(live.single, {"_440100": 1})


DEVICES = st.lists(
    st.tuples(st.sampled_from((1, 2)), st.dictionaries(st.sampled_from(("a", "b")), st.integers(0, 4))), max_size=5
)
BEATS = st.lists(st.tuples(st.sampled_from("01234x"), st.integers(0, 6)), max_size=40)


@given(devices=DEVICES, beats=BEATS, seed=st.integers(0, 999))
def test_parts_add_up_and_order_and_repeats_change_nothing(devices, beats, seed) -> None:
    registered = {(1, "a"): 3, (1, "b"): 1, (2, "a"): 1}
    screens = {str(number): Screen(booking=booking, people=people) for number, (booking, people) in enumerate(devices)}
    found = measure(registered, screens, beats)
    shuffled = beats * 2
    random.Random(seed).shuffle(shuffled)
    assert measure(registered, screens, shuffled) == found
    assert all(people <= registered[part] for part, people in found.people.items())
    minutes = {minute for _device, minute in beats}
    assert all(found.minutes[part] <= people * len(minutes) for part, people in found.people.items())
    assert found.peak <= sum(found.people.values()) <= sum(registered.values())
    assert (found.peak == 0) == (sum(found.people.values()) == 0)


@pytest.mark.parametrize(
    ("address", "player"),
    [
        ("https://live.example.org/a/b.m3u8?token=1", Player.HLS),
        ("https://player.example.org/v/1", Player.EMBED),
        ("https://other.example.org/v/1", Player.LINK),
        ("https://player.example.org.evil.example/v", Player.LINK),
    ],
)
def test_the_player_follows_from_the_address(address: str, player: Player) -> None:
    found = stream_of(check(f" {address} ", field="stream"), embed_hosts=("player.example.org",))
    assert found and (found.address, found.player) == (address, player)


@pytest.mark.parametrize(
    "address",
    [
        *("http://live.example.org/a.m3u8", "javascript:alert(1)", "https://", "https://host/a", "live.example.org"),
        *("https://a.example/b; script-src *", "https://a.example:99999/", "https://u:p@a.example/", "https://[::1/"),
        "https://a.example/" + "x" * 500,
    ],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(StreamAddress):
        check(address, field="stream")


def _page(booking: Booking) -> str:
    return f"/join/{make_code(again(booking))}"


def beat(client: CheckingClient, token: str) -> int:
    headers = {"X-CSRFToken": client.csrf_token or ""}
    return client.post("/online/beat", data=token, content_type="text/plain", headers=headers).status_code


def test_a_group_joins_and_a_manager_sees_it_by_division(live: SimpleNamespace, app: Flask) -> None:
    joining, manager = _page(live.group), app.test_client()
    manager.sign_in(live.manager)
    settings = f"/admin/online/{live.slot.id}"
    assert manager.get("/admin/online").status_code == 200
    refused = manager.submit(settings, {"stream": "http://x"})
    assert refused.status_code == 422 and "https://" in refused.get_data(as_text=True)
    assert manager.submit(settings, {"stream": "https://live.example.org/a.m3u8"}).status_code == 303
    client = app.test_client()
    early = client.get(joining)
    assert "countdown" in early.get_data(as_text=True) and "example.org" not in early.get_data(as_text=True)
    with time_machine.travel(live.slot.starts_at + timedelta(minutes=1), tick=False) as now:
        assert "example.org" not in client.get(joining).get_data(as_text=True)
        assert client.submit(joining, {"people-440000": "x"}).status_code == 422
        assert client.submit(joining, {"people-440000": "3", "people-710000": "1"}).status_code == 303
        page = client.get(joining)
        text = page.get_data(as_text=True)
        assert 'data-hls="https://live.example.org/a.m3u8"' in text
        assert "media-src 'self' blob: https://live.example.org;" in page.headers["Content-Security-Policy"]
        token = text.split('data-token="')[1].split('"')[0]
        assert [beat(client, token), beat(client, token + "x"), beat(client, "")] == [204, 404, 404]
        question = {"text": "展品从哪里来？"}
        assert client.submit(f"{joining}/questions", question).status_code == 303
        other = app.test_client()
        other.get(_page(live.single))
        assert other.submit(_page(live.single)).status_code == 303
        assert "展品" not in other.get(_page(live.single)).get_data(as_text=True)
        number = queries.list_questions(live.hall.id, live.slot.id)[0].number
        manager.sign_in(live.manager)
        assert manager.submit(f"{settings}/questions/{number}", {"answer": "来自捐赠。"}).status_code == 303
        assert "来自捐赠" in other.get(_page(live.single)).get_data(as_text=True)
        now.move_to(live.slot.ends_at + timedelta(minutes=20))
        assert bodies.count_audiences(live.hall).count == 1
        manager.sign_in(live.manager)
        manager.submit(settings, {"recording": "https://other.example.org/r"})
        assert "https://other.example.org/r" in client.get(joining).get_data(as_text=True)
        assert "台湾" in manager.get(f"{settings}?lang=zh").get_data(as_text=True)
    rows = db.session.execute(select(Audience.division, Audience.people).order_by(Audience.division)).all()
    assert [tuple(row) for row in rows] == [("440000", 3), ("710000", 1)]


def test_only_minutes_of_the_session_count(live: SimpleNamespace, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beats, "SECONDS", 0)
    client, page = app.test_client(), _page(live.single)
    with time_machine.travel(live.slot.starts_at - timedelta(minutes=10), tick=False) as now:
        client.get(page)
        assert client.submit(page).status_code == 303
        token = client.get(page).get_data(as_text=True).split('data-token="')[1].split('"')[0]
        for seconds in (-600, -1, 0, 59, 1799, 1800):
            now.move_to(live.slot.starts_at + timedelta(seconds=seconds))
            assert beat(client, token) == 204
            assert queries.count_present(live.slot) == 1
    assert db.session.scalars(select(OnlineBeat.minute).order_by(OnlineBeat.minute)).all() == [0, 29]


def test_a_screen_corrects_its_number_of_people(live: SimpleNamespace, app: Flask) -> None:
    client, page = app.test_client(), _page(live.group) + "?lang=en"
    with time_machine.travel(live.slot.starts_at, tick=False):
        client.get(page)
        assert client.submit(page, {"people-440000": "1"}).status_code == 303
        shown = client.get(page).get_data(as_text=True)
        assert "Change the number" in shown and 'id="people-440000"' in shown and 'value="1"' in shown
        assert client.submit(page, {"people-440000": "4"}).status_code == 422
        assert client.submit(page, {"people-440000": "3", "people-overseas": "1"}).status_code == 303
    (viewer,) = db.session.scalars(select(OnlineViewer)).all()
    assert viewer.people == {"440000": 3, "overseas": 1}


def test_beats_wait_for_others_and_the_last_ones_are_written_too(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(beats.time, "monotonic", lambda: now[0])
    collector, sent = beats.Collector(), [Beat(1, 1, minute, "x") for minute in range(4)]
    assert set(collector.add(sent[0])) == {sent[0]}
    assert not collector.add(sent[1]) and not collector.add(sent[1]) and not collector.add(sent[2])
    now[0] += beats.SECONDS
    taken = collector.add(None)
    assert set(taken) == {sent[1], sent[2]}
    collector.put_back(taken)
    now[0] += beats.SECONDS
    assert set(collector.add(sent[3])) == set(sent[1:])


def test_only_online_bookings_have_the_page(live: SimpleNamespace, app: Flask) -> None:
    with transaction():
        visit = factories.booking(slot=factories.slot(programme=factories.programme(hall=live.hall), day=DAY))
    assert app.test_client().get(f"/visits/{visit.key}/join").status_code == 404


def test_the_page_that_is_passed_on_tells_no_key(live: SimpleNamespace, app: Flask) -> None:
    client, (key, path) = app.test_client(), (live.group.key, _page(live.group))
    led = client.get(f"/visits/{key}/join")
    assert (led.status_code, led.location) == (303, path)
    shown = client.get(f"{path}?lang=en")
    entry = client.get(f"{path}/programme.ics")
    assert "countdown" in shown.text and path in entry.text.replace("\r\n ", "")
    for answer in (led, shown, entry):
        assert key not in answer.text + str(answer.headers) and live.group.phone not in answer.text
    number, digest = path.removeprefix("/join/").split("-", 1)
    wrong = (f"{live.single.id}-{digest}", f"0{number}-{digest}", f"{number}-{digest[:-1]}", "9" * 30, "%00", key)
    assert {client.get(f"/join/{code}").status_code for code in wrong} == {404}
    with transaction():
        db.session.get_one(Booking, live.group.id).key = "n" * 43  # the organiser has made a new link
    assert client.get(path).status_code == 404


def test_a_closed_session_without_registrations_has_its_page(live: SimpleNamespace, app: Flask) -> None:
    with transaction():
        programme = db.session.get_one(Slot, live.slot.id).programme
        closed = factories.slot(programme=programme, day=DAY, starts=time(15), open=False)
    manager = app.test_client()
    manager.sign_in(live.manager)
    assert not any(line.slot.id == closed.id for line in queries.list_sessions(live.hall.id, DAY, DAY))
    assert manager.get(f"/admin/online/{closed.id}").status_code == 200


def test_joining_is_limited_also_where_it_is_refused(
    live: SimpleNamespace, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "_JOINS_AN_HOUR", 3)
    client = app.test_client()
    with time_machine.travel(live.slot.starts_at, tick=False):
        client.get(_page(live.group))
        answers = [client.submit(_page(live.group), {"people-440000": n}) for n in ("1", "x", "1", "1")]
    assert [answer.status_code for answer in answers] == [303, 422, 303, 429]


def _set_up(app: Flask, share: tuple[int, int, str]) -> str:
    slot_id, staff_id, stream = share
    with app.app_context(), transaction():
        slot = db.session.get_one(Slot, slot_id)
        service.set_up(slot, stream=stream, recording="", following=False, staff_id=staff_id)
    return stream


@pytest.mark.both_databases
def test_two_people_set_up_one_session_at_once(live: SimpleNamespace, database_url: str, tmp_path: Path) -> None:
    streams = [f"https://stream.example/{number}" for number in range(4)]
    shares = [(live.slot.id, live.manager.id, stream) for stream in streams]
    assert sorted(at_once(database_url, tmp_path, _set_up, shares)) == streams
    with transaction():
        assert queries.find_session(live.hall.id, live.slot.id).stream in streams
