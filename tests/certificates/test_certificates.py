"""Certificates: for groups that came, after the visit, checked by anyone, and true as long as the arrivals are."""

from datetime import time, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.accounts.roles import Role
from hallapp.booking.models import Booking
from hallapp.certificates import codes, pdf, queries, service
from hallapp.certificates.errors import CodeUnreadable, NoCertificate
from hallapp.certificates.models import Certificate, Scope
from hallapp.certificates.service import SaveSetting
from hallapp.certificates.web import routes
from hallapp.core import formats, limits
from hallapp.core.database import db, transaction
from hallapp.core.texts import Texts
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.schedule.models import Mode
from tests import factories
from tests.booking.helpers import page
from tests.desk.conftest import TODAY, admit, code_of, take_back
from tests.passes.reading import picture, scan, texts


def offer(
    counter: SimpleNamespace,
    scope: Scope = Scope.ALL,
    programmes: tuple[int, ...] = (),
) -> None:
    words = Texts({"zh": "不忘初心", "en": "Thank you"})
    with transaction():
        service.save_setting(
            SaveSetting(hall_id=counter.hall.id, by=None, scope=scope, words=words, programmes=programmes)
        )


def issue(booking_id: int) -> str:
    with transaction():
        return service.issue(db.session.get_one(Booking, booking_id)).code


@pytest.mark.either_database
def test_a_stranger_checks_what_was_printed(
    app: Flask,
    counter: SimpleNamespace,
    clock: time_machine.Traveller,
) -> None:
    booking, organiser, stranger = counter.booking, app.test_client(), app.test_client()
    path = f"/visits/{booking.key}/certificate"
    first = admit(counter, counts={"440000": 33})
    assert "certificate-title" not in page(organiser.get(f"/visits/{booking.key}"))
    offer(counter)
    assert organiser.submit(path).status_code == 404  # the visit is not over
    clock.shift(3 * 3600)
    assert "certificate-title" in page(organiser.get(f"/visits/{booking.key}"))
    assert organiser.submit(path).status_code == organiser.submit(path).status_code == 303
    code = db.session.scalars(select(Certificate.code)).one()  # the second press made no other one

    document = organiser.get(f"{path}.pdf").data
    (address,) = scan(picture(document))
    assert address.endswith(f"/C/{code}")
    for read in texts(document):
        assert f"{booking.organisation}一行33人" in read
        assert "33people" in read and "不忘初心" in read and "Thankyou" in read
    shown = page(stranger.get(f"/C/{code}?lang=en"))
    assert "Valid" in shown and booking.organisation in shown and "33" in shown
    for secret in (booking.contact_name, booking.reference, booking.phone, booking.key):
        assert secret not in shown
    typed = "-".join(codes.grouped(code.lower()).split())
    assert stranger.get("/certificates", query_string={"code": typed}).status_code == 200
    assert stranger.get(f"/c/{'A' * 16}").status_code == 404

    take_back(counter, first.event_id)
    assert "Not valid" in page(stranger.get(f"/C/{code}?lang=en"))
    admit(counter, counts={"440000": 30})
    assert "Not valid" in page(stranger.get(f"/C/{code}?lang=en"))
    assert "corrected" in page(organiser.get(f"{path}?lang=en"))
    newer = issue(booking.id)
    assert newer != code
    assert "Valid" in page(stranger.get(f"/C/{newer}?lang=en"))
    admit(counter, counts={"430000": 5})  # it was late: the earlier paper is still true
    assert "Valid" in page(stranger.get(f"/C/{newer}?lang=en"))
    assert "Not valid" in page(stranger.get(f"/C/{code}?lang=en"))


@pytest.mark.either_database
def test_a_large_group_has_one_certificate_and_programmes_are_chosen(
    counter: SimpleNamespace,
    clock: time_machine.Traveller,
) -> None:
    with transaction():
        programme = factories.programme(hall=counter.hall)
        slot = factories.slot(programme=programme, day=TODAY)
        parts = [factories.booking(slot=slot, origins={"440000": people}, party=77) for people in (20, 25)]
        passes, ids = [code_of(part) for part in parts], [part.id for part in parts]
    for code in passes:
        admit(counter, code=code)
    clock.shift(8 * 3600)
    offer(counter, Scope.CHOSEN, (counter.programme.id,))
    with pytest.raises(NoCertificate):
        issue(ids[0])
    offer(counter, Scope.CHOSEN, (programme.id,))
    assert issue(ids[0]) == issue(ids[1])
    assert db.session.scalars(select(Certificate.people)).one() == 45


@pytest.mark.either_database
def test_the_days_are_those_on_which_the_group_came(
    app: Flask, counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    with transaction():
        programme = factories.programme(hall=counter.hall)
        slots = [factories.slot(programme=programme, day=TODAY + timedelta(days=number)) for number in range(3)]
        late, *parts = [
            factories.booking(slot=slot, origins={"440000": 20}, party=party)
            for slot, party in zip((slots[0], *slots), (None, 78, 78, 78), strict=True)
        ]
        late_code, *codes_of_parts = [code_of(one) for one in (late, *parts)]
    offer(counter)
    clock.shift(24 * 3600)
    admit(counter, code=late_code, role=Role.MANAGER, reason="came a day late")
    admit(counter, code=codes_of_parts[1])
    clock.shift(24 * 3600)
    admit(counter, code=codes_of_parts[2])
    clock.shift(24 * 3600)
    alone, whole = (queries.find_by_code(issue(one)) for one in (late.id, parts[0].id))
    assert alone and whole
    assert (alone.day, whole.day) == (slots[1].day, slots[1].day)  # nobody of the first part came
    shown = page(app.test_client().get(f"/C/{whole.code}?lang=en"))
    assert all(formats.day(slot.day, "en", year=True) in shown for slot in slots[1:])
    assert formats.day(slots[0].day, "en", year=True) not in shown
    for version, language in zip(pdf.sheet_of(whole).versions, ("zh", "en"), strict=True):
        named = [formats.long_day(slot.day, language) in version.statement for slot in slots]
        assert named == [False, True, True]
    with transaction():  # issued before the days were those of the arrivals
        db.session.get_one(Certificate, (alone.hall_id, alone.code)).day = slots[0].day
    assert issue(late.id) != alone.code


@pytest.mark.parametrize("typed", ["", "A" * 15, "A" * 17, "ABCD EFGH IJKL MN!!", "９" * 16, "\x00" * 16])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeUnreadable):
        codes.read(typed)


@pytest.mark.parametrize("typed", ["ｏｉｂ2 2345 6734 abcd", "018223456734ABCD", "OIB2-2345-6734–ABCD"])
def test_codes_are_read_as_people_type_them(typed: str) -> None:
    assert codes.read(typed) == "OIB223456734ABCD"


def test_checks_are_limited(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.make(factories.hall)
    monkeypatch.setattr(routes, "CHECKS_AN_HOUR", 2)
    stranger = app.test_client()
    assert [stranger.get(f"/c/{'B' * 16}").status_code for _ in range(4)] == [404, 404, 429, 429]
    limits._leases.clear()  # as in another process: the database has counted
    assert stranger.get(f"/c/{'B' * 16}").status_code == 429


def test_a_stranger_learns_no_name_of_a_person(
    app: Flask, counter: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    offer(counter)
    with transaction():
        slot = factories.slot(programme=counter.programme, day=TODAY, starts=time(14))
        alone = factories.booking(slot=slot, kind=INDIVIDUAL, organisation="𠮷田龑", origins={"440000": 1})
        number, ticket = alone.id, code_of(alone)
    admit(counter, code=ticket)
    clock.shift(9 * 3600)
    code = issue(number)
    shown = page(app.test_client().get(f"/c/{code}?lang=en"))
    assert "𠮷田龑" not in shown and "on the paper only" in shown and "Valid" in shown
    own = app.test_client().get(f"/visits/{db.session.get_one(Booking, number).key}/certificate?lang=en")
    assert "𠮷田龑" in page(own)


def test_the_setting_keeps_what_was_typed_when_it_is_refused(app: Flask) -> None:
    hall = factories.make(factories.hall)
    factories.make(factories.programme, hall=hall)
    online = factories.make(factories.programme, hall=hall, mode=Mode.ONLINE, guides=0, name_en="Cloud talk")
    manager = app.test_client()
    manager.sign_in(factories.make(factories.staff, hall=hall, role=Role.MANAGER))
    assert "Cloud talk" not in page(manager.get("/admin/certificates?lang=en"))  # nobody arrives, so nobody gets one
    alone = {"scope": "chosen", "programmes": str(online.id)}
    assert manager.submit("/admin/certificates", alone).status_code == 422
    refused = manager.submit("/admin/certificates?lang=en", {"scope": "chosen", "words_en": "Our motto"})
    assert refused.status_code == 422
    assert "Our motto" in page(refused) and "Tick at least one programme" in page(refused)
    assert manager.submit("/admin/certificates", {"scope": "all", "words_en": "x" * 301}).status_code == 422
    assert manager.submit("/admin/certificates", {"scope": "all", "words_en": "Our motto"}).status_code == 303
    setting = queries.find_setting(hall.id)
    assert setting is not None and (setting.scope, setting.words["en"]) == (Scope.ALL, "Our motto")
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 0
