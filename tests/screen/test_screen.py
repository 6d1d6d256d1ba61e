"""The big screen: the day's figures, the groups to come, who is greeted; no names of people, nothing that is old."""

from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask

from hallapp.core.database import db, transaction
from hallapp.devices import service as devices
from hallapp.devices.models import DeviceKind
from hallapp.periods import Period
from hallapp.reports.closing import month_close
from hallapp.schedule.models import Hall
from tests import factories
from tests.desk.conftest import TODAY, admit, admit_walk_in, clock, counter, take_back  # noqa: F401


@pytest.fixture
def lobby(app: Flask, counter: SimpleNamespace) -> SimpleNamespace:  # noqa: F811
    """The counter's hall with a display in its lobby; one group of 40 is expected at 09:30."""
    with transaction():
        command = devices.AddDevice(
            hall_id=counter.hall.id, by=counter.manager.id, name="Lobby", kind=DeviceKind.SCREEN
        )
        given = devices.add(command)
    counter.display = app.test_client()
    counter.display.get(f"/devices/{given.token}")
    return counter


def now(lobby: SimpleNamespace, **headers: str) -> dict[str, Any]:
    answer = lobby.display.get("/screen.json", headers=headers)
    assert answer.status_code == 200
    return answer.json


def name_organisations(lobby: SimpleNamespace) -> None:
    words = {"kiosk": {"zh": "", "en": ""}, "organisations": True}
    with transaction():
        devices.save_words(devices.SaveWords(hall_id=lobby.hall.id, by=lobby.manager.id, **words))


@pytest.mark.either_database
def test_screen_shows_the_day(lobby: SimpleNamespace) -> None:
    before = now(lobby)
    assert (before["today"], before["inside"], before["received"], before["greeted"]) == (0, 0, None, [])
    assert [(one["people"], one["is_in"], one["text"]) for one in before["groups"]] == [(40, False, "广东团队40人以上")]
    admit(lobby, counts={"440000": 30})
    admit_walk_in(lobby, {"overseas": 7})
    gone = admit_walk_in(lobby, {"110000": 14})
    take_back(lobby, gone.event_id)
    admit_walk_in(lobby, {"unknown": 6})
    admit(lobby, counts={"430000": 2})
    after = now(lobby)
    assert (after["today"], after["inside"], after["rounded_down_to"]) == (40, 40, 10), "45 people"
    assert after["greeted"] == ["国外", "广东"], "nobody greets the two of Hunan: so few are not told apart"
    assert not after["groups"][0]["is_in"]
    page = lobby.display.get("/screen").text
    assert "欢迎广东的朋友！" in page and "40+" in page and page.count('class="came-today"') == 3
    english = now(lobby, **{"Accept-Language": "en"})
    assert english["groups"][0]["text"] == "A group of 40 or more from Guangdong"
    assert "Welcome, Guangdong!" in english["board"] and english["greeted"][1] == "Guangdong"
    admit(lobby, counts={"440000": 8})
    assert now(lobby)["groups"][0]["is_in"]


@pytest.mark.either_database
def test_few_people_cannot_be_told_from_none(lobby: SimpleNamespace) -> None:
    """The lobby is public: what the screen says on each day must not add up to an exact number of a month."""
    with transaction():
        slot = factories.slot(programme=lobby.programme, day=TODAY, starts=time(11))
        booking = factories.booking(slot=slot, origins={"540000": 4})
    board = now(lobby)
    admit(lobby, code=booking.reference, counts={"540000": 4})
    assert now(lobby) == board
    assert board["groups"][1]["text"] == "小型团队"
    assert "&lt;10" in board["board"]


def test_figures_of_the_months_are_the_published_ones(
    lobby: SimpleNamespace,
    clock: time_machine.Traveller,  # noqa: F811
) -> None:
    admit(lobby)
    assert "首个月份归档后显示数据" in now(lobby)["board"]
    clock.shift(timedelta(days=31))
    with transaction():
        month_close.close(lobby.hall.id, Period.month(TODAY.year, TODAY.month), staff_id=lobby.manager.id)
    data = now(lobby)
    assert data["received"] == {
        "first_month": "2026-11",
        "last_month": "2026-11",
        "rounded_to": 5,
        "visitors": 40,
        "divisions": data["received"]["divisions"],
        "text": "截至2026年11月底，取整为5的倍数",
    }
    assert data["received"]["divisions"] in (1, 2)
    admit_walk_in(lobby, {"110000": 44})
    assert now(lobby)["received"] == data["received"], "the running month is not in it"
    assert lobby.display.get("/screen").text.count("截至2026年11月底，取整为5的倍数") == 2


def test_names_are_hidden_unless_the_hall_allows_them(lobby: SimpleNamespace) -> None:
    booking = lobby.booking
    for text in (lobby.display.get("/screen").text, lobby.display.get("/screen.json").text):
        assert booking.organisation not in text
    name_organisations(lobby)
    page, data = lobby.display.get("/screen").text, now(lobby)
    assert booking.organisation in page and data["groups"][0]["text"] == booking.organisation
    for secret in (booking.contact_name, booking.phone, booking.phone_tail, booking.reference, booking.key):
        assert secret not in page + str(data)


def test_unchanged_board_is_not_sent_again(lobby: SimpleNamespace, clock: time_machine.Traveller) -> None:  # noqa: F811
    first = lobby.display.get("/screen.json")
    tag = first.headers["ETag"]
    clock.shift(timedelta(seconds=20))
    again = lobby.display.get("/screen.json", headers={"If-None-Match": tag})
    assert (again.status_code, again.get_data()) == (304, b"")
    admit(lobby)
    changed = lobby.display.get("/screen.json", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["ETag"] != tag


@pytest.mark.either_database
def test_groups_leave_the_list_when_their_time_is_over(
    lobby: SimpleNamespace,
    clock: time_machine.Traveller,  # noqa: F811
) -> None:
    with transaction():
        for hour in range(11, 18):
            slot = factories.slot(programme=lobby.programme, day=TODAY, starts=time(hour))
            factories.booking(slot=slot, origins={"110000": 8, "120000": 7, "130000": 6, "140000": 5})
        factories.booking(slot=slot, origins={"unknown": 8})
        tomorrow = factories.slot(programme=lobby.programme, day=TODAY + timedelta(days=1))
        factories.booking(slot=tomorrow)
    data = now(lobby)
    assert (len(data["groups"]), data["more_groups"]) == (5, 4)
    assert data["groups"][1]["text"] == "北京、天津、河北等地团队20人以上"
    clock.move_to(data["groups"][0]["ends_at"])
    assert now(lobby)["groups"][0]["starts_at"] == data["groups"][1]["starts_at"]
    clock.shift(timedelta(hours=6))
    assert [one["text"] for one in now(lobby)["groups"]][-1] == "小型团队"


def test_limit_is_shown_with_a_warning(lobby: SimpleNamespace) -> None:
    with transaction():
        db.session.get_one(Hall, lobby.hall.id).inside_capacity = 41
    admit(lobby)
    data = now(lobby)
    assert (data["inside"], data["limit"], data["crowd"], data["estimated"]) == (40, 41, "near", True)
    assert "接近上限" in data["board"]
    for more in (1, 6):
        admit_walk_in(lobby, {"110000": more})
        assert now(lobby)["crowd"] == "full", "at the limit, and over it, alike"


def test_number_of_queries_does_not_grow_with_the_groups(lobby: SimpleNamespace) -> None:
    one = _count_queries(lobby)
    with transaction():
        slot = factories.slot(programme=lobby.programme, day=TODAY, starts=time(14))
        for _ in range(3):
            factories.booking(slot=slot, origins={"110000": 8, "120000": 7})
    assert _count_queries(lobby) == one


def _count_queries(lobby: SimpleNamespace) -> int:
    from sqlalchemy import event

    lobby.display.get("/screen.json")  # whatever is asked once only
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        lobby.display.get("/screen.json")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)
