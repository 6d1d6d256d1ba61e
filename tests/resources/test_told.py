"""What a group has of equipment and rooms is told wherever its visit is: mail, pages, pass, picture, calendar."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from flask import Flask

from hallapp.booking import queries, service
from hallapp.core.database import transaction
from hallapp.core.i18n import force_locale
from hallapp.messages.facts import facts_of
from hallapp.passes import ics, pdf, picture
from hallapp.passes.sheet import sheet_of
from hallapp.resources import words
from hallapp.resources.models import AskedBy
from hallapp.resources.queries import list_resources
from tests import factories
from tests.booking.helpers import command
from tests.client import CheckingClient
from tests.passes import reading
from tests.passes.test_pdf import SHEET
from tests.passes.test_picture import ink, opened
from tests.resources import define

CODE = "HTTPS://VISIT.EXAMPLE.ORG/T/ABCDEFGH"


@pytest.mark.parametrize(
    ("language", "mine", "whole"),
    [
        ("zh", "讲解耳机5台 · 大巴车位1个", "讲解耳机9台 · 大巴车位2个"),
        ("en", "Headsets 5 sets · Coach places 1", "Headsets 9 sets · Coach places 2"),
    ],
)
def test_a_large_group_reads_what_it_has(
    app: Flask, client: CheckingClient, language: str, mine: str, whole: str
) -> None:
    with transaction():
        hall = factories.hall(large_group_max=200)
        tour = factories.programme(hall=hall, group_min=1, minutes=90, guides=0)
        slots = [factories.slot(programme=tour, starts=time(hour)) for hour in (9, 14)]
        define.headsets(hall.id)
        names = {"zh": "大巴车位", "en": "Coach places"}
        define.rooms(hall.id, names=names, units={}, asked_by=AskedBy.ORGANISER, per_booking=2)
        parts = ((slots[0].id, 50), (slots[1].id, 40))
        first = service.place(
            command(slots[0], origins=(("440000", 90),), parts=parts, resources={1: 9, 2: 2}, language=language)
        )
    both = queries.list_parts(first)
    assert facts_of(first, language=language, parts=both)["resources"] == whole
    assert facts_of(first, language=language)["resources"] == mine
    page = client.get(f"/visits/{first.key}?lang={language}").get_data(as_text=True)
    assert f"· {mine}" in page
    assert f"<dd>{mine}</dd>" in client.get(f"/visits/{first.key}/pass?lang={language}").get_data(as_text=True)
    assert mine in ics.render(first, language=language).decode().replace("\r\n ", "")
    sheet = sheet_of(first, qr_text=CODE, language=language)
    for text in reading.texts(pdf.render(sheet)):
        assert reading.solid(mine) in text
    with transaction():
        service.cancel(both[1])
    assert facts_of(first, language=language, parts=both)["resources"] == mine


def test_the_picture_has_them_below_the_group() -> None:
    bare, told = (opened(picture.render(replace(SHEET, resources=text))) for text in ("", "讲解耳机5台"))
    assert ink(told, 1230, 1720) > ink(bare, 1230, 1720) + 300


@pytest.mark.parametrize(
    ("units", "zh", "en"),
    [
        ({"zh": "台", "en": "sets"}, "3台", "3 sets"),
        ({"zh": "台"}, "3台", "3"),  # a measure word of another language is not shown
        ({"en": "sets"}, "3个", "3 sets"),
        ({}, "3个", "3"),
    ],
)
def test_a_quantity_has_the_unit_of_the_readers_language(app: Flask, units: Any, zh: str, en: str) -> None:
    with transaction():
        hall = factories.hall()
        define.headsets(hall.id, units=units)
    (one,) = list_resources(hall.id)
    for language, expected in (("zh", zh), ("zh_Hant", zh.replace("个", "個")), ("en", en)):
        with force_locale(language):
            assert words.amount(one, 3) == expected
            single = expected.replace("3", "1") if language != "en" else "1"  # a unit is written in the plural
            assert words.amount(one, 1) == single
