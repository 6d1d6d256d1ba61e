"""Staff find names by pinyin: full, initials, a part of either, and every reading of a character."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from hallapp.booking import pinyin, retention, search, service
from hallapp.booking.models import Booking
from hallapp.booking.service import ContactData
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Slot
from tests.booking.search.conftest import DAY, book, found


def fill(slot: Slot) -> int:
    with transaction():
        return pinyin.fill(slot.hall_id)


def names(slot: Slot, **terms: Any) -> list[str]:
    return sorted(booking.organisation for booking in found(slot, **terms))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("广州市东湖小学", ("donghu", "dhxx", "gzs", "guangzhoushi", "DongHuXiaoXue", "ｄｈｘｘ", "huxiao", "hxx")),
        ("长乐书院", ("changle", "zhangle", "changyue", "zhangyue", "cl", "zl", "cysy")),
        ("重庆银行", ("chongqing", "zhongqing", "yinhang", "yinxing", "cqyh", "zqyx")),
        ("绿地Tech中学3班", ("lvdi", "ldtech", "techzhongxue", "zx3b", "xue3ban")),
        ("䶮氏宗亲会", ("yan", "zongqinhui")),
        ("Universidade de São Paulo – Missão Acadêmica", ("sao", "SaoPaulo", "missaoacademica")),
        ("Łódź Ørsted & Đà Nẵng", ("lodz", "orsted", "danang")),
        ("Café 东湖", ("cafe", "cafedonghu", "donghu")),
    ],
)
def test_organisation_is_found_by_each_reading(slot: Slot, name: str, words: tuple[str, ...]) -> None:
    book(slot, name, contact_name="何秀珍")
    book(slot, "Riverside School", contact_name="Ann")
    assert fill(slot) == 2 and fill(slot) == 0
    for word in words:
        assert names(slot, text=word) == names(slot, organisation=word) == [name], word
        assert not names(slot, contact=word)
        assert [one.organisation for one in search.find_for_desk(slot.hall_id, word, DAY)] == [name]


@pytest.mark.parametrize(
    ("name", "words"),
    [("单雄信", ("shanxiong", "sxx", "chan")), ("曾解华", ("zengjie", "cengxie", "zjh")), ("吕𠮷", ("lv",))],
)
def test_contact_is_found_by_each_reading(slot: Slot, name: str, words: tuple[str, ...]) -> None:
    book(slot, "东湖小学", contact_name=name)
    fill(slot)
    for word in words:
        assert names(slot, text=word) == names(slot, contact=word) == ["东湖小学"], word
        assert not names(slot, organisation=word)
        assert not search.find_for_desk(slot.hall_id, word, DAY)


def test_contact_is_found_without_accents(slot: Slot) -> None:
    book(slot, "Riverside School", contact_name="Zoë Müller")
    fill(slot)
    assert names(slot, text="zoe muller") == names(slot, contact="muller") == ["Riverside School"]
    assert names(slot, text="Zoë") == ["Riverside School"] and not names(slot, organisation="muller")


@pytest.mark.either_database
def test_words_of_both_kinds_go_together(slot: Slot) -> None:
    book(slot, "东湖小学", contact_name="何秀珍")
    book(slot, "东湖中学", contact_name="李明")
    book(slot, "DHXX Company", contact_name="Ann")
    fill(slot)
    assert names(slot, text="donghu 何秀") == ["东湖小学"]
    assert names(slot, text="dhxx") == ["DHXX Company", "东湖小学"]
    assert not names(slot, text="xxh")  # not across the end of a name
    assert not names(slot, text="%") and not names(slot, text="d_hxx")


@pytest.mark.either_database
@time_machine.travel(datetime(2026, 11, 25, 2, tzinfo=UTC))
def test_a_change_is_indexed_anew_and_an_erasure_ends_it(slot: Slot) -> None:
    booking = book(slot, "东湖小学", contact_name="何秀珍")
    hall_id = slot.hall_id
    fill(slot)
    with transaction():
        data = {"contact_name": "李明", "phone": booking.phone, "email": None, "note": "", "organisation": "西关小学"}
        service.change_contact(booking, ContactData(**data))
    assert fill(slot) == 1
    assert names(slot, text="xgxx") == ["西关小学"] and not names(slot, text="hexiu")
    with transaction():
        assert retention.erase_bookings(db.session.get_one(Hall, hall_id), [booking]) == 1
    assert db.session.query(Booking.pinyin).one() == ("",)
    assert fill(slot) == 0 and not names(slot, text="liming") and not names(slot, text="xgxx")


@pytest.mark.both_databases
def test_an_erasure_that_overtakes_the_index_wins(slot: Slot) -> None:
    booking = book(slot, "东湖小学", contact_name="何秀珍")
    hall_id = slot.hall_id
    with transaction():
        retention.erase_bookings(db.session.get_one(Hall, hall_id), [booking])
    assert fill(slot) == 0 and not names(slot, text="hexiu")


def test_long_names_have_a_limit() -> None:
    spelled = pinyin.index("行长乐重" * 50, "单" * 80)
    assert len(spelled) < 12_000
    assert pinyin.index("Riverside School 7", "Ann O’Neill") == "|"
