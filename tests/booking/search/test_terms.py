"""The other terms of a search, the order of its results, and reading terms."""

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from hallapp.booking import search
from hallapp.booking.models import Booking, BookingState, Source
from hallapp.booking.terms import Terms
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Programme, Slot
from tests import factories
from tests.booking.search.conftest import DAY, book, booked, found, on
from tests.queries import Queries

pytestmark = pytest.mark.either_database


# The other terms


def test_days_are_both_included(programme: Programme) -> None:
    slots = [on(programme, DAY + timedelta(days=number)) for number in range(4)]
    bookings = [book(slot) for slot in slots]
    assert found(slots[0], **{"from": "2026-12-06", "to": "2026-12-07"}) == bookings[1:3]
    assert found(slots[0], **{"from": "2026-12-07"}) == bookings[2:]
    assert found(slots[0], to="2026-12-05", text="越秀") == bookings[:1]


def test_each_plain_term_leaves_its_bookings(slot: Slot) -> None:
    other = factories.make(factories.programme, hall=slot.programme.hall, slug="talks")
    talk = book(on(other, DAY, time(9)))
    declined = book(slot, state=BookingState.DECLINED)
    absent = book(slot, state=BookingState.ABSENT)
    mixed = book(slot, origins={"540000": 3, "440000": 5})
    union = book(slot, kind="union")
    window = book(slot, source=Source.WINDOW)
    assert found(slot, programme="talks") == [talk]
    assert found(slot, programme="nothing-such") == []
    assert found(slot, state="absent") == [absent]
    assert found(slot, state=" absent,declined ") == [declined, absent]
    assert found(slot, division="540000") == [mixed]
    assert found(slot, division="440000", kind="union") == [union]
    assert found(slot, source="window") == [window]
    assert found(slot, source="window", kind="union") == []
    assert found(slot, text="老年", contact="何", division="440000", kind="school", source="window", state="confirmed",
                 phone="1050", reference=window.reference, programme=slot.programme.slug,
                 **{"from": "2026-12-05", "to": "2026-12-05"}) == [window]  # fmt: skip


def test_another_halls_bookings_are_never_found(slot: Slot) -> None:
    with transaction():
        elsewhere = factories.slot(programme=factories.programme(hall=factories.hall()), day=DAY)
    other = book(elsewhere, reference="K7M29QXT")
    for terms in (
        {},
        {"text": "越秀"},
        {"text": "秀"},
        {"text": "1050"},
        {"text": "K7M2"},
        {"reference": "K7M29QXT"},
        {"phone": "1050"},
        {"division": "440000"},
        {"state": "confirmed"},
        {"from": "2026-12-05", "to": "2026-12-05"},
        {"programme": elsewhere.programme.slug},
    ):
        assert found(slot, **terms) == []
        assert list(search.iterate(slot.hall_id, Terms.from_mapping(terms), today=DAY)) == []
    assert search.find_for_desk(slot.hall_id, "越秀", DAY) == []
    assert found(elsewhere, reference="K7M29QXT") == [other]


# Order, pages, counting


def test_coming_days_come_first_and_past_ones_last(programme: Programme) -> None:
    def of(days: int, starts: time = time(9, 30)) -> Booking:
        return book(on(programme, DAY + timedelta(days=days), starts))

    last, long_ago, later, soon = of(-1), of(-40), of(30), of(1)
    noon, morning = of(0, time(12)), of(0)
    expected = [morning, noon, soon, later, last, long_ago]
    slot = programme_slot(morning)
    assert found(slot) == found(slot, text="越秀") == expected
    pages = [search.search(slot.hall_id, Terms(), today=DAY, limit=4, page=page) for page in (1, 2, 3)]
    assert [list(page.bookings) for page in pages] == [expected[:4], expected[4:], []]
    assert {(page.total, page.capped) for page in pages} == {(6, False)}
    assert list(search.iterate(slot.hall_id, Terms(), today=DAY)) == expected
    assert list(search.iterate(slot.hall_id, Terms(), today=DAY, most=2)) == expected[:2]


def programme_slot(booking: Booking) -> Slot:
    return booking.slot


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, 12),
        ({"text": "东湖"}, 12),
        ({"text": "湖"}, 12),
        ({"text": "东湖小学"}, 6),
        ({"text": "小 中"}, 0),
        ({"text": "东湖 1050"}, 12),
        ({"text": "1050"}, 12),
        ({"state": "confirmed"}, 12),
        ({"division": "440000", "text": "东湖中学"}, 6),
        ({"phone": "1050"}, 12),
        ({"text": "东湖", "from": "2026-12-01", "to": "2026-12-31"}, 12),
        ({"text": "东湖", "to": "2026-12-04"}, 0),
    ],
)
def test_many_matches_are_found_in_another_way_and_are_the_same(
    slot: Slot, monkeypatch: pytest.MonkeyPatch, terms: dict[str, str], expected: int
) -> None:
    with transaction():
        for number in range(12):
            booked(slot, "东湖小学" if number % 2 else "东湖中学")
    asked = Terms.from_mapping(terms)
    few = search.search(slot.hall_id, asked, today=DAY)
    monkeypatch.setattr(search, "FEW", 3)
    many = search.search(slot.hall_id, asked, today=DAY)
    assert few == many
    assert (many.total, many.capped, len(many.bookings)) == (expected, False, expected)


@pytest.mark.parametrize("terms", [{}, {"text": "东湖"}, {"text": "东"}, {"phone": "1050"}])
def test_the_count_stops_and_says_so(slot: Slot, monkeypatch: pytest.MonkeyPatch, terms: dict[str, str]) -> None:
    with transaction():
        for _number in range(6):
            booked(slot, "东湖东街东风小学")
    asked = Terms.from_mapping(terms)
    for few in (2_000, 2):
        monkeypatch.setattr(search, "FEW", few)
        monkeypatch.setattr(search, "MOST_COUNTED", 5)
        result = search.search(slot.hall_id, asked, today=DAY)
        assert (result.total, result.capped, len(result.bookings)) == (5, True, 5)
        monkeypatch.setattr(search, "MOST_COUNTED", 6)
        result = search.search(slot.hall_id, asked, today=DAY)
        assert (result.total, result.capped, len(result.bookings)) == (6, False, 6)


def test_a_page_of_many_costs_as_many_queries_as_one_of_few(slot: Slot) -> None:
    def queries() -> int:
        db.session.rollback()
        db.session.expunge_all()
        with Queries() as asked:
            for booking in search.search(slot.hall_id, Terms(text="越秀"), today=DAY).bookings:
                assert booking.slot.programme.hall.name.get("zh", "")
                assert [origin.visitors for origin in booking.origins] == [20]
        return asked.number

    book(slot)
    one = queries()
    for _number in range(3):
        book(on(slot.programme, DAY + timedelta(days=_number + 1)))
    assert queries() == one <= 7


# Reading and writing terms


def test_terms_survive_the_way_there_and_back() -> None:
    fields = {
        "text": "东湖 小学",
        "organisation": "小学",
        "contact": "何",
        "phone": "+8619900001050",
        "reference": "K7M2",
        "from": "2026-12-01",
        "to": "2026-12-31",
        "state": "confirmed,absent",
        "division": "440000",
        "programme": "tour-1",
        "source": "phone",
        "kind": "school",
    }
    terms = Terms.from_mapping(fields)
    assert terms.problems == ()
    assert terms.to_mapping() == fields
    assert Terms.from_mapping(terms.to_mapping()) == terms
    assert terms.personal == ("text", "contact", "phone")
    assert terms.states == (BookingState.CONFIRMED, BookingState.ABSENT)


def test_ticked_boxes_are_all_read() -> None:
    terms = Terms.from_mapping(MultiDict([("state", "absent"), ("state", "requested"), ("kind", "")]))
    assert terms == Terms(states=(BookingState.REQUESTED, BookingState.ABSENT))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("text", "长" * 101),
        ("contact", "长" * 101),
        ("phone", "123"),
        ("phone", "1" * 5_000),
        ("phone", "abc1050"),
        ("reference", "O0O0"),
        ("reference", "K7M29QXTT"),
        ("from", "20261201"),
        ("from", "2026-13-01"),
        ("from", "0000-01-01"),
        ("to", "２０２６-12-01"),
        ("to", "9" * 5_000),
        ("state", "open"),
        ("division", "no such place"),
        ("programme", "Tour 1"),
        ("programme", "x" * 41),
        ("source", "fax"),
        ("kind", "SCHOOL"),
    ],
)
def test_what_cannot_be_read_is_reported_and_not_searched_by(name: str, typed: str) -> None:
    assert Terms.from_mapping({name: typed}) == Terms(problems=(name,))


def test_days_the_wrong_way_round_are_reported() -> None:
    terms = Terms.from_mapping({"from": "2026-12-02", "to": "2026-12-01"})
    assert terms == Terms(day_from=date(2026, 12, 2), problems=("to",))


@given(st.dictionaries(st.sampled_from(["text", "phone", "reference", "from", "state", "division"]), st.text()))
def test_odd_terms_are_read_without_an_error(fields: dict[str, str]) -> None:
    terms = Terms.from_mapping(fields)
    assert Terms.from_mapping(terms.to_mapping()).to_mapping() == terms.to_mapping()


@pytest.mark.parametrize("text", ["²", "+", "-", "----", "１２３４", "\U0001f600", "K7M2\0", "0" * 100, "a " * 50, "ﷺ"])
def test_odd_words_are_searched_without_an_error(slot: Slot, text: str) -> None:
    book(slot)
    assert found(slot, text=text) == found(slot, organisation=text) == found(slot, contact=text) == []


# The desk


def test_the_desk_finds_a_phrase_or_a_tail_the_days_groups_first(slot: Slot) -> None:
    def at(days: int) -> Booking:
        return book(on(slot.programme, DAY + timedelta(days=days)))

    def desk(text: str) -> list[Booking]:
        return list(search.find_for_desk(slot.hall_id, text, DAY))

    later, before, before_that, long_ago, soon = at(9), at(-2), at(-3), at(-60), at(1)
    today = book(slot)
    cotton = book(slot, "100% 纯棉_企业", phone="+8619900001234")
    assert desk("越秀") == desk(" 秀 ") == desk("1050") == [today, soon, later, before, before_that]
    assert long_ago not in desk("越秀")
    assert desk("0% 纯棉_") == desk("1234") == [cotton]
    assert desk("01234") == desk("234") == desk("何秀") == desk("") == desk("\0") == desk("%%") == []


def test_the_desk_gets_so_many_at_most(slot: Slot) -> None:
    with transaction():
        for _number in range(21):
            booked(slot, "东湖小学")
    assert len(search.find_for_desk(slot.hall_id, "东湖", DAY)) == 20
