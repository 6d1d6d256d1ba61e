"""A power cut: the day's list on paper, and typed in afterwards without a person lost or counted twice."""

import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from hallapp.booking.models import Booking, BookingState
from hallapp.core.database import db, transaction
from hallapp.ledger.models import DeskEvent, WalkIn
from hallapp.paper import queries, service
from tests import factories
from tests.client import CheckingClient
from tests.conftest import thinned
from tests.desk.conftest import GUANGZHOU, NOW, TODAY, admit, clock, counter, summaries, take_back
from tests.test_bad_input import TEXTS, encoded

__all__ = ["clock", "counter"]

PATH = "/desk/paper/enter"


@pytest.fixture
def desk(client: CheckingClient, counter: SimpleNamespace, clock: time_machine.Traveller) -> CheckingClient:
    """The desk in the evening, with a second group of one place."""
    clock.move_to(NOW.replace(hour=17))
    with transaction():
        counter.second = another(counter, origins={"110000": 12}, organisation="北京第二组")
    client.sign_in(counter.desk)
    return client


def another(counter: SimpleNamespace, **values: object) -> Booking:
    """One more booking of the same time; needs a transaction."""
    return factories.booking(slot=db.session.merge(counter.booking).slot, guides=0, **values)


def fields(page: str) -> dict[str, str]:
    """What a browser would send of the page's form, as it is filled in."""
    sent = {}
    inside = page[page.index(f'<form method="post" action="{PATH}"') :]
    for tag in re.findall(r"<input[^>]*>", inside):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        sent[name[1]] = value[1] if value else ""
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', inside, re.S):
        sent[name] = re.search(r'<option selected value="([^"]*)"', options)[1]
    sent.pop("csrf_token")
    return sent


def send(desk: CheckingClient, answer: TestResponse, act: str, **typed: str) -> TestResponse:
    """Send the form of a page with what is typed into it; `K__time` is the time of row K."""
    more = {name.replace("__", "-"): value for name, value in typed.items()}
    return desk.submit(PATH, {**fields(answer.get_data(as_text=True)), **more, "act": act})


def events() -> list[tuple[str, datetime, dict[str, int]]]:
    db.session.rollback()
    rows = db.session.scalars(select(DeskEvent).order_by(DeskEvent.occurred_at, DeskEvent.id))
    return [
        (
            row.booking.organisation if row.booking else "",
            row.occurred_at,
            {a.division: a.visitors for a in row.arrivals},
        )
        for row in rows
    ]


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=GUANGZHOU)


def test_list_has_what_the_desk_needs_without_power(desk: CheckingClient, counter: SimpleNamespace) -> None:
    with transaction():
        another(counter, organisation="取消的组").state = BookingState.CANCELLED
    admit(counter, counts={"440000": 5})
    page = desk.get("/desk/paper").get_data(as_text=True)
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    reference = counter.booking.reference
    for shown in (f"{reference[:4]}-{reference[4:]}", "北京第二组", "广东 38", "湖南 2", "09:30–11:00", "何秀珍"):
        assert shown in re.sub(r"\s+", " ", text), shown
    assert "199 0000 1050" in text and "已到馆5 / 52人" in text and "打印于11月21日 周六 17:40" in text
    assert page.count('class="paper-empty"') == 3 and "取消的组" not in page
    other = desk.get("/desk/paper?day=2026-11-22").get_data(as_text=True)
    assert "北京第二组" not in other and "2026年11月22日" in other


def test_typed_in_list_is_checked_then_counted_at_the_noted_times(
    desk: CheckingClient, counter: SimpleNamespace
) -> None:
    first, second = counter.booking.reference, counter.second.reference
    form = desk.get(PATH)
    assert not re.search(r'name="[^"]*-(time|total|visitors)"[^>]*value="[^"]', form.get_data(as_text=True))
    typed = {
        f"{first}__time": "９：３５",
        f"{first}__total": "39",
        f"{second}__time": "10.05",
        f"{second}__total": "12",
        "walk-0__time": "1110",
        "walk-0__visitors": "3",
        "walk-0__division": "810000",
        "walk-0__organisation": "路过的一家人",
    }
    checked = send(desk, form, "check", **typed)
    page = checked.get_data(as_text=True)
    assert checked.status_code == 200 and "3行可以计入，共54人" in page and "计入54人" in page
    assert "将计入09:35：广东 38、湖南 1" in page
    assert events() == []
    done = send(desk, checked, "count")
    assert (done.status_code, done.location) == (303, f"{PATH}?day=2026-11-21&done=1")
    assert "已全部计入" in desk.get(done.location).get_data(as_text=True)
    expected = [
        ("广州市越秀区东湖街老年大学", at(9, 35), {"440000": 38, "430000": 1}),
        ("北京第二组", at(10, 5), {"110000": 12}),
        ("", at(11, 10), {"810000": 3}),
    ]
    assert events() == expected
    assert db.session.scalars(select(WalkIn.organisation)).all() == ["路过的一家人"]
    for act in ("count", "check", "count"):  # sent again, by a finger or by the browser's way back
        assert send(desk, checked, act).status_code in (200, 303)
    assert events() == expected
    assert summaries(counter)[1] == {"11-21": (54, 3)}


def test_row_with_an_error_stays_and_the_others_count_once(desk: CheckingClient, counter: SimpleNamespace) -> None:
    first, second = counter.booking.reference, counter.second.reference
    typed = {
        f"{first}__from_440000": "30",
        f"{first}__from_430000": "2",
        f"{first}__time": "9:40",
        f"{second}__total": "十二",
        f"{second}__time": "18:30",
        "walk-1__visitors": "2",
    }
    checked = send(desk, desk.get(PATH), "check", **typed)
    page = checked.get_data(as_text=True)
    assert checked.status_code == 422 and "1行可以计入，共32人" in page and "2行需要再核对" in page
    for told in ("请填整数", "这个时间尚未到来", "请填写记录的时间"):
        assert told in page, told
    assert 'value="十二"' in page and 'value="18:30"' in page
    counted = send(desk, checked, "count")
    page = counted.get_data(as_text=True)
    assert counted.status_code == 422 and "已计入09:40：湖南 2、广东 30" in page and 'value="十二"' in page
    assert len(events()) == 1
    mended = {f"{second}__total": "12", f"{second}__time": "16:30", "walk-1__time": "16:40"}
    checked = send(desk, counted, "check", **mended)
    assert "2行可以计入，共14人" in checked.get_data(as_text=True)
    assert send(desk, checked, "count").status_code == 303
    assert [counts for _who, _when, counts in events()] == [
        {"430000": 2, "440000": 30},
        {"110000": 12},
        {"440000": 2},
    ]


def test_changes_after_the_preview_are_checked_again(desk: CheckingClient, counter: SimpleNamespace) -> None:
    second = counter.second.reference
    checked = send(desk, desk.get(PATH), "check", **{f"{second}__total": "12", f"{second}__time": "10:00"})
    again = send(desk, checked, "count", **{f"{second}__total": "15"})
    page = again.get_data(as_text=True)
    assert events() == [] and "共15人，预约了12人" in page
    assert send(desk, again, "count").status_code == 303
    assert events()[0][2] == {"110000": 15}


def test_walk_in_that_is_counted_already_is_asked_about(desk: CheckingClient, counter: SimpleNamespace) -> None:
    sheet = {"walk-0__time": "11:10", "walk-0__visitors": "3", "walk-1__time": "11:40", "walk-1__visitors": "3"}
    told = "11:10的现场登记3人（广东 3）已经计入"
    mine, theirs = (send(desk, desk.get(PATH), "check", **sheet) for _person in range(2))
    assert told not in mine.get_data(as_text=True) + theirs.get_data(as_text=True)
    assert send(desk, mine, "count").status_code == 303
    asked = send(desk, theirs, "count")  # the second person has not seen it in the preview
    page = asked.get_data(as_text=True)
    assert told in page and "11:40的现场登记3人" in page and len(events()) == 2
    taken_back = db.session.scalars(select(DeskEvent.event_id).order_by(DeskEvent.occurred_at)).first()
    take_back(counter, taken_back)
    page = send(desk, asked, "check").get_data(as_text=True)
    assert told not in page and "11:40的现场登记3人" in page
    other = send(desk, desk.get(PATH), "check", **sheet | {"walk-1__visitors": "4"})
    assert "已经计入。若" not in other.get_data(as_text=True)


def test_refused_group_shows_its_reason_and_others_are_counted(desk: CheckingClient, counter: SimpleNamespace) -> None:
    first, second = counter.booking.reference, counter.second.reference
    typed = {f"{one}__{name}": value for one in (first, second) for name, value in (("total", "9"), ("time", "10:00"))}
    admit(counter, counts={"440000": 1})
    checked = send(desk, desk.get(PATH), "check", **typed)
    assert "已入馆1人" in checked.get_data(as_text=True)
    with transaction():
        db.session.merge(counter.booking).state = BookingState.CANCELLED
    refused = send(desk, checked, "count")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 409 and "已取消" in page and "已计入10:00：北京 9" in page
    assert [name for name, *_ in events()].count("北京第二组") == 1


def test_only_today_and_seven_days_back(
    desk: CheckingClient, counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    for day, status in (("2026-11-14", 200), ("2026-11-13", 409), ("2026-11-22", 409), ("nonsense", 200)):
        assert desk.get(PATH, query_string={"day": day}).status_code == status, day
    second = counter.second.reference
    clock.move_to(NOW + timedelta(days=7))
    desk.sign_in(counter.desk)
    form = desk.get(f"{PATH}?day=2026-11-21")
    too_old = send(desk, form, "check", **{f"{second}__total": "12", f"{second}__time": "09:00"})
    assert too_old.status_code == 422 and "7天以前的事" in too_old.get_data(as_text=True)
    late = send(desk, form, "check", **{f"{second}__total": "12", f"{second}__time": "10:00"})
    assert send(desk, late, "count").status_code == 303
    assert summaries(counter)[1] == {"11-21": (12, 1)}


def test_total_is_shared_among_the_places_still_to_come(counter: SimpleNamespace) -> None:
    with transaction():
        mixed = another(counter, origins={"110000": 6, "310000": 6, "440000": 20})
        other = another(counter)
    lines = {line.booking.id: line for line in queries.get_day(counter.hall.id, TODAY).lines}
    assert service.share(32, lines[mixed.id]) == {"110000": 6, "310000": 6, "440000": 20}
    assert service.share(25, lines[mixed.id]) == {"440000": 20, "110000": 5}
    assert service.share(40, lines[mixed.id]) == {"110000": 6, "310000": 6, "440000": 28}
    assert service.share(3, lines[other.id]) == {"440000": 3}


def test_bad_input_is_refused_beside_its_field(desk: CheckingClient, counter: SimpleNamespace) -> None:
    sent = fields(desk.get(PATH).get_data(as_text=True))
    second = counter.second.reference
    names = [f"{second}-total", f"{second}-time", "walk-0-visitors", "walk-0-division", "walk-0-kind"]
    for text in thinned(TEXTS):
        bad = dict.fromkeys([*names, "walk-0-organisation", "walk-0-time", "number", "seen", "day"], text)
        for body in ({**sent, **bad}, {**sent, **bad, "day": "2026-11-21"}):
            answer = desk.post(PATH, **encoded({**body, "act": "count", "csrf_token": desk.csrf_token}))
            assert answer.status_code in (200, 303, 409, 413, 422), text[:20]
        assert desk.get(PATH, query_string={"day": text[:300].encode("utf-8", "replace")}).status_code in (200, 409)
    assert db.session.scalar(select(func.count()).select_from(DeskEvent)) == 0


def test_another_halls_groups_stay_its_own(desk: CheckingClient, counter: SimpleNamespace) -> None:
    with transaction():
        hall = factories.hall()
        stranger = factories.staff(hall=hall, password_hash="none")
    desk.sign_in(stranger)
    for path in (PATH, "/desk/paper"):
        assert "北京第二组" not in desk.get(path).get_data(as_text=True)
    second = counter.second.reference
    send(desk, desk.get(PATH), "check", **{f"{second}__total": "12", f"{second}__time": "10:00"})
    assert events() == [] and queries.get_day(hall.id, date(2026, 11, 21)).lines == []
