"""Bookings are found by parts of names in any script, by phone and by reference."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hallapp.booking import bigrams
from hallapp.booking.bigrams import Forgotten
from hallapp.booking.terms import Terms
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Slot
from tests.booking.search.conftest import book, found, grams_of

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


@pytest.mark.either_database
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


@pytest.mark.either_database
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


@pytest.mark.either_database
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


@pytest.mark.either_database
def test_every_word_must_be_there_in_either_name(slot: Slot) -> None:
    booking = book(slot, "东湖小学", contact_name="何秀珍")
    book(slot, "东湖小学", contact_name="陈静雯")
    book(slot, "越秀小学", contact_name="何秀珍")
    assert found(slot, text="秀珍 东湖") == [booking]
    assert found(slot, organisation="小学 东湖", contact="何") == [booking]


@pytest.mark.either_database
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


@pytest.mark.either_database
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


@pytest.mark.either_database
@pytest.mark.parametrize("typed", ["K7M29QXT", "k7m2-9qxt", "Ｋ７Ｍ２ ９ＱＸＴ", "k7m2", "K7M"])
def test_a_reference_is_found_by_its_beginning(slot: Slot, typed: str) -> None:
    booking = book(slot, reference="K7M29QXT")
    book(slot, reference="K7N29QXT")
    book(slot, reference="J7M29QXT")
    assert found(slot, reference=typed) == [booking]
    if " " not in typed:
        assert found(slot, text=typed) == [booking]
