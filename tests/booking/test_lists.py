"""Searches are kept under a name; what they find is given as a workbook with typed cells."""

import io
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.models import AuditEntry, Staff
from hallapp.accounts.roles import Role
from hallapp.booking import bigrams, lists, search
from hallapp.booking.errors import SearchEmpty, SearchNameInvalid, SearchNamesPeople, SearchNameTaken, SearchUnknown
from hallapp.booking.models import Booking, BookingState, SavedSearch, Source
from hallapp.booking.terms import Terms
from hallapp.core.database import db, transaction
from hallapp.schedule.models import Hall, Slot
from tests import factories

DAY = date(2026, 12, 5)
ABSENT = Terms(states=(BookingState.ABSENT,), organisation="小学")


@pytest.fixture
def manager(app: Flask) -> Staff:
    with transaction():
        return factories.staff(hall=factories.hall(), role=Role.MANAGER)


@pytest.fixture
def slot(app: Flask) -> Slot:
    with transaction():
        return factories.slot(
            programme=factories.programme(hall=factories.hall()), day=DAY, visitor_capacity=1_000, guide_capacity=50
        )


def save(manager: Staff, name: str = "爽约的小学", terms: Terms = ABSENT) -> SavedSearch:
    with transaction():
        return lists.save(hall_id=manager.hall_id, name=name, terms=terms, by=manager.id)


def book(slot: Slot, organisation: str = "广州市越秀区东湖街老年大学", **values: Any) -> Booking:
    return factories.make(
        factories.booking,
        slot=slot,
        organisation=organisation,
        organisation_key=bigrams.organisation_key(organisation),
        **values,
    )


# Searches that are kept


def test_a_search_is_kept_under_its_name(manager: Staff) -> None:
    saved = save(manager, "  爽约的  小学 ")
    assert saved.name == "爽约的 小学"
    assert saved.terms == {"state": "absent", "organisation": "小学"}
    assert Terms.from_mapping(saved.terms) == ABSENT
    assert lists.find_saved(manager.hall_id, saved.id) is saved


def test_searches_are_listed_by_name_in_their_hall(manager: Staff) -> None:
    with transaction():
        other = factories.staff(hall=factories.hall(), role=Role.MANAGER)
    second, first, elsewhere = save(manager, "b"), save(manager, "a"), save(other, "a")
    assert list(lists.list_saved(manager.hall_id)) == [first, second]
    assert lists.find_saved(manager.hall_id, elsewhere.id) is None
    with transaction(), pytest.raises(SearchUnknown):
        lists.delete(hall_id=manager.hall_id, search_id=elsewhere.id, by=manager.id)
    assert list(lists.list_saved(other.hall_id)) == [elsewhere]


def test_a_private_list_is_seen_and_deleted_by_its_owner_only(manager: Staff) -> None:
    with transaction():
        colleague = factories.staff(hall=db.session.get_one(Hall, manager.hall_id), role=Role.MANAGER)
        mine = lists.save(hall_id=manager.hall_id, name="mine", terms=ABSENT, by=manager.id, private=True)
    assert list(lists.list_saved(manager.hall_id, reader=manager.id)) == [mine]
    assert not lists.list_saved(manager.hall_id, reader=colleague.id)
    assert lists.find_saved(manager.hall_id, mine.id, reader=colleague.id) is None
    with transaction(), pytest.raises(SearchUnknown):
        lists.delete(hall_id=manager.hall_id, search_id=mine.id, by=colleague.id)
    with transaction():
        lists.delete(hall_id=manager.hall_id, search_id=mine.id, by=manager.id)


def test_a_search_is_deleted_once(manager: Staff) -> None:
    saved = save(manager)
    with transaction():
        lists.delete(hall_id=manager.hall_id, search_id=saved.id, by=manager.id)
    assert list(lists.list_saved(manager.hall_id)) == []
    with transaction(), pytest.raises(SearchUnknown):
        lists.delete(hall_id=manager.hall_id, search_id=saved.id, by=manager.id)


def test_the_trail_has_the_fields_and_no_names(manager: Staff) -> None:
    saved = save(manager)
    with transaction():
        lists.delete(hall_id=manager.hall_id, search_id=saved.id, by=manager.id)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.subject, entry.staff_id) for entry in entries] == [
        ("search_saved", f"saved_search {saved.id}", manager.id),
        ("search_deleted", f"saved_search {saved.id}", manager.id),
    ]
    assert {str(entry.detail) for entry in entries} == {"{'fields': ['organisation', 'state']}"}


@pytest.mark.parametrize("name", ["", "   ", "\0", "a\0b", "a\u200bb", "\ud800", "长" * 61])
def test_a_name_that_cannot_be_shown_is_refused(manager: Staff, name: str) -> None:
    with pytest.raises(SearchNameInvalid) as refused:
        save(manager, name)
    assert (refused.value.field, refused.value.params) == ("name", {"most": 60})


def test_a_name_is_taken_once_in_a_hall(manager: Staff) -> None:
    save(manager, "𠮷" * 60)
    with pytest.raises(SearchNameTaken):
        save(manager, " " + "𠮷" * 60)
    assert len(lists.list_saved(manager.hall_id)) == 1


@pytest.mark.parametrize("terms", [Terms(), Terms(problems=("from",))])
def test_a_search_for_everything_is_not_kept(manager: Staff, terms: Terms) -> None:
    with pytest.raises(SearchEmpty):
        save(manager, terms=terms)


@pytest.mark.parametrize("name", ["text", "contact", "phone"])
def test_a_search_for_a_person_is_not_kept(manager: Staff, name: str) -> None:
    with pytest.raises(SearchNamesPeople):
        save(manager, terms=Terms.from_mapping({name: "19900001050", "kind": "school"}))


# The workbook


def opened(slot: Slot, bookings: Sequence[Booking], *, language: str = "en", **options: Any) -> Any:
    content = lists.write_xlsx(iter(bookings), hall=hall_of(slot), language=language, **options)
    return openpyxl.load_workbook(io.BytesIO(content)).active


def hall_of(slot: Slot) -> Hall:
    return slot.programme.hall


def rows(sheet: Any) -> list[list[Any]]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_workbook_has_a_typed_row_for_each_booking(slot: Slot) -> None:
    booking = book(
        slot,
        "𠮷林龑堃学社",
        reference="K7M29QXT",
        kind="union",
        state=BookingState.ARRIVED,
        origins={"440000": 15, "540000": 5},
        contact_name="㛃",
        email="a@example.com",
        note="两辆大巴\n车牌到场补报",
        source=Source.PHONE,
        created_at=datetime(2026, 11, 30, 17, 5, 59, 700_000, tzinfo=UTC),
    )
    book_ = opened(slot, [booking], arrived=lambda ids: {ids[0]: 18})
    assert book_.title == "Bookings"
    assert rows(book_) == [
        [
            "Day",
            "Time",
            "Programme",
            "Reference",
            "Organisation",
            "Kind of organisation",
            "State",
            "People booked",
            "People arrived",
            "Places of origin",
            "Contact",
            "Phone",
            "E-mail",
            "Note",
            "Booking channel",
            "Booked at",
            "Language of the tour",
            "Access needs",
            "Equipment and rooms",
        ],
        [
            datetime(2026, 12, 5),
            time(9, 30),
            "Guided tour",
            "K7M2-9QXT",
            "𠮷林龑堃学社",
            "Trade union",
            "Arrived",
            20,
            18,
            "Guangdong 15, Tibet 5",
            "㛃",
            "199 0000 1050",
            "a@example.com",
            "两辆大巴\n车牌到场补报",
            "By telephone",
            datetime(2026, 12, 1, 1, 5, 59),
            "Mandarin",
            None,
            None,
        ],
    ]
    formats = [cell.number_format for cell in next(book_.iter_rows(min_row=2))]
    assert [formats[column] for column in (0, 1, 7, 8, 15)] == [
        "yyyy-mm-dd",
        "hh:mm",
        "#,##0",
        "#,##0",
        "yyyy-mm-dd hh:mm",
    ]
    assert book_.freeze_panes == "A2"
    assert book_.auto_filter.ref == "A1:S2"


def test_the_workbook_is_in_the_language_asked_for(slot: Slot) -> None:
    sheet = opened(slot, [book(slot, origins={"440000": 15, "540000": 5})], language="zh")
    head, row = rows(sheet)
    assert sheet.title == "预约"
    assert head[:5] == ["日期", "时间", "项目", "预约编号", "单位名称"]
    assert (row[2], row[5], row[6], row[9], row[14]) == ("讲解参观", "学校", "已预约", "广东 15、西藏 5", "网上预约")


def test_erased_bookings_have_empty_cells(slot: Slot) -> None:
    sheet = opened(slot, [book(slot, "", contact_name="", phone="", phone_tail="", email=None)])
    row = rows(sheet)[1]
    assert [row[column] for column in (4, 10, 11, 12, 13)] == [None] * 5
    assert row[8] == 0


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "{=1+1}", "https://example.com/", "＝1+1", "0123", "x" * 300]
)
def test_no_text_is_taken_for_anything_else(slot: Slot, text: str) -> None:
    booking = book(slot, text[:200], contact_name=text[:80], note=text)
    cells = next(opened(slot, [booking]).iter_rows(min_row=2))
    for column, expected in ((4, text[:200]), (10, text[:80]), (13, text)):
        assert (cells[column].value, cells[column].data_type, cells[column].hyperlink) == (expected, "s", None)


def test_an_empty_list_has_a_head(slot: Slot) -> None:
    sheet = opened(slot, [])
    assert len(rows(sheet)) == 1
    assert sheet.auto_filter.ref == "A1:S1"


@pytest.mark.either_database
def test_long_lists_are_taken_a_thousand_at_a_time(slot: Slot) -> None:
    booking = book(slot)
    asked: list[int] = []

    def arrived(ids: Sequence[int]) -> dict[int, int]:
        asked.append(len(ids))
        return {}

    content = lists.write_xlsx(
        (booking for _number in range(2_001)), hall=hall_of(slot), language="en", arrived=arrived
    )
    assert asked == [1_000, 1_000, 1]
    assert openpyxl.load_workbook(io.BytesIO(content), read_only=True).active.max_row == 2_002


@pytest.mark.nightly
def test_memory_stays_flat_however_long_the_list_is(slot: Slot) -> None:
    booking = book(slot)

    def peak(length: int) -> int:
        def endless() -> Iterator[Booking]:
            for number in range(length):
                booking.note = f"note {number}"
                yield booking

        tracemalloc.start()
        lists.write_xlsx(endless(), hall=hall_of(slot), language="en")
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    few = peak(300)
    assert peak(1_300) < few + 250_000
    db.session.rollback()


def test_what_a_search_finds_becomes_the_workbook(slot: Slot) -> None:
    with transaction():
        for number in range(5):
            booking = factories.booking(
                slot=slot,
                organisation=f"东湖小学{number}班",
                organisation_key=f"东湖小学{number}班",
            )
            bigrams.index(booking)
    found = search.iterate(slot.hall_id, Terms(text="东湖"), today=DAY)
    content = lists.write_xlsx(found, hall=hall_of(slot), language="zh")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [row[4] for row in rows(sheet)[1:]] == [f"东湖小学{number}班" for number in range(5)]
