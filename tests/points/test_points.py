"""Service points: counted from the records to the point, the same when recomputed, unmoved in a closed quarter."""

from collections import Counter
from datetime import date, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from hallapp.booking.models import BookingState
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.texts import Texts
from hallapp.guides.models import Dropped, Duty, Guide
from hallapp.ledger import closes as months
from hallapp.notifications.models import OutboxMessage
from hallapp.periods import Period
from hallapp.points import queries, scheme, service, setup, snapshot, verify
from hallapp.points.measures import MEASURES
from hallapp.points.models import EntryState, PointClose, PointGroup
from hallapp.points.setup import Since
from hallapp.points.values import Index, Record, in_words, make_statements, rank
from hallapp.schedule import policies
from hallapp.signon.models import StaffAddress
from hallapp.talks.models import TalkMode, TalkState
from tests import factories
from tests.booking.helpers import page
from tests.conftest import examples
from tests.points import helpers
from tests.points.helpers import BEGIN, LATER, add_admission, add_departure, add_feedback, add_talk, add_tour, at
from tests.queries import Queries

QUARTER = Period.quarter(2026, 3)
SATURDAY, WEDNESDAY = date(2026, 7, 4), date(2026, 8, 5)


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    with time_machine.travel(BEGIN, tick=False), transaction():
        return helpers.make_office()


#: What the records of `fill` give, counted by hand.
GUIDE = {
    **{"tours_led": 4, "people_led": 117, "tour_half_hours": 12, "tours_large": 2, "tours_other_language": 2},
    **{"tours_sign_language": 1, "tour_languages": 3, "tour_programmes": 2, "tours_weekend": 3, "tours_late": 1},
    **{"tour_days": 2, "tour_busy_days": 1, "tours_short_notice": 1, "groups_waited_for": 1, "given_back_late": 1},
    **{"guide_answers": 4, "guide_five_stars": 1, "guide_four_stars": 1, "guide_low_stars": 2, "visit_five_stars": 3},
    **{"shifts": 4, "duty_half_hours": 30, "shifts_weekend": 2},
}
HOST = {
    **{"talks_held": 2, "talks_chosen": 1, "talks_remote": 1, "talks_other_language": 1, "talk_days": 1},
    **{"talk_answers": 2, "talk_five_stars": 1, "talk_low_stars": 1, "talk_guests_missing": 1},
}
VOLUNTEER = {
    **{"groups_admitted": 4, "people_admitted": 123, "walk_ins_admitted": 1, "desk_days": 2, "admissions_offline": 1},
    **{"departures_recorded": 2, "bookings_taken": 1, "requests_answered": 2, "requests_answered_soon": 1},
    **{"conflicts_settled": 1, "months_closed": 1},
}


def fill(office: SimpleNamespace) -> None:
    """The records of a quarter, and beside each kind one that must not count."""
    first = add_tour(office, at(SATURDAY, 9, 30), people=45)
    second = add_tour(office, at(SATURDAY, 14), people=10, language="en", notice=24)
    third = add_tour(office, at(SATURDAY, 17), language="csl", notice=25)
    fourth = add_tour(office, at(WEDNESDAY, 10), people=40, programme=1, snapshot_at=at(WEDNESDAY, 9))
    add_tour(office, at(QUARTER.end, 9))
    add_tour(office, at(date(2026, 8, 6), 9), state=BookingState.ABSENT)
    for notice, why in ((48, Dropped.GUIDE), (49, Dropped.GUIDE), (2, Dropped.GONE)):
        state = BookingState.CONFIRMED
        add_tour(office, at(date(2026, 8, 7), 8 + notice % 11), notice=notice, dropped=why, state=state)
    add_feedback(first, at(SATURDAY, 20), visit=5, guide=5)
    add_feedback(second, at(SATURDAY, 20), visit=4, guide=4)
    add_feedback(third, at(QUARTER.last, 23, 59), visit=5, guide=1)
    add_feedback(fourth, at(WEDNESDAY, 20), visit=5, guide=2)
    helpers.add_duty(office)
    walk_in = add_admission(office, at(WEDNESDAY, 11), 6)
    for minute in (5, 6):  # people of the fourth group who came late: it is one group all the same
        add_admission(office, at(WEDNESDAY, 11, minute), 1, booking_id=fourth.id)
    add_admission(office, at(date(2026, 8, 8), 9), 9, undone=True)
    guest = add_admission(office, at(date(2026, 8, 8), 10), 1)
    add_talk(office.hall, date(2026, 8, 8), chosen=True, stars=5, event_id=guest.event_id)
    add_talk(office.hall, date(2026, 8, 8), mode=TalkMode.PHONE, language="en", stars=2)
    add_talk(office.hall, date(2026, 8, 9), TalkState.MISSED)
    add_talk(office.hall, date(2026, 8, 9), TalkState.CANCELLED)
    for undone in (False, False, True):
        add_departure(office, at(WEDNESDAY, 12), undone=undone)
    helpers.add_office_work(office, first, walk_in)
    db.session.flush()


def counts(statements: Any, staff_id: int) -> dict[str, int]:
    return {line.index.code: line.count for line in statements[staff_id].lines if line.records}


@pytest.mark.either_database
def test_a_quarter_is_counted_closed_and_proved(office: SimpleNamespace, app: Flask) -> None:
    assert {**GUIDE, **HOST, **VOLUNTEER}.keys() == MEASURES.keys()
    hall, command = office.hall, app.test_cli_runner()
    people = {office.guide_staff.id: GUIDE, office.host_staff.id: HOST, office.volunteer_staff.id: VOLUNTEER}
    with time_machine.travel(LATER, tick=False):
        with transaction():
            fill(office)
        live = queries.get_quarter(hall, QUARTER).statements
        assert {staff_id: counts(live, staff_id) for staff_id in live} == people
        weights = {index.code: index for index in scheme.example()}
        for staff_id, expected in people.items():
            alone = queries.get_quarter(hall, QUARTER, staff_id=staff_id).statements
            assert alone == {staff_id: live[staff_id]}
            limits = {code: weights[code].most or 10**9 for code in expected}
            each = (max(-limits[code], min(limits[code], n * weights[code].weight)) for code, n in expected.items())
            assert live[staff_id].points == sum(each)
        printed = command.invoke(args=["points", "recompute"]).output
        assert f"1. 钟小讲 {in_words(live[office.guide_staff.id].points)}" in printed

        with transaction():
            made = service.close(hall.id, QUARTER, by=office.managers[0].id)
            assert months.digest_of(made.figures) == made.digest
        [verdict] = verify.list_verdicts(hall)
        assert (verdict.people, verdict.agrees) == (3, True)
        assert command.invoke(args=["points", "recompute", "--check"]).exit_code == 0

        with transaction():  # late records, and a change of the scheme, of the people and of the limits
            add_tour(office, at(date(2026, 9, 1), 9), people=12)
            setup.remove_person(hall.id, office.volunteer_staff.id, by=office.managers[0].id)
            db.session.delete(db.session.get_one(type(office.guide), office.guide.id).duties[0])
            setup.save_index(change(hall, "tours_led", weight=900, most=None))
        db.session.expire_all()
        kept = queries.get_quarter(hall, QUARTER).statements
        assert kept == live
        found = {(one.staff_id, one.code) for one in verify.list_verdicts(hall)[0].deviations}
        guide, volunteer = office.guide_staff.id, office.volunteer_staff.id
        assert {(guide, "tours_led"), (guide, "shifts"), (volunteer, "groups_admitted")} < found
        assert not {staff_id for staff_id, _code in found} & {office.host_staff.id}
        told = command.invoke(args=["points", "recompute", "--check"])
        assert told.exit_code == 1
        assert "钟小讲, tours_led: filed 8.00, by the records 10.00" in told.output

        with transaction():  # and what was filed is tampered with
            row = db.session.get_one(PointClose, (hall.id, QUARTER.first))
            row.figures = {**row.figures, "people": {}}
        assert not verify.list_verdicts(hall)[0].digest_agrees


def change(hall: Any, code: str | None, **values: Any) -> setup.SaveIndex:
    usual: dict[str, Any] = {
        "by": None,
        "since": Since.RUNNING,
        "group": PointGroup.TOURS,
        "name": Texts({"en": "Tours"}),
        "threshold": None,
        "weight": 200,
        "most": 12000,
        "active": True,
    }
    return setup.SaveIndex(hall=hall, code=code, **usual | values)


def refusal(act: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as refused, transaction():
        act(*args, **kwargs)
    return refused.value.code


def test_a_change_holds_from_its_quarter_and_never_before(office: SimpleNamespace) -> None:
    def weights(code: str) -> list[int | None]:
        quarters = (Period.quarter(2026, number) for number in (3, 4))
        listed = [scheme.list_indexes(hall.id, one) for one in (*quarters, Period.quarter(2027, 1))]
        return [next((index.weight for index in one if index.code == code), None) for one in listed]

    hall = office.hall
    with time_machine.travel(LATER, tick=False):
        for command, expected in (
            (change(hall, "tours_led", since=Since.NEXT, weight=500), [200, 200, 500]),
            (change(hall, "tours_led", weight=300), [200, 300, 500]),
            (change(hall, "tours_led", weight=400, active=False), [200, None, 500]),
            (change(hall, None, since=Since.NEXT, weight=-25), [None, None, -25]),
            (change(hall, None, weight=75), [None, 75, 75]),
        ):
            with transaction():
                code = setup.save_index(command).code
            assert weights(code) == expected
        assert scheme.find_row(hall.id, "own_2", QUARTER) is None
        assert refusal(setup.save_index, change(hall, "no_such")) == "points_index_unknown"
        assert refusal(setup.save_index, change(hall, "own_2", name=Texts())) == "points_name_missing"


def test_an_entry_counts_once_another_person_approves_it(office: SimpleNamespace) -> None:
    hall, guide, (first, second) = office.hall, office.guide_staff.id, [one.id for one in office.managers]
    entered = {"hall": hall, "by": first, "staff_id": guide, "code": "outreach", "day": WEDNESDAY, "times": 2}

    def enter(**values: Any) -> service.Enter:
        return service.Enter(evidence="证书存办公室", **{**entered, **values})

    def approve(number: int, by: int, *, approved: bool = True, answer: str = "") -> Any:
        return service.decide(hall, number, approved=approved, answer=answer, by=by)

    with time_machine.travel(LATER, tick=False):
        for values, code in (
            ({"staff_id": first}, "points_not_on_list"),
            ({"day": date(2026, 6, 30)}, "points_day_outside"),
            ({"day": LATER.date() + timedelta(days=1)}, "points_day_outside"),
            ({"code": "tours_led"}, "points_index_unknown"),
            ({"code": "none"}, "points_index_unknown"),
        ):
            assert refusal(service.enter, enter(**values)) == code
        with transaction():
            numbers = [service.enter(enter(by=by)).number for by in (first, guide, first)]
            assert numbers == [1, 2, 1]  # the same form, sent twice
            numbers[2] = service.enter(enter(times=1)).number
        assert refusal(approve, numbers[0], first) == "points_another_person"
        assert refusal(approve, numbers[1], guide) == "points_another_person"
        assert refusal(approve, numbers[2], second, approved=False) == "points_words_missing"
        assert refusal(service.close, hall.id, QUARTER, by=first) == "points_answers_missing"
        assert not queries.get_quarter(hall, QUARTER).statements[guide].points
        with transaction():
            approve(numbers[0], second)
            approve(numbers[1], first)
            assert approve(numbers[2], second, approved=False, answer="没有依据").state is EntryState.REJECTED
        assert refusal(approve, numbers[0], second) == "points_answered"
        statement = queries.get_quarter(hall, QUARTER).statements[guide]
        assert (counts({guide: statement}, guide), in_words(statement.points)) == ({"outreach": 4}, "20.00")
        with transaction():
            service.close(hall.id, QUARTER, by=first)
        assert refusal(service.close, hall.id, QUARTER, by=first) == "points_quarter_closed"
        assert refusal(service.close, hall.id, QUARTER.following(), by=first) == "points_quarter_not_over"
        assert refusal(service.close, hall.id, QUARTER.previous(), by=first) == "points_none"
        assert refusal(service.enter, enter()) == "points_day_outside"
        assert refusal(service.appeal, hall, QUARTER, "outreach", words="?", by=guide) == "points_quarter_closed"


def test_a_guide_reads_only_their_own_points_and_appeals(office: SimpleNamespace, app: Flask) -> None:
    guide, manager = app.test_client(), app.test_client()
    here = "/my-points/2026-Q3"
    with time_machine.travel(at(WEDNESDAY, 18), tick=False):
        with transaction():
            add_tour(office, at(WEDNESDAY, 10), people=33)
            address = StaffAddress(hall_id=office.hall.id, staff_id=office.guide_staff.id, email="guide@example.org")
            db.session.add(address)
        guide.sign_in(office.guide_staff)
        manager.sign_in(office.managers[0])
        shown = page(guide.get("/my-points", follow_redirects=True, headers={"Accept-Language": "en"}))
        assert "33 × 0.05 = 1.65" in shown and "Tours led" in shown
        assert "Programme Guided tour" in shown and office.programmes[0].slug not in shown
        for path in ("/admin/points/2026-Q3", f"/admin/points/2026-Q3/people/{office.host_staff.id}"):
            assert guide.get(path).status_code == 403
        refused = guide.submit(f"{here}/appeals/tours_led", {"words": " "})
        assert refused.status_code == 422 and "请说明此项有何问题。" in page(refused)
        for _click in range(2):
            assert guide.submit(f"{here}/appeals/tours_led", {"words": "8月4日少了一场"}).status_code == 303
        again = guide.submit(f"{here}/appeals/tours_led", {"words": "还是少了"})
        assert again.status_code == 409 and "还是少了" in page(again)
        assert guide.submit(f"{here}/appeals/none", {"words": "?"}).status_code == 404
        wrong = {"code": "outreach", "day": "2026-06-30", "times": "1", "evidence": "社区来信"}
        outside = guide.submit(f"{here}/entries", wrong)
        assert outside.status_code == 422 and "社区来信" in page(outside) and "2026-07-01" in page(outside)
        assert guide.submit(f"{here}/entries", {**wrong, "day": "2026-08-05"}).status_code == 303

        assert '/admin/points/waiting"' in manager.get("/today").text
        waiting = page(manager.get("/admin/points/waiting"))
        assert "8月4日少了一场" in waiting and "社区来信" in waiting
        assert manager.submit("/admin/points/appeals/1", {"answer": ""}).status_code == 422
        assert manager.submit("/admin/points/entries/1", {"answer": "", "decision": "reject"}).status_code == 422
        assert manager.submit("/admin/points/entries/1", {"answer": "", "decision": "approve"}).status_code == 303
        assert manager.submit("/admin/points/appeals/1", {"answer": "已补登"}).status_code == 303
        again = manager.submit("/admin/points/appeals/1", {"answer": "两次"})
        assert again.status_code == 409 and "此项已处理。" in page(again)
        assert '/admin/points/waiting"' not in manager.get("/today").text
        assert "已补登" in page(guide.get(here))
        assert [one.recipient for one in db.session.query(OutboxMessage)] == ["guide@example.org"]
        ranking = page(manager.get("/admin/points", follow_redirects=True))
        assert ranking.index("钟小讲") < ranking.index(office.volunteer_staff.name)
        assert manager.submit("/admin/points/2026-Q3/close").status_code == 409
        assert app.test_client().get(here).status_code == 303
    with time_machine.travel(LATER, tick=False):
        guide.sign_in(office.guide_staff)
        manager.sign_in(office.managers[0])
        assert "/close" in manager.get("/admin/points/2026-Q3").text
        assert [manager.submit("/admin/points/2026-Q3/close").status_code for _click in range(2)] == [303, 409]
        closed = page(guide.get(here))
        assert "积分不再变动" in closed and "已补登" in closed and "/entries" not in closed
        late = guide.submit(f"{here}/appeals/tours_led", {"words": "归档时正在写"})  # closed while it was written
        assert late.status_code == 409 and "归档时正在写" in page(late) and 'id="words-tours_led-error"' in late.text
        late = guide.submit(f"{here}/entries", {**wrong, "day": "2026-08-05", "evidence": "归档时正在填"})
        assert late.status_code == 422 and "归档时正在填" in page(late) and 'id="day-error"' in late.text
        with transaction():  # switched off while somebody appeals
            setup.save_index(change(office.hall, "tours_led", active=False))
        late = guide.submit("/my-points/2026-Q4/appeals/tours_led", {"words": "停用时正在写"})
        assert late.status_code == 404 and "停用时正在写" in page(late) and 'role="alert"' in late.text
        assert page(manager.get(f"/admin/points/2026-Q3/people/{office.guide_staff.id}")).count("社区来信") == 2
    with time_machine.travel(LATER.replace(year=2030), tick=False), Queries() as asked:
        assert queries.days_to_enter(office.hall)[0] == QUARTER.end
    assert asked.number < 6  # although 17 quarters are open


@pytest.mark.either_database
def test_shifts_of_past_days_follow_the_closing_days_of_their_time(office: SimpleNamespace) -> None:
    def count_shifts() -> int:
        statements = queries.get_quarter(office.hall, QUARTER).statements
        return counts(statements, office.guide_staff.id).get("shifts", 0)

    def close_on(*weekdays: int) -> None:
        with transaction():
            values = {"closed_weekdays": frozenset(weekdays)}
            policies.change_policy(policies.ChangePolicy(hall_id=office.hall.id, by=None, values=values))

    with transaction():
        hours = {"starts": time(9), "ends": time(12), "valid_from": QUARTER.first}
        for weekday in (0, 1):
            db.session.add(Duty(hall_id=office.hall.id, guide_id=office.guide.id, weekday=weekday, **hours))
    with time_machine.travel(at(date(2026, 8, 3), 9), tick=False):  # a Monday, which is closed
        assert count_shifts() == 4  # the Tuesdays of July
        close_on()
        close_on(1)  # the second change of a day knows nothing of the days before
        assert count_shifts() == 4
    with time_machine.travel(at(date(2026, 8, 17), 9), tick=False):
        assert count_shifts() == 6  # with two Mondays, and no Tuesday
        close_on(0, 1)
        assert count_shifts() == 6
    with time_machine.travel(LATER, tick=False):
        assert count_shifts() == 6


@pytest.mark.either_database
def test_shifts_end_with_the_last_day_of_a_guide(office: SimpleNamespace, app: Flask) -> None:
    def count_shifts() -> int:
        statements = queries.get_quarter(office.hall, QUARTER).statements
        return counts(statements, office.guide_staff.id).get("shifts", 0)

    manager, close = app.test_client(), "/admin/points/2026-Q3/close"
    with time_machine.travel(LATER, tick=False):
        with transaction():
            helpers.add_duty(office)
            db.session.get_one(Guide, office.guide.id).active = False  # as before the day of leaving was asked
        assert count_shifts() == 4
        manager.sign_in(office.managers[0])
        page_of_guide = f"/admin/guides/{office.guide.id}"
        shown = manager.get("/admin/points/2026-Q3")
        assert f'href="{page_of_guide}"' in shown.text and "尚不知最后在岗日" in page(shown)
        refused = manager.submit(close)
        assert refused.status_code == 409 and "未填最后在岗日" in page(refused)

        assert "尚不知这位讲解员的最后在岗日" in page(manager.get(page_of_guide))
        left = {"name": "钟小讲", "languages": ["zh"], "account": str(office.guide_staff.id)}
        for wrong in ({"last_day": ""}, {"last_day": "2026-10-03"}, {"last_day": "", "active": "y"}):
            answer = manager.submit(page_of_guide, {**left, **wrong})
            assert answer.status_code == 422 and 'id="last_day-error"' in answer.text
        assert manager.submit(page_of_guide, {**left, "last_day": "2026-07-15"}).status_code == 303
        assert "最后在岗日：" not in page(manager.get(page_of_guide))
        assert count_shifts() == 3  # those of 1, 4 and 15 July; none on 18 July
        assert manager.submit(close).status_code == 303
        assert count_shifts() == 3

        back = {**left, "last_day": "2026-07-15", "active": "y"}
        answer = manager.submit(page_of_guide, back)
        assert answer.status_code == 422 and 'value="2026-07-15"' in answer.text
        assert manager.submit(page_of_guide, {**back, "last_day": ""}).status_code == 303
    assert [one.deviations for one in verify.list_verdicts(office.hall)] == [()]


def test_the_scheme_of_a_hall_is_changed_on_its_pages(office: SimpleNamespace, app: Flask) -> None:
    manager, index = app.test_client(), "/admin/points/indexes"
    good = {"holds": "running", "group": "conduct", "name_zh": "党史竞赛", "weight": "１.5", "most": "", "active": "y"}
    with time_machine.travel(BEGIN, tick=False):
        manager.sign_in(office.managers[0])
        assert manager.get("/admin/points/setup").status_code == 200
        for value, name in (("0", "weight"), ("1,5", "weight"), ("0.125", "weight"), ("-1", "most"), ("", "name_zh")):
            refused = manager.submit(f"{index}/new", {**good, name: value})
            assert (refused.status_code, f'id="{name}-error"' in refused.text) == (422, True), (name, value)
        assert manager.submit(f"{index}/new", good).status_code == 303
        assert scheme.find_row(office.hall.id, "own_1", QUARTER).weight == 150  # type: ignore[union-attr]
        assert manager.get(f"{index}/own_1").status_code == 200
        large = {**good, "group": "tours", "threshold": "", "weight": "-2"}
        assert 'id="threshold-error"' in manager.submit(f"{index}/tours_large", large).text
        assert manager.submit(f"{index}/tours_large", {**large, "threshold": "50"}).status_code == 303
        assert scheme.find_row(office.hall.id, "tours_large", QUARTER).threshold == 50  # type: ignore[union-attr]
        with transaction():
            other = factories.staff(hall=office.hall, password_hash="none").id
            stranger = factories.staff(hall=factories.hall(), password_hash="none").id
        for account, status in ((str(stranger), 422), ("", 422), (str(other), 303)):
            assert manager.submit("/admin/points/people", {"account": account}).status_code == status
        assert other in {person.id for person in queries.list_people(office.hall.id)}
        assert manager.submit(f"/admin/points/people/{other}/remove").status_code == 303
        assert manager.submit("/admin/points/setup", {}).status_code == 303
        assert manager.get("/admin/points/2026-Q3").status_code == 404
        assert "/my-points" not in manager.get("/today").text


_INDEXES = st.lists(
    st.builds(
        Index,
        code=st.sampled_from("abcdef"),
        group=st.sampled_from(PointGroup),
        name=st.just(Texts({"en": "x"})),
        measure=st.none(),
        threshold=st.none(),
        weight=st.integers(-10_000, 10_000).filter(bool),
        most=st.none() | st.integers(1, 50_000),
        position=st.just(1),
    ),
    unique_by=lambda index: index.code,
)
_RECORDS = st.dictionaries(
    st.tuples(st.integers(1, 5), st.sampled_from("abcdefg")),
    st.lists(st.builds(Record, st.dates(), st.sampled_from(["day", "talk 1"]), st.integers(1, 999)), max_size=6),
)


@settings(max_examples=examples(30))
@given(_INDEXES, _RECORDS)
def test_points_are_exact_and_a_snapshot_gives_them_back(indexes: list[Index], records: Any) -> None:
    people = [1, 2, 3, 4]
    statements = make_statements(indexes, records, people)
    for staff_id in people:
        points = 0
        for index in indexes:
            raw = sum(record.count for record in records.get((staff_id, index.code), [])) * index.weight
            points += raw if index.most is None or abs(raw) <= index.most else (index.most if raw > 0 else -index.most)
        assert statements[staff_id].points == points
        assert sum(part for _group, _lines, part in statements[staff_id].groups()) == points
    written = snapshot.write(QUARTER, indexes, statements.values())
    assert snapshot.read(written) == statements
    assert months.digest_of(snapshot.write(QUARTER, indexes, snapshot.read(written).values())) == months.digest_of(
        written
    )
    for one in rank(statements.values()):
        better = sum(other.points > one.statement.points for other in statements.values())
        assert one.place == better + 1


def test_the_example_scheme_is_complete() -> None:
    indexes = scheme.example()
    assert len(indexes) >= 40
    assert max(Counter(index.code for index in indexes).values()) == 1
    assert {index.measure for index in indexes} - {None} == MEASURES.keys()
    for index in indexes:
        assert set(index.name) == {"en", "zh"} and index.weight and (index.most is None or index.most > 0)
        needed = index.measure is not None and MEASURES[index.measure].threshold is not None
        assert (index.threshold is not None) == needed, index.code
    assert [in_words(points) for points in (0, 5, -25, 123456)] == ["0.00", "0.05", "−0.25", "1,234.56"]
