"""Individuals are named in the language of the reader, wherever a group is named."""

import io
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pypdfium2
import pytest
import time_machine
from flask import Flask

from hallapp.booking import lists
from hallapp.booking.models import Booking, BookingState
from hallapp.booking.names import group_name
from hallapp.core.database import db, transaction
from hallapp.core.i18n import force_locale
from hallapp.desk import snapshot
from hallapp.guides import assigning
from hallapp.messages import facts
from hallapp.passes import ics
from hallapp.passes import service as passes
from hallapp.passes.sheet import sheet_of
from tests import factories
from tests.booking.helpers import page
from tests.client import CheckingClient
from tests.guides.office import MONDAY, NOON, make_office

ON_THE_DAY = NOON + timedelta(days=(MONDAY - NOON.date()).days)


def named(organisation: str, kind: str = "individual") -> dict[str, str]:
    found = {}
    for language in ("zh", "en"):
        with force_locale(language):
            found[language] = group_name(SimpleNamespace(organisation=organisation, kind=kind))
    return found


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "Individual visitors",
        "individual",
        "Individuals",
        "个人",
        "散客",
        "个人观众",
        "个人预约（家庭）",
        "individual visitor (family)",
    ],
)
def test_a_word_for_individuals_is_in_the_readers_language(app: Flask, typed: str) -> None:
    assert named(typed) == {"zh": "个人", "en": "Individual visitors"}


@pytest.mark.parametrize(
    "typed", ["罗小龙", "Li Wei", "个人所得税研究会", "Individual Thinkers Club", "未说明来源的散客团"]
)
def test_a_name_of_its_own_stays(app: Flask, typed: str) -> None:
    assert set(named(typed).values()) == {typed}


def test_an_organisation_keeps_its_name_whatever_it_is(app: Flask) -> None:
    assert set(named("个人", "company").values()) == {"个人"}


@pytest.fixture
def office(app: Flask) -> Iterator[SimpleNamespace]:
    """The office of the guides' tests on a day with an individual, who waits, and one who comes."""
    with time_machine.travel(ON_THE_DAY, tick=False):
        with transaction():
            office = make_office()
            office.hall.name_list = "optional"
            slot = factories.slot(programme=office.tour, day=MONDAY, starts=time(14))
            office.typed = "Individual visitors"
            office.booking = _book(slot, organisation=office.typed)
            office.request = _book(slot, organisation="个人", state=BookingState.REQUESTED)
            passes.issue(office.booking)
        with transaction():
            assigning.assign(db.session.merge(office.booking), office.an.id, by=office.manager.id)
        yield office


def _book(slot: Any, **values: Any) -> Booking:
    return factories.booking(slot=slot, kind="individual", **values)


@pytest.mark.parametrize(
    ("language", "right", "wrong"), [("zh", "个人", "Individual visitors"), ("en", "Individual visitors", "个人")]
)
def test_every_place_names_individuals_in_the_language_of_its_reader(
    office: SimpleNamespace, client: CheckingClient, language: str, right: str, wrong: str
) -> None:
    booking, hall = office.booking, office.hall
    reference, key = booking.reference, booking.key

    def shows(text: str, where: str) -> None:
        # The switch of the language and its own data apart, the other word stands nowhere.
        assert right in text, where
        assert wrong not in text, where

    for path in (f"/visits/{key}", f"/visits/{key}/pass"):
        shows(page(client.get(f"{path}?lang={language}")), path)
    client.sign_in(office.manager)
    client.get(f"/desk?lang={language}")
    shows(page(client.submit("/desk/lookup", {"q": reference})), "desk card")
    for path in (
        *("/today", "/desk", "/desk/paper", "/bookings", "/bookings/review", f"/bookings/{reference}/badges"),
        *(f"/admin/guides/week/{MONDAY:%G-W%V}", f"/admin/guides/day/{MONDAY}/sheet"),
        f"/admin/messages/groups/{MONDAY}",
    ):
        shows(page(client.get(f"{path}?lang={language}")), path)
    client.sign_in(office.me)
    shows(page(client.get(f"/guide?lang={language}")), "/guide")
    with force_locale(language):
        taken = snapshot._personal(booking, "")
        shows(taken["organisation"], "offline list")
        shows(facts.facts_of(booking, language=language)["organisation"], "mail")
    shows(ics.render(booking, language=language).decode(), "calendar entry")
    shows(sheet_of(booking, qr_text="X", language=language).organisation, "pass")
    shows(_text_of_pdf(client.get(f"/visits/{key}/pass.pdf?lang={language}").data), "printed pass")
    book = openpyxl.load_workbook(io.BytesIO(lists.write_xlsx([booking], hall=hall, language=language))).active
    shows(" ".join(str(cell) for row in book.iter_rows(values_only=True) for cell in row), "list")


def _text_of_pdf(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return " ".join(page.get_textpage().get_text_range() for page in document)


def test_individuals_are_not_named_on_the_big_screen(office: SimpleNamespace) -> None:
    from hallapp.screen import board

    shown: Callable[..., Any] = board._group
    assert shown(office.booking, 0, named=True).organisation == ""
