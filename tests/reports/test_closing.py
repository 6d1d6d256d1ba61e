"""The month close: what is filed stays, what comes later stands beside it, and both together are the ledger."""

import io
import json
import re
from datetime import date, datetime
from types import SimpleNamespace

import openpyxl
import pypdf
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, read_snapshot, transaction
from hallapp.core.i18n import force_locale
from hallapp.desk import errors as desk_errors
from hallapp.desk import service as desk
from hallapp.desk.models import ConflictReason, DeskConflict
from hallapp.devices.models import Device, DeviceKind
from hallapp.ledger import closes, history
from hallapp.ledger.facets import DIVISION
from hallapp.ledger.models import DeskEvent, DivisionSummary, Figure, MonthClose
from hallapp.periods import Period, Span
from hallapp.reports.closing import digests, month_close, verify
from hallapp.reports.errors import DigestUnreadable, FiguresDiffer
from hallapp.reports.exports import data_sheet
from hallapp.reports.figures import service as figures
from tests import factories
from tests.reports.conftest import GUANGZHOU, Counter

NOVEMBER = Period.month(2026, 11)


def close(hall: SimpleNamespace, month: Period = NOVEMBER) -> MonthClose:
    with transaction():
        return month_close.close(hall.hall.id, month, staff_id=hall.manager.id)


def first_event(hall_id: int, day: date) -> str:
    """The first admission of a day."""
    query = select(DeskEvent.event_id).where(DeskEvent.hall_id == hall_id, DeskEvent.day == day)
    return db.session.scalars(query.order_by(DeskEvent.id)).first() or ""


def take_back(november: SimpleNamespace, event_id: str, reason: str = "Counted at the wrong desk") -> None:
    with transaction():
        desk.take_back(
            desk.TakeBack(hall_id=november.hall.id, staff_id=november.manager.id, event_id=event_id, reason=reason)
        )


def verdicts(hall_id: int) -> list[verify.Verdict]:
    read_snapshot()
    return verify.list_verdicts(hall_id)


@pytest.mark.either_database
def test_closed_month_shows_what_was_filed_and_what_came_later(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11").text
    assert "/reports/2026-11/close" in page
    confirm = client.get("/reports/2026-11/close")
    assert "74" in confirm.text and "disabled" not in confirm.text
    done = client.submit("/reports/2026-11/close")
    assert (done.status_code, done.location) == (303, "/reports/2026-11#closed")
    made = db.session.scalars(select(MonthClose)).one()
    assert (made.visitors, made.version, made.closed_by_id) == (74, 1, november.manager.id)

    clock.move_to(datetime(2026, 12, 3, 9, tzinfo=GUANGZHOU))
    take_back(november, first_event(november.hall.id, date(2026, 11, 11)))
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11").text
    for part in (digests.grouped(made.digest), november.manager.name, "−20", "Counted at the wrong desk"):
        assert part in page, part
    report = client.get("/reports/2026-11.json").json
    assert (report["closed"], report["totals"]["visitors"]) == (True, 74)
    assert client.get("/reports/2026.json").json["totals"]["visitors"] == 10 + 74 - 20 + 7
    december = client.get("/reports/2026-12").text
    assert "−20" in december and "/reports/2026-11" in december  # where it was made, too
    (found,) = verdicts(november.hall.id)
    assert found.agrees and (found.filed, found.adjusted, found.in_ledger) == (74, -20, 54)
    assert client.get("/reports/2026-11/close").status_code == 200  # and says that it is closed
    again = client.submit("/reports/2026-11/close")
    assert again.status_code == 409
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail == ["month_closed", "admission_corrected"]


def test_month_is_closed_from_the_first_day_of_the_next_one(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 11, 30, 23, 59, tzinfo=GUANGZHOU))
    client.sign_in(november.manager)
    assert "/reports/2026-11/close" not in client.get("/reports/2026-11").text
    page = client.get("/reports/2026-11/close")
    assert page.status_code == 200 and '<form method="post"' not in page.text.split("<main")[1]
    assert client.submit("/reports/2026-11/close").status_code == 409
    assert db.session.scalar(select(MonthClose)) is None
    for path in (
        "/reports/2026/close",
        "/reports/2026-11-03/close",
        "/reports/2026-13/close",
        "/reports/2030-01/close",
    ):
        assert client.get(path).status_code in (200, 404), path
        assert client.submit(path).status_code in (404, 405, 409), path


def test_month_whose_figures_are_wrong_is_not_closed(november: SimpleNamespace, client: FlaskClient) -> None:
    client.sign_in(november.manager)
    with transaction():  # as many people, of other divisions: only the ledger itself tells
        for facet, part, people in ((DIVISION, "440000", 1), (DIVISION, "430000", -1)):
            where = (
                Figure.facet == facet,
                Figure.part == part,
                Figure.span == Span.MONTH,
                Figure.first == NOVEMBER.first,
            )
            db.session.execute(update(Figure).where(*where).values(visitors=Figure.visitors + people))
    page = client.get("/reports/2026-11/close").text
    assert "disabled" in page and "reports recount" in page
    refused = client.submit("/reports/2026-11/close")
    assert refused.status_code == 409 and "reports recount" in refused.text
    with pytest.raises(FiguresDiffer):
        close(november)
    assert db.session.scalar(select(MonthClose)) is None


def test_page_warns_of_entries_that_may_still_arrive(november: SimpleNamespace, client: FlaskClient) -> None:
    with transaction():
        event = db.session.scalars(select(DeskEvent).where(DeskEvent.day == date(2026, 11, 11))).first()
        assert event
        hall_id, division, reason = november.hall.id, "110000", ConflictReason.SURPLUS
        db.session.add(
            DeskConflict(hall_id=hall_id, event_id=event.id, division=division, visitors=3, counted=0, reason=reason)
        )
        seen = datetime(2026, 11, 29, 12, tzinfo=GUANGZHOU)
        made = {"hall_id": hall_id, "kind": DeviceKind.KIOSK, "created_at": seen}
        db.session.add(Device(name="东门", digest="a" * 64, last_seen_at=seen, **made))
        db.session.add(
            Device(name="西门", digest="b" * 64, last_seen_at=datetime(2026, 12, 1, 0, 5, tzinfo=GUANGZHOU), **made)
        )
    client.sign_in(november.manager)
    page = client.get("/reports/2026-11/close").text
    assert "/desk/conflicts" in page and "东门" in page and "西门" not in page
    assert client.submit("/reports/2026-11/close").status_code == 303


@pytest.mark.both_databases
def test_many_months_are_closed_at_once(counter: Counter, client: FlaskClient, clock: time_machine.Traveller) -> None:
    counter.walk_in("2026-10-31T23:50", {"440000": 10})
    with transaction():
        db.session.execute(update(type(counter.hall)).values(opened_on=date(2026, 5, 20)))
    clock.move_to(datetime(2026, 12, 1, 0, 10, tzinfo=GUANGZHOU))
    client.sign_in(counter.manager)
    assert "2026-11" in client.get("/reports/close").text
    for odd in ("", "2026-05", "2027-01", "²", "\x00", "9" * 5000):
        assert client.submit("/reports/close", {"before": odd}).status_code == 422
    done = client.submit("/reports/close", {"before": "2026-11"})
    assert (done.status_code, done.location) == (303, "/reports/close?done=6")
    assert [each.month.month for each in closes.list_closed(counter.hall.id)] == [5, 6, 7, 8, 9, 10]
    assert client.submit("/reports/close", {"before": "2026-11"}).status_code == 409
    index = client.get("/reports").text
    assert index.count("report-closed") == 6
    assert all(one.agrees for one in verdicts(counter.hall.id))


@pytest.mark.either_database
def test_reopened_month_keeps_both_versions(
    november: SimpleNamespace, client: FlaskClient, clock: time_machine.Traveller
) -> None:
    first = close(november)
    admin = factories.make(factories.staff, hall=november.hall, role=Role.ADMIN)
    clock.move_to(datetime(2026, 12, 3, 9, tzinfo=GUANGZHOU))
    take_back(november, first_event(november.hall.id, date(2026, 11, 11)))
    client.sign_in(november.manager)
    assert client.get("/reports/2026-11/reopen").status_code == 403
    assert "/reports/2026-11/reopen" not in client.get("/reports/2026-11").text
    client.sign_in(admin)
    assert "/reports/2026-11/reopen" in client.get("/reports/2026-11").text
    client.get("/reports/2026-11/reopen")
    for odd in ("", "   ", "x" * 201, "\x00"):
        refused = client.submit("/reports/2026-11/reopen", {"reason": odd})
        assert (refused.status_code, "reason-error" in refused.text) == (422, True)
    assert client.submit("/reports/2026-11/reopen", {"reason": "两次计数"}).status_code == 303
    assert client.get("/reports/2026-11.json").json["totals"]["visitors"] == 54
    assert client.get("/reports/2026-11.json").json["closed"] is False
    assert client.submit("/reports/2026-11/reopen", {"reason": "again"}).status_code == 409

    second = close(november)
    assert (second.version, second.visitors) == (2, 54)
    versions = client.get("/reports/2026-11/versions").text
    for part in ("两次计数", digests.grouped(first.digest), digests.grouped(second.digest), "−20"):
        assert part in versions, part
    old = client.get("/reports/2026-11/versions/1").text
    assert "74" in old and "两次计数" in old and "pictures/" not in old
    assert client.get("/reports/2026-11/versions/1.json").json["totals"]["visitors"] == 74
    assert client.get("/reports/2026-11/versions/2.json").json["totals"]["visitors"] == 54
    for form in ("csv", "xlsx", "pdf"):
        assert client.get(f"/reports/2026-11/versions/1.{form}").status_code == 200
    for odd in ("0", "3", "x", "²", "9" * 50):
        assert client.get(f"/reports/2026-11/versions/{odd}").status_code == 404
    assert client.get("/reports/2026-10/versions").status_code == 404
    assert [one.agrees for one in verdicts(november.hall.id)] == [True, True]
    trail = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert trail == ["month_closed", "admission_corrected", "month_reopened", "month_closed"]
    assert "两次计数" not in json.dumps([entry.detail for entry in db.session.scalars(select(AuditEntry))])


def test_paper_is_verified_by_its_digest(november: SimpleNamespace, client: FlaskClient) -> None:
    made = close(november)
    client.sign_in(november.manager)
    for typed in (
        made.digest,
        made.digest[:8],
        digests.short(made.digest).upper(),
        digests.grouped(made.digest),
        f" {made.digest[:20]}",
    ):
        page = client.get("/reports/verify", query_string={"digest": typed})
        assert page.status_code == 200 and "/reports/2026-11/versions/1" in page.text, typed
    assert "/reports/2026-11/versions/1" in client.get("/reports/verify").text
    for odd in ("abc", "xyz12345", "²" * 10, "9" * 5000, "\x00", "\udc80" * 9):
        page = client.get("/reports/verify", query_string={"digest": odd.encode("utf-8", "surrogatepass")})
        assert (page.status_code, "digest-error" in page.text) == (422, True), odd[:10]
    unknown = client.get("/reports/verify?digest=0123456789")
    assert unknown.status_code == 200 and "versions/1" not in unknown.text
    other = factories.make(factories.hall)
    client.sign_in(factories.make(factories.staff, hall=other, role=Role.MANAGER))
    assert "versions/1" not in client.get("/reports/verify", query_string={"digest": made.digest}).text


@pytest.mark.either_database
@pytest.mark.parametrize("tampered", ["figures", "ledger"])
def test_verify_says_what_differs(november: SimpleNamespace, app: Flask, client: FlaskClient, tampered: str) -> None:
    made = close(november)
    runner = app.test_cli_runner()
    fine = runner.invoke(args=["reports", "verify", "--month", "2026-11"])
    assert (fine.exit_code, fine.output) == (
        0,
        f"lingnan 2026-11 version 1: filed 74 and adjusted +0, ledger 74; digest {digests.short(made.digest)} agrees\n"
        "1 version, 0 of which do not agree\n",
    )
    with transaction():
        if tampered == "figures":
            changed = {**made.figures, "untimed": 99}
            db.session.execute(update(MonthClose).values(figures=changed))
        else:
            db.session.execute(
                update(DeskEvent.arrivals.property.mapper.class_)
                .where(DeskEvent.arrivals.property.mapper.class_.division == "820000")
                .values(visitors=7)
            )
    found = runner.invoke(args=["reports", "verify", "--digest", made.digest[:12]])
    assert found.exit_code == 1
    if tampered == "figures":
        assert "the kept figures were changed" in found.output
    else:
        assert "820000: filed 6 and adjusted +0, ledger 7" in found.output
        assert "2026-11-30: filed 6 and adjusted +0, ledger 7" in found.output
    client.sign_in(november.manager)
    assert "✗" in client.get("/reports/verify").text


def test_verify_command_refuses_in_one_line(november: SimpleNamespace, app: Flask) -> None:
    runner = app.test_cli_runner()
    for args in (
        ["--digest", "0123456789abcdef"],
        ["--digest", "x"],
        ["--month", "2026"],
        ["--month", "x"],
        ["--hall", "no"],
    ):
        found = runner.invoke(args=["reports", "verify", *args])
        assert found.exit_code == 1 and re.fullmatch(r"Error: .+\n", found.stderr), args


def test_desk_takes_nothing_back_in_a_closed_month(november: SimpleNamespace) -> None:
    close(november)
    event_id = first_event(november.hall.id, date(2026, 11, 11))
    command = desk.TakeBack(hall_id=november.hall.id, staff_id=november.manager.id, event_id=event_id)
    with pytest.raises(desk_errors.MonthClosed), transaction():
        desk.take_back(command)
    take_back(november, event_id)
    assert verdicts(november.hall.id)[0].adjusted == -20


@pytest.mark.either_database
def test_import_into_a_closed_month_is_an_adjustment(november: SimpleNamespace) -> None:
    close(november)
    row = {"number": 1, "division": "440000", "programme_id": november.counter.tour.id, "kind": "school"}
    with transaction():
        made = history.begin(november.hall.id, name="纸本", digest="c" * 64, staff_id=november.manager.id)
        rows = [
            history.NewRow(**row, span=Span.DAY, first=date(2026, 11, 5), visitors=8, groups=1),
            history.NewRow(**{**row, "number": 2}, span=Span.MONTH, first=date(2026, 11, 1), visitors=5, groups=1),
        ]
        history.add_rows(made, rows)
        history.count(made)
    (found,) = verdicts(november.hall.id)
    assert found.agrees and (found.adjusted, found.in_ledger) == (13, 87)
    with transaction():
        history.withdraw(november.hall.id, made.id, staff_id=None)
    (found,) = verdicts(november.hall.id)
    assert found.agrees and (found.adjusted, found.in_ledger) == (0, 74)


def test_adjustments_that_cancel_out_are_shown(november: SimpleNamespace, client: FlaskClient) -> None:
    close(november)
    take_back(november, first_event(november.hall.id, date(2026, 11, 11)))  # 20 of Beijing, and 20 of Tianjin instead
    with transaction():
        made = history.begin(november.hall.id, name="纸本", digest="c" * 64, staff_id=november.manager.id)
        row = {"division": "120000", "programme_id": november.counter.tour.id, "kind": "party", "groups": 1}
        day = date(2026, 11, 11)
        history.add_rows(made, [history.NewRow(**row, number=1, span=Span.DAY, first=day, visitors=20)])
        history.count(made)
    client.sign_in(november.manager)
    for lang, said, data in (
        ("en", "2 adjustments since, ±0 people", "now, including"),
        ("zh", "有2笔调整，合计±0人", "现状，含"),
    ):
        for period in ("2026-11", "2026", "2026-11/versions/1"):
            if "versions" not in period:
                assert said in client.get(f"/reports/{period}?lang={lang}").text, (period, lang)
            assert said in client.get(f"/reports/{period}.csv?lang={lang}").data.decode("utf-8-sig"), (period, lang)
            book = openpyxl.load_workbook(io.BytesIO(client.get(f"/reports/{period}.xlsx?lang={lang}").data))
            texts = [str(cell) for sheet in book for cells in sheet.iter_rows(values_only=True) for cell in cells]
            assert any(said in text for text in texts), (period, lang)
            assert any(data in text for text in texts) == (period != "2026"), (period, lang)
            cover = pypdf.PdfReader(io.BytesIO(client.get(f"/reports/{period}.pdf?lang={lang}").data)).pages[0]
            assert re.sub(r"\s", "", said) in re.sub(r"\s", "", cover.extract_text()), (period, lang)
    month, year = client.get("/reports/2026-11.json").json, client.get("/reports/2026.json").json
    assert (month["adjusted_since"], month["adjustments_since"]) == (0, 2)
    assert year["filed"] == {"months": 1, "visitors": 74, "adjusted": 0, "adjustments": 2}


def test_version_of_a_reopened_month_says_that_its_data_is_of_now(november: SimpleNamespace) -> None:
    made = close(november)
    with transaction():
        month_close.reopen(november.hall.id, NOVEMBER, reason="两次计数", staff_id=november.manager.id)
    with force_locale("en"):
        told = data_sheet.open_data(figures.filed_report(november.hall, made)).told
    assert "as it is now: the month was reopened" in " ".join(told)


def test_other_halls_see_nothing(november: SimpleNamespace, client: FlaskClient) -> None:
    close(november)
    event_id = first_event(november.hall.id, date(2026, 11, 11))
    other = factories.make(factories.hall)
    client.sign_in(factories.make(factories.staff, hall=other, role=Role.ADMIN))
    client.get("/reports")
    for path in ("/reports/2026-11/versions", "/reports/2026-11/versions/1", f"/reports/entries/{event_id}"):
        assert client.get(path).status_code == 404, path
    assert client.submit(f"/reports/entries/{event_id}/take-back", {"reason": "x"}).status_code in (404, 409)
    assert client.submit("/reports/2026-11/reopen", {"reason": "x"}).status_code == 409
    assert closes.find(november.hall.id, NOVEMBER.first)


def test_digest_is_read_as_people_type_it() -> None:
    assert digests.read(" 3F2A-91c0 ") == "3f2a91c0"
    assert digests.read("３ｆ２ａ９１ｃ０") == "3f2a91c0"
    for odd in ("", "3f2a91c", "3f2a91cg", "0" * 65):
        with pytest.raises(DigestUnreadable):
            digests.read(odd)


@pytest.mark.either_database
def test_filed_figures_are_those_of_the_report(november: SimpleNamespace) -> None:
    before = figures.compute(november.hall, NOVEMBER)
    made = close(november)
    with transaction():
        db.session.execute(update(DivisionSummary).values(visitors=0))
    read_snapshot()
    filed = figures.filed_report(november.hall, made)
    assert all(getattr(filed, name) == getattr(before, name) for name in type(before).__dataclass_fields__)


def test_month_that_begins_to_run_again_in_another_time_zone_keeps_its_adjustments(november: SimpleNamespace) -> None:
    """Somebody corrects the hall's time zone in the night after a close: the day is then one of the closed month."""
    counter = november.counter
    close(november)
    with transaction():
        counter.hall.time_zone = "America/Los_Angeles"
    counter.walk_in("2026-12-01T00:20", {"440000": 9})
    report = figures.get_report(counter.hall, NOVEMBER)
    assert (report.totals.visitors, report.later, report.later_count) == (74, 9, 1)
    assert figures.get_report(counter.hall, Period.year(2026)).check.agrees
