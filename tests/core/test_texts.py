"""Texts of halls by language: how they are stored, and the former columns that the version before reads."""

import json
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from hallapp.core.database import db, transaction
from hallapp.core.i18n import installed
from hallapp.core.texts import Texts
from hallapp.schedule.models import CalendarDay, Hall
from tests import factories

pytestmark = pytest.mark.either_database


def row_of(hall: Hall) -> dict[str, object]:
    return dict(db.session.execute(text("SELECT * FROM hall WHERE id = :id"), {"id": hall.id}).mappings().one())


def test_text_is_one_value_and_takes_a_mapping(app: Flask) -> None:
    hall = factories.make(factories.hall, name_zh="岭南", name_en="Lingnan", name_zh_Hant="嶺南")
    db.session.expire_all()
    assert hall.name == Texts({"zh": "岭南", "en": "Lingnan", "zh_Hant": "嶺南"})
    assert isinstance(hall.name, Texts) and hall.late == Texts()
    assert list(json.loads(str(row_of(hall)["name"]))) == ["zh", "en", "zh_Hant"]


def test_former_columns_follow_for_the_version_before(app: Flask) -> None:
    hall = factories.make(factories.hall, name_zh="馆" * 100, name_en="Hall", languages="en,zh")
    found = row_of(hall)
    assert (found["name_zh"], found["name_en"], found["languages"]) == ("馆" * 80, "Hall", "en,zh")
    with transaction():
        hall.name = {"en": "Another"}
        hall.languages = "en,zh,zh_Hant,fr,de,it,es"
        db.session.add(CalendarDay(hall_id=hall.id, day=date(2026, 12, 5), reason={"en": "Repairs"}))
    found = row_of(hall)
    assert (found["name_zh"], found["name_en"], found["languages"]) == ("", "Another", "en,zh,zh_Hant,fr,de")
    day = db.session.execute(text("SELECT reason_zh, reason_en, name_zh FROM calendar_day")).one()
    assert tuple(day) == ("", "Repairs", "")


def test_change_of_another_column_leaves_the_former_ones_alone(app: Flask) -> None:
    hall = factories.make(factories.hall)
    with transaction():
        db.session.execute(text("UPDATE hall SET name_zh = 'by the version before'"))
    with transaction():
        hall.phone = "1"
    assert row_of(hall)["name_zh"] == "by the version before"


def test_every_column_of_a_language_has_room_for_each_that_is_installed(app: Flask) -> None:
    longest = max(map(len, installed()))
    columns = [table.c[name] for table in db.metadata.sorted_tables for name in ("language",) if name in table.c]
    assert len(columns) >= 4
    assert [str(column) for column in columns if column.type.length < longest] == []
