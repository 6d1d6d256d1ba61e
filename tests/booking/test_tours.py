"""The language of a tour: what is offered, what is refused, who leads it, and where it can be read."""

import io
import re
from dataclasses import replace
from datetime import time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from hallapp.accounts.roles import Role
from hallapp.booking import lists, service, tours
from hallapp.booking.errors import TourLanguageNeeded, TourLanguageNotSpoken
from hallapp.booking.lifecycle import by_staff
from hallapp.booking.models import Booking, TourLanguage
from hallapp.core.database import db, transaction
from hallapp.core.i18n import force_locale
from hallapp.desk import service as desk
from hallapp.guides import assigning, queries
from hallapp.guides.models import Assignment, Dropped
from hallapp.ledger.models import Arrival
from hallapp.periods import Period
from hallapp.reports.figures.service import get_report
from tests import factories
from tests.booking.helpers import command, page, typed
from tests.client import CheckingClient
from tests.guides.office import MONDAY, NOON, group, guide, make_office

pytestmark = pytest.mark.usefixtures("first_of_december")

ZH, EN, YUE, JA = TourLanguage.MANDARIN, TourLanguage.ENGLISH, TourLanguage.CANTONESE, TourLanguage.JAPANESE


@pytest.fixture
def office(app: Flask) -> SimpleNamespace:
    """The office of the guides' tests, with a time of the tour and a programme without guides."""
    with transaction():
        office = make_office()
        office.alone = factories.programme(hall=office.hall, slug="alone", guides=0, position=9)
        office.slot = factories.slot(programme=office.tour, day=MONDAY, starts=time(10))
        office.free = factories.slot(programme=office.alone, day=MONDAY, starts=time(14))
    return office


def place(slot: Any, **values: Any) -> Booking:
    with transaction():
        return service.place(command(slot, submission=str(uuid4()), **values))


def contact(booking: Booking, **values: Any) -> service.ContactData:
    return service.ContactData(
        contact_name=booking.contact_name, phone=booking.phone, email=booking.email, note=booking.note, **values
    )


def selected(shown: str) -> tuple[list[str], str]:
    """The choices of the page's select, and the one that is chosen."""
    select_ = re.search(r'<select[^>]* name="tour_language"[^>]*>(.*?)</select>', shown)
    assert select_
    chosen = re.search(r'<option selected value="([^"]*)"', select_[1])
    return re.findall(r'value="([^"]*)"', select_[1]), chosen[1] if chosen else ""


def test_languages_are_those_of_the_guides_who_know_the_programme(office: SimpleNamespace) -> None:
    assert tours.list_languages(office.hall, office.tour) == (ZH, EN)
    assert tours.list_languages(office.hall, office.alone) == ()
    with transaction():
        talk = factories.programme(hall=office.hall, slug="talk")
        guide(office.hall, "Dai", talk, languages="ja,yue")
        guide(office.hall, "Eto", office.tour, languages="ko", active=False)
    assert tours.list_languages(office.hall, talk) == (YUE, JA)
    assert tours.list_languages(office.hall) == (ZH, YUE, EN, JA)


@pytest.mark.parametrize(
    ("pages", "offered"),
    [("zh,en", (ZH, EN)), ("en", (EN,)), ("zh_Hant,en", (ZH, EN)), ("it,zh_Hant,zh", (ZH,)), ("it", ())],
)
def test_without_guides_the_languages_are_those_of_the_pages(
    app: Flask, client: CheckingClient, pages: str, offered: tuple[TourLanguage, ...]
) -> None:
    with transaction():
        hall = factories.hall(languages=pages)
        tour = factories.programme(hall=hall)
        slot = factories.slot(programme=tour, day=MONDAY)
    assert tours.list_languages(hall, tour) == offered
    assert client.get(f"/book?slot={slot.id}").status_code == 200
    assert place(slot, language=pages.split(",")[0], tour_language=offered[0] if offered else None)


def test_a_booking_is_led_in_the_language_that_was_asked_for(office: SimpleNamespace) -> None:
    assert place(office.slot).tour_language is ZH
    assert place(office.slot, language="en").tour_language is EN
    asked = place(office.slot, tour_language=EN)
    assert (asked.language, asked.tour_language) == ("zh", EN)
    assert place(office.free, tour_language=EN).tour_language is None


def test_a_language_that_no_guide_speaks_is_refused(office: SimpleNamespace) -> None:
    with pytest.raises(TourLanguageNotSpoken):
        place(office.slot, tour_language=JA)
    with transaction():
        db.session.merge(office.chen).languages = "ja"
    for one in (office.an, office.bai):
        with transaction():
            db.session.merge(one).languages = "yue"
    with pytest.raises(TourLanguageNeeded):
        place(office.slot)
    assert place(office.slot, tour_language=JA).tour_language is JA


def test_the_booking_page_offers_the_languages_and_keeps_the_choice(
    office: SimpleNamespace, client: CheckingClient
) -> None:
    slot = office.slot
    assert selected(page(client.get(f"/book?slot={slot.id}"))) == (["zh", "en"], "zh")
    assert selected(page(client.get(f"/book?slot={slot.id}&lang=en"))) == (["zh", "en"], "en")
    assert "tour_language" not in page(client.get(f"/book?slot={office.free.id}&lang=zh"))
    again = client.submit("/book?lang=en", typed(slot, tour_language="zh") | {"refresh": "language"})
    assert selected(page(again)) == (["zh", "en"], "zh")
    refused = client.submit("/book?lang=en", typed(slot, tour_language="ja"))
    assert refused.status_code == 422
    assert 'id="tour_language-error">No guide of this programme speaks this language' in page(refused)
    assert client.submit("/book", typed(slot, tour_language="klingon")).status_code == 422
    assert client.submit("/book", typed(slot, tour_language="en")).status_code == 303
    assert db.session.scalars(select(Booking.tour_language)).all() == [EN]


def test_where_no_guide_speaks_the_language_of_the_page_somebody_chooses(
    office: SimpleNamespace, client: CheckingClient
) -> None:
    with transaction():
        db.session.merge(office.chen).languages = "zh"
    assert "tour_language" not in page(client.get(f"/book?slot={office.slot.id}"))
    assert selected(page(client.get(f"/book?slot={office.slot.id}&lang=en"))) == (["", "zh"], "")
    refused = client.submit("/book?lang=en", typed(office.slot, tour_language=""))
    assert refused.status_code == 422
    assert "Choose the language of the tour." in page(refused)


@pytest.mark.parametrize(("pages", "spoken"), [("en", EN), ("zh_Hant", ZH), ("it", None)])
def test_a_move_to_a_tour_begins_with_the_language_of_the_pages(
    office: SimpleNamespace, pages: str, spoken: TourLanguage | None
) -> None:
    booking = place(office.free, language=pages)
    with transaction():
        service.move(booking, office.slot.id, by=by_staff(office.manager.id))
    assert booking.tour_language is spoken
    with transaction():
        service.move(booking, office.free.id, by=by_staff(office.manager.id))
    assert (booking.guides, tours.name_of(booking)) == (0, "")


@pytest.mark.parametrize("by_organiser", [True, False])
def test_another_language_takes_off_the_guides_who_do_not_speak_it(office: SimpleNamespace, by_organiser: bool) -> None:
    with transaction():
        booking = group(office.tour)
        assigning.assign(booking, office.an.id, by=office.manager.id)
    by = {} if by_organiser else {"by": by_staff(office.manager.id)}
    with transaction():
        service.change_contact(booking, contact(booking, tour_language=EN), **by)
    assert booking.tour_language is EN
    [dropped] = db.session.scalars(select(Assignment)).all()
    assert dropped.dropped_why is Dropped.LANGUAGE
    [suggestion] = assigning.suggest(office.hall, first=MONDAY, last=MONDAY)
    assert suggestion.guide == office.chen
    with pytest.raises(TourLanguageNotSpoken), transaction():
        service.change_contact(booking, contact(booking, tour_language=JA), **by)


def test_another_note_leaves_the_guide_whom_a_manager_chose_all_the_same(office: SimpleNamespace) -> None:
    with transaction():
        booking = group(office.tour, tour_language=EN)
        assigning.assign(booking, office.an.id, by=office.manager.id, accept=True)
    with transaction():
        service.change_contact(booking, replace(contact(booking), note="两辆大巴"))
    assert [each.guide_id for each in queries.list_of_booking(booking.id)] == [office.an.id]


def test_the_language_can_be_changed_on_the_pages(office: SimpleNamespace, client: CheckingClient) -> None:
    booking = place(office.slot)
    path = f"/visits/{booking.key}/change?what=contact"
    assert selected(page(client.get(path))) == (["zh", "en"], "zh")
    data = {"what": "contact", "contact_name": "何秀珍", "phone": "19900001050", "email": "", "note": ""}
    assert client.submit(path.split("?")[0], data | {"tour_language": "en"}).status_code == 303
    assert "讲解语言</dt> <dd>英语" in page(client.get(f"/visits/{booking.key}"))
    client.sign_in(office.manager)
    shown = page(client.get(f"/bookings/{booking.reference}"))
    assert selected(shown) == (["zh", "en"], "en")
    data |= {"organisation": "广州市越秀区东湖街老年大学", "kind": "school", "tour_language": "zh"}
    client.submit(f"/bookings/{booking.reference}/contact", data)
    assert db.session.scalars(select(Booking.tour_language).execution_options(populate_existing=True)).one() is ZH
    assert "讲解语言" in page(client.get(f"/bookings/{booking.reference}"))


def test_everybody_who_prepares_the_visit_reads_the_language(office: SimpleNamespace, client: CheckingClient) -> None:
    booking = place(office.slot, tour_language=EN)
    with transaction():
        assigning.assign(booking, office.chen.id, by=office.manager.id)
        db.session.merge(office.chen).staff_id, db.session.merge(office.an).staff_id = None, None
        account = factories.staff(hall=office.hall, role=Role.GUIDE)
        db.session.flush()
        db.session.merge(office.chen).staff_id = account.id
    assert "讲解参观 · 英语" in page(client.get(f"/visits/{booking.key}/pass"))
    client.sign_in(office.manager)
    with time_machine.travel(NOON + timedelta(days=(MONDAY - NOON.date()).days), tick=False):
        client.sign_in(office.manager)
        client.get("/desk")
        card = client.submit("/desk/lookup", {"q": booking.reference})
        assert "讲解参观 · 英语" in page(card)
        assert "讲解参观 · 英语" in page(client.get(f"/admin/guides/week/{MONDAY:%G-W%V}"))
        assert "讲解参观 · 英语" in page(client.get(f"/admin/guides/day/{MONDAY}/sheet"))
        client.sign_in(account)
        assert "讲解参观 · 英语" in page(client.get("/guide"))
    with force_locale("en"):
        book = openpyxl.load_workbook(io.BytesIO(lists.write_xlsx([booking], hall=office.hall, language="en"))).active
    heading, row = book.iter_rows(values_only=True)
    assert dict(zip(heading, row, strict=True))["Language of the tour"] == "English"


def test_arrivals_are_filed_and_reported_by_the_language_they_were_led_in(office: SimpleNamespace) -> None:
    bookings = [place(office.slot, tour_language=EN), place(office.slot), place(office.free)]
    with time_machine.travel(NOON.replace(month=12, day=MONDAY.day), tick=False):
        for booking in bookings:
            with transaction():
                desk.admit(
                    desk.Admit(
                        hall_id=office.hall.id,
                        staff_id=office.manager.id,
                        role=Role.MANAGER,
                        event_id=str(uuid4()),
                        code=booking.reference,
                        reason="早到",
                    ),
                    keys=("a-key-that-signs-nothing-here",),
                )
        with transaction():
            desk.admit_walk_in(
                desk.AdmitWalkIn(
                    hall_id=office.hall.id,
                    staff_id=office.manager.id,
                    event_id=str(uuid4()),
                    programme=office.tour.slug,
                    organisation="某校",
                    counts={"440000": 7},
                    sure=7,
                )
            )
    assert sorted(db.session.scalars(select(Arrival.tour_language)), key=str) == [None, "en", "none", "zh"]
    report = get_report(office.hall, Period.month(2026, 12))
    assert report.people_of("tour_language") == {"zh": 20, "en": 20, "none": 20, "unknown": 7}
