"""Bookings are found by everything about them: parts of names in any script, phone, reference, days, states, places."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from hallapp.booking import bigrams, search
from hallapp.booking.bigrams import Forgotten
from hallapp.booking.models import Booking, BookingState, Gram, OrganisationKind, Source
from hallapp.booking.terms import Terms
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Programme, Slot
from tests import factories
from tests.queries import Queries

pytestmark = pytest.mark.both_databases

DAY = date(2026, 12, 5)


@pytest.fixture
def programme(app: Flask) -> Programme:
    with transaction():
        return factories.programme(hall=factories.hall())


@pytest.fixture
def slot(programme: Programme) -> Slot:
    return on(programme, DAY)


def on(programme: Programme, day: date, starts: time = time(9, 30)) -> Slot:
    return factories.make(
        factories.slot, programme=programme, day=day, starts=starts, visitor_capacity=10_000, guide_capacity=1_000
    )


def book(slot: Slot, organisation: str = "广州市越秀区东湖街老年大学", **values: Any) -> Booking:
    with transaction():
        return booked(slot, organisation, **values)


def booked(slot: Slot, organisation: str, *, phone: str = "+8619900001050", **values: Any) -> Booking:
    booking = factories.booking(
        slot=slot,
        organisation=organisation,
        organisation_key=bigrams.organisation_key(organisation),
        phone=phone,
        phone_tail=phone[-4:],
        **values,
    )
    bigrams.index(booking)
    return booking


def found(slot: Slot, **terms: Any) -> list[Booking]:
    read = Terms.from_mapping(terms)
    assert read.problems == ()
    return list(search.search(slot.hall_id, read, today=DAY).bookings)


def grams_of(booking: Booking) -> set[str]:
    return set(db.session.scalars(select(Gram.gram).where(Gram.booking_id == booking.id)))


# Grams and keys


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        (" \0\u200b\ud800", set()),
        ("党", {"党"}),
        ("老年大学", {"老年", "年大", "大学", "学"}),
        ("𠮷野 㛃", {"𠮷野", "野㛃", "㛃"}),
        ("ＡＢ c", {"ab", "bc", "c"}),
    ],
)
def test_grams_are_neighbouring_characters_and_the_last_one(text: str, expected: set[str]) -> None:
    assert bigrams.bigrams(text) == expected


@given(st.text(max_size=60))
def test_grams_fit_and_every_character_begins_one(text: str) -> None:
    found = bigrams.bigrams(text)
    assert all(1 <= len(gram) <= 2 for gram in found)
    joined = "".join(found)
    assert "\0" not in joined
    joined.encode()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("广州市（越秀）老年大学", "广州市越秀老年大学"),
        ("Canton Fair, Buyers' ＣＬＵＢ", "cantonfairbuyersclub"),
        ("阿依古丽·买买提", "阿依古丽买买提"),
        ("%_\\", ""),
        ("长" * 300, "长" * 200),
    ],
)
def test_an_organisation_key_is_what_two_spellings_share(name: str, key: str) -> None:
    assert bigrams.organisation_key(name) == key


def test_a_changed_booking_is_found_by_its_new_names_only(slot: Slot) -> None:
    booking = book(slot, "东湖小学", contact_name="何秀珍")
    with transaction():
        db.session.add(booking)
        before = (booking.organisation, booking.contact_name)
        booking.organisation, booking.contact_name = "东湖中学", "何秀"
        booking.organisation_key = bigrams.organisation_key(booking.organisation)
        bigrams.reindex(booking, before=before)
    assert grams_of(booking) == bigrams.bigrams("东湖中学") | bigrams.bigrams("何秀")
    assert found(slot, text="湖中") == [booking]
    assert found(slot, text="小学") == found(slot, text="秀珍") == []
    with transaction():
        bigrams.reindex(booking, before=(booking.organisation, booking.contact_name))  # nothing to do
        bigrams.index(booking)  # once more does no harm
    assert grams_of(booking) == bigrams.bigrams("东湖中学") | bigrams.bigrams("何秀")


def test_forgotten_contacts_leave_what_the_organisation_shares(slot: Slot) -> None:
    school = book(slot, "何秀小学", contact_name="何秀珍")
    person = book(slot, "何秀珍", contact_name="何秀珍")
    with transaction():
        bigrams.forget_contacts(
            Forgotten(
                hall_id=booking.hall_id,
                booking_id=booking.id,
                organisation_before=booking.organisation,
                organisation_after=after,
                contact_before=booking.contact_name,
            )
            for booking, after in ((school, school.organisation), (person, ""))
        )
        bigrams.forget_contacts([])
    assert grams_of(school) == bigrams.bigrams("何秀小学")
    assert grams_of(person) == set()


# Words


@pytest.mark.parametrize(
    ("organisation", "text"),
    [
        ("广州市越秀区东湖街老年大学", "越秀"),
        ("广州市越秀区东湖街老年大学", "学"),
        ("广州市越秀区东湖街老年大学", "湖"),
        ("广州市越秀区东湖街老年大学", "广州市越秀区东湖街老年大学"),
        ("广州市越秀区东湖街老年大学", "大学　越秀"),
        ("广州 越秀 老年大学", "越秀老年"),
        ("𠮷林龑堃㛃学社", "㛃"),
        ("𠮷林龑堃㛃学社", "𠮷"),
        ("𠮷林龑堃㛃学社", "龑堃"),
        ("Canton Fair Overseas Buyers' Delegation", "overseas BUYERS"),
        ("Canton Fair Overseas Buyers' Delegation", "ｂｕｙｅｒｓ'"),
        ("ＡＢＣ　公司（广州）", "abc (广州"),
        ("Ärzte ohne Grenzen", "ärzte"),
        ("阿依古丽·买买提工作室", "古丽·买"),
        ("100% 纯棉_企业", "0%"),
        ("100% 纯棉_企业", "棉_企"),
        ("100% 纯棉_企业", "%"),
        ("100％ 纯棉＿企业", "_"),
        ("反斜杠\\公司", "\\"),
        ("反斜杠\\公司", "杠\\公"),
    ],
)
def test_a_part_of_the_organisations_name_finds_it(slot: Slot, organisation: str, text: str) -> None:
    booking = book(slot, organisation)
    book(slot, "海丝展览馆")
    assert found(slot, text=text) == [booking]
    assert found(slot, organisation=text) == [booking]
    assert found(slot, contact=text) == []


@pytest.mark.parametrize(
    ("contact", "text"),
    [
        ("陈静雯", "静雯"),
        ("陈静雯", "静"),
        ("𠮷㛃", "㛃"),
        ("𠮷㛃", "𠮷㛃"),
        ("Maria da Silva", "silva MARIA"),
        ("Ｍａｒｉａ", "maria"),
        ("Ｍａｒｉａ", "m"),
        ("Élodie", "ÉLO"),
        ("阿依古丽·买买提", "丽·买"),
    ],
)
def test_a_part_of_the_contacts_name_finds_it(slot: Slot, contact: str, text: str) -> None:
    booking = book(slot, contact_name=contact)
    book(slot)
    assert found(slot, text=text) == [booking]
    assert found(slot, contact=text) == [booking]
    assert found(slot, organisation=text) == []


def test_a_contact_who_booked_under_the_own_name_is_found_as_both(slot: Slot) -> None:
    booking = book(slot, "陈静雯", contact_name="陈静雯")
    assert found(slot, contact="静雯") == found(slot, organisation="静雯") == [booking]


def test_every_word_must_be_there_in_either_name(slot: Slot) -> None:
    booking = book(slot, "东湖小学", contact_name="何秀珍")
    book(slot, "东湖小学", contact_name="陈静雯")
    book(slot, "越秀小学", contact_name="何秀珍")
    assert found(slot, text="秀珍 东湖") == [booking]
    assert found(slot, organisation="小学 东湖", contact="何") == [booking]


@pytest.mark.parametrize("text", ["%", "_", "\\", "%%", "__", "'", "湖东", "a", "\U0010ffff", "\ud7ff", "东湖小学!"])
def test_wildcards_and_strangers_find_nothing(slot: Slot, text: str) -> None:
    book(slot, "东湖小学")
    assert found(slot, text=text) == found(slot, organisation=text) == found(slot, contact=text) == []


@pytest.mark.parametrize("text", ["", " ", "\0", "\u200b", "\ud800"])
def test_what_nobody_can_see_is_no_term(slot: Slot, text: str) -> None:
    booking = book(slot)
    assert Terms.from_mapping({"text": text, "organisation": text, "phone": text}) == Terms()
    assert found(slot, text=text) == [booking]
    assert found(slot, text=f"大{text}学"[:40]) == [booking]


# Phones and references


@pytest.mark.parametrize("typed", ["1050", "01050", "19900001050", "+86 199 0000 1050", "199-0000-1050", "１０５０"])
def test_a_phone_is_found_by_its_last_digits_or_the_whole(slot: Slot, typed: str) -> None:
    booking = book(slot)
    book(slot, phone="+8619900021051")
    book(slot, phone="+8613912341050") if len(typed) > 4 else None
    assert found(slot, phone=typed) == [booking]
    assert found(slot, text=typed) == [booking]


def test_a_fixed_line_is_found_as_it_is_dialled_at_home(slot: Slot) -> None:
    booking = book(slot, phone="+862083450000")
    assert found(slot, phone="020 8345 0000") == found(slot, text="020-83450000") == [booking]


def test_digits_are_looked_for_in_names_too(slot: Slot) -> None:
    works = book(slot, "第1050厂", phone="+8619900009999")
    by_phone = book(slot)
    assert found(slot, text="1050") == [works, by_phone]
    assert found(slot, text="050") == [works]
    assert found(slot, phone="1050") == [by_phone]


@pytest.mark.parametrize("typed", ["K7M29QXT", "k7m2-9qxt", "Ｋ７Ｍ２ ９ＱＸＴ", "k7m2", "K7M"])
def test_a_reference_is_found_by_its_beginning(slot: Slot, typed: str) -> None:
    booking = book(slot, reference="K7M29QXT")
    book(slot, reference="K7N29QXT")
    book(slot, reference="J7M29QXT")
    assert found(slot, reference=typed) == [booking]
    if " " not in typed:
        assert found(slot, text=typed) == [booking]


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
    union = book(slot, kind=OrganisationKind.UNION)
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
                assert booking.slot.programme.hall.name_zh
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
        ("division", "440100"),
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
