"""The report by mail: on its day, once to each, in each one's language, with its files; and a test at once."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import openpyxl
import pypdf
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from hallapp.accounts.models import AuditEntry
from hallapp.accounts.roles import Role
from hallapp.core.database import db, transaction
from hallapp.ledger import recount
from hallapp.ledger.facets import DIVISION
from hallapp.ledger.models import Figure
from hallapp.notifications import sender, service
from hallapp.notifications.errors import AttachmentsTooLarge
from hallapp.notifications.models import OutboxAttachment, OutboxFile, OutboxMessage
from hallapp.notifications.service import NewFile, NewMessage
from hallapp.reports.mailing import sending
from hallapp.reports.mailing.sending import AddRecipient
from hallapp.reports.models import ReportRecipient
from tests import factories
from tests.notifications.mail_server import MailServer, mail_server
from tests.reports.conftest import GUANGZHOU

BASE_URL = "https://visit.example.org"
NAME = "岭南展览馆观众来源月报2026-11"


@pytest.fixture
def manager(november: SimpleNamespace, client: FlaskClient) -> FlaskClient:
    """The manager of the hall whose November is known; it is ten past midnight on 1 December."""
    client.sign_in(november.manager)
    client.get("/reports/mailing")
    return client


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A real mail server."""
    with mail_server() as server:
        yield server


def go_to(clock: time_machine.Traveller, day: str) -> None:
    clock.move_to(datetime.fromisoformat(day).replace(tzinfo=GUANGZHOU))


def listed(hall_id: int, email: str, **facts: object) -> ReportRecipient:
    with transaction():
        given = {"language": "zh", "pdf": True, "xlsx": True, **facts}
        return sending.add_recipient(hall_id, AddRecipient(email=email, **given))  # type: ignore[arg-type]


def send(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["reports", "send"])
    assert result.exit_code == 0, result.output
    return result.output


def deliver(server: MailServer) -> dict[str, EmailMessage]:
    sender.run(mail_url=f"smtp://127.0.0.1:{server.port}", base_url=BASE_URL)
    return {str(mail["To"]): mail for mail in server.mails}


def files_of(mail: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_content() for part in mail.iter_attachments()}


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_report_goes_out_on_its_day_once_to_each_in_their_language(
    app: Flask, november: SimpleNamespace, clock: time_machine.Traveller, server: MailServer
) -> None:
    hall_id = november.hall.id
    with transaction():
        sending.set_day(hall_id, 5)
    listed(hall_id, "director@example.org")
    listed(hall_id, "board@example.org", language="en", xlsx=False)
    listed(hall_id, "office@example.org", pdf=False)
    go_to(clock, "2026-12-04T23:59")
    assert send(app) == "lingnan: 0 reports written into the outbox\n"
    go_to(clock, "2026-12-05T00:01")
    assert send(app) == "lingnan: 3 reports written into the outbox\n"
    assert send(app) == "lingnan: 0 reports written into the outbox\n", "each once"
    assert count(OutboxFile) == 3, "a PDF in each language and one workbook, whoever gets them"
    mails = deliver(server)
    mail = mails["director@example.org"]
    assert mail["Subject"] == "岭南展览馆：2026年11月参观报告"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "74" in text and "尚未归档" in text and "PDF、XLSX" in text
    assert "http://127.0.0.1:8000/reports/2026-11" in text
    assert "020 8345 0000" in text, "where to write to be taken off the list"
    files = files_of(mail)
    assert sorted(files) == [f"{NAME}.pdf", f"{NAME}.xlsx"]
    assert "岭南展览馆" in pypdf.PdfReader(io.BytesIO(files[f"{NAME}.pdf"])).pages[0].extract_text()
    assert openpyxl.load_workbook(io.BytesIO(files[f"{NAME}.xlsx"])).worksheets
    english = mails["board@example.org"]
    assert english["Subject"] == "Lingnan Exhibition Hall: visitor report, November 2026"
    assert list(files_of(english)) == ["Lingnan Exhibition Hall - Monthly visitor report 2026-11.pdf"]
    assert "not closed yet" in english.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert files_of(mails["office@example.org"]) == {f"{NAME}.xlsx": files[f"{NAME}.xlsx"]}
    go_to(clock, "2027-01-05T07:00")
    assert send(app) == "lingnan: 3 reports written into the outbox\n"
    assert "2026年12月" in deliver(server)["director@example.org"]["Subject"]


def test_missed_day_is_caught_up_on_for_a_week_and_for_who_was_listed_then(
    app: Flask, november: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    hall_id = november.hall.id
    with transaction():
        sending.set_day(hall_id, 28)
    listed(hall_id, "a@example.org")
    go_to(clock, "2026-12-29T10:00")
    listed(hall_id, "late@example.org")
    assert "1 report" in send(app)
    assert list(db.session.scalars(select(OutboxMessage.recipient))) == ["a@example.org"]
    go_to(clock, "2027-01-20T07:00")
    assert "0 reports" in send(app)
    with transaction():
        sending.set_day(hall_id, 12)
    assert "0 reports" in send(app), "more than a week late: with the next month"
    with transaction():
        sending.set_day(hall_id, None)
    go_to(clock, "2027-02-12T07:00")
    assert "0 reports" in send(app)


def test_missed_day_is_caught_up_on_over_the_end_of_a_month(
    app: Flask, november: SimpleNamespace, clock: time_machine.Traveller, server: MailServer
) -> None:
    hall_id = november.hall.id
    with transaction():
        sending.set_day(hall_id, 28)
    listed(hall_id, "a@example.org")
    go_to(clock, "2027-03-01T07:00")
    listed(hall_id, "late@example.org")
    assert "1 report" in send(app)
    (mail,) = deliver(server).values()
    assert "2027年1月" in mail["Subject"], "what the day would have brought"
    go_to(clock, "2027-03-07T23:00")
    assert "0 reports" in send(app)
    go_to(clock, "2027-04-04T23:59")
    assert "2 reports" in send(app), "28 March and a week"
    go_to(clock, "2027-05-06T00:01")
    assert "0 reports" in send(app), "28 April, more than a week ago"


def test_address_gets_a_month_once_however_often_it_is_listed(
    app: Flask, november: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    hall_id = november.hall.id
    with transaction():
        sending.set_day(hall_id, 5)
    row = listed(hall_id, "Director@example.org")
    go_to(clock, "2026-12-05T06:00")
    listed(hall_id, "added-before@example.org")
    assert "2 reports" in send(app)
    again = row.id
    for email in ("director@example.org", "DIRECTOR@EXAMPLE.ORG"):
        with transaction():
            sending.remove_recipient(hall_id, again)
        again = listed(hall_id, email, language="en").id
        assert "0 reports" in send(app)
    listed(hall_id, "added-later@example.org")
    assert "1 report" in send(app), "on the day itself, after the others"
    assert "director" not in str(list(db.session.scalars(select(OutboxMessage.once)))).lower()
    with transaction():  # as mails were named before this was known of addresses
        for one in db.session.scalars(select(ReportRecipient).where(ReportRecipient.hall_id == hall_id)):
            mine = func.lower(OutboxMessage.recipient) == one.email.lower()
            named = f"monthly_report 2026-11 {one.id}"
            db.session.execute(update(OutboxMessage).where(mine).values(once=named))
    assert "0 reports" in send(app)


def test_same_bytes_are_sent_again_and_are_gone_with_the_message(
    app: Flask, november: SimpleNamespace, clock: time_machine.Traveller, server: MailServer
) -> None:
    hall_id = november.hall.id
    with transaction():
        sending.set_day(hall_id, 1)
    listed(hall_id, "later@example.org")
    listed(hall_id, "taken@example.org")
    assert "0 reports" not in send(app)
    deliver(server)
    taken = files_of(server.mails[0])
    with transaction():
        db.session.execute(update(OutboxMessage).values(recipient="at-last@example.org"))
    clock.shift(timedelta(minutes=2))
    assert files_of(deliver(server)["at-last@example.org"]) == taken, "though a PDF made now would differ"
    with transaction():
        message = db.session.scalars(select(OutboxMessage)).first()
        assert message
        service.erase_before(hall_id, clock_now(clock))
    assert (count(OutboxMessage), count(OutboxAttachment), count(OutboxFile)) == (0, 0, 0)


def clock_now(clock: time_machine.Traveller) -> datetime:
    clock.shift(timedelta(seconds=1))
    return datetime.now(GUANGZHOU)  # noqa: TID251


def test_files_beyond_the_size_limit_are_left_out_of_the_mail(
    november: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall_id = november.hall.id
    big = NewFile(name="x", mimetype="application/pdf", content=b"x" * (service.MOST_ATTACHED + 1))
    with pytest.raises(AttachmentsTooLarge), transaction():
        service.put(NewMessage(hall_id=hall_id, kind="x", recipient="a@example.org", body="", files=[big]))
    monkeypatch.setattr(sending, "MOST_ATTACHED", 100)
    mail = sending.make_test(november.hall, listed(hall_id, "a@example.org"))
    assert mail.files == ()
    assert "文件过大" in mail.body and "附件" not in mail.body


def test_manager_keeps_the_list_and_tries_it(
    manager: FlaskClient, november: SimpleNamespace, server: MailServer, app: Flask
) -> None:
    assert manager.submit("/reports/mailing", {"day": "3"}).status_code == 303
    page = manager.get("/reports/mailing").text
    assert '<option selected value="3">' in page and "2026年12月3日" in page
    typed = {"email": "Liang@例え.example.org ", "language": "zh", "pdf": "y"}
    assert manager.submit("/reports/mailing/recipients", typed).status_code == 303
    page = manager.get("/reports/mailing").text
    assert "Liang@xn--r8jz45g.example.org" in page
    again = manager.submit("/reports/mailing/recipients", {**typed, "email": "liang@例え.example.org"})
    assert (again.status_code, "该邮箱已在名单中" in again.text) == (409, True)
    number = db.session.scalars(select(ReportRecipient.id)).one()
    assert manager.submit(f"/reports/mailing/recipients/{number}/test").status_code == 303
    assert "月度报告" in manager.get("/admin/outbox?kind=monthly_report").text
    message = manager.get(f"/admin/outbox/{db.session.scalars(select(OutboxMessage.id)).one()}").text
    assert f"{NAME}.pdf" in message
    (mail,) = deliver(server).values()
    assert mail["Subject"] == "【测试】岭南展览馆：2026年11月参观报告"
    assert list(files_of(mail)) == [f"{NAME}.pdf"]
    assert manager.submit(f"/reports/mailing/recipients/{number}/delete").status_code == 303
    assert count(ReportRecipient) == 0
    assert manager.submit("/reports/mailing", {"day": ""}).status_code == 303
    assert sending.find_mailing(november.hall.id) is None
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert [action for action in actions if action.startswith("report_")] == [
        *("report_day_set", "report_recipient_added", "report_test_sent"),
        *("report_recipient_removed", "report_day_set"),
    ]
    assert "liang" not in str([entry.detail for entry in db.session.scalars(select(AuditEntry))]).lower()


@pytest.mark.parametrize(
    ("path", "field", "value"),
    [
        ("", "day", "29"),
        ("", "day", "²"),
        ("/recipients", "email", "nobody"),
        ("/recipients", "email", "a@b.example\0"),
        ("/recipients", "email", "a" * 5000 + "@example.org"),
        ("/recipients", "language", "fr"),
        ("/recipients", "pdf", ""),
    ],
)
def test_invalid_input_is_refused_beside_its_field(manager: FlaskClient, path: str, field: str, value: str) -> None:
    typed = {"email": "a@example.org", "language": "en", "pdf": "y", "day": "1", field: value}
    if not value:
        del typed[field]
    answer = manager.submit(f"/reports/mailing{path}", typed)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert not path or field == "language" or '<option selected value="en">' in answer.text


def test_number_of_addresses_and_test_mails_is_limited(
    manager: FlaskClient, november: SimpleNamespace, app: Flask
) -> None:
    for number in range(sending.MOST_RECIPIENTS):
        listed(november.hall.id, f"a{number}@example.org", pdf=False)  # a workbook takes half the time
    more = {"email": "more@example.org", "language": "zh", "pdf": "y"}
    assert manager.submit("/reports/mailing/recipients", more).status_code == 409
    number = db.session.scalars(select(ReportRecipient.id)).first()
    app.config["RATE_LIMITS"] = True
    answers = [manager.submit(f"/reports/mailing/recipients/{number}/test").status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]
    assert count(OutboxMessage) == 10


def test_one_report_goes_to_an_address_that_is_on_no_list(
    manager: FlaskClient, november: SimpleNamespace, app: Flask, server: MailServer
) -> None:
    given = {"month": "2026-11", "email": "Leader@Example.org ", "language": "en", "pdf": "y"}
    path, sent = "/reports/mailing/single", {f"single-{name}": value for name, value in given.items()}

    answer = manager.submit(path, sent)

    assert (answer.status_code, answer.location) == (303, "/reports/mailing?sent=1#single")
    [mail] = deliver(server).values()
    assert "Leader@example.org" in str(mail["To"]) and "November 2026" in str(mail["Subject"])
    assert [part.get_filename().endswith(".pdf") for part in mail.iter_attachments()] == [True]
    text = mail.get_body(("plain",)).get_content()
    assert "Your address is not on a list." in text and "each month" not in text
    assert sending.list_recipients(november.hall.id) == []
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "report_sent_once")).one()
    assert entry.subject == "month 2026-11" and "example" not in str(entry.detail)
    for name, value in (("email", "nobody"), ("month", "2016-01"), ("month", "2099-01"), ("month", "\0"), ("pdf", "")):
        wrong = manager.submit(path, {**sent, f"single-{name}": value})
        assert wrong.status_code == 422, (name, value)
        assert 'value="Leader@' in wrong.text or name == "email"


def test_hall_that_has_not_opened_yet_has_no_report_to_send(app: Flask) -> None:
    with transaction():
        hall = factories.hall(opened_on=date(2099, 1, 1))
        admin = factories.staff(hall=hall, role=Role.ADMIN)
    client = app.test_client()
    client.sign_in(admin)
    page = client.get("/reports/mailing")
    assert page.status_code == 200 and "single-month" not in page.text
    sent = {"single-email": "leader@example.org", "single-language": "en", "single-pdf": "y"}
    assert client.submit("/reports/mailing/single", sent).status_code == 422
    assert count(OutboxMessage) == 0


def test_list_of_another_hall_is_not_found(manager: FlaskClient, november: SimpleNamespace, app: Flask) -> None:
    recipient = listed(november.hall.id, "director@example.org")
    with transaction():
        young = factories.hall(opened_on=november.hall.today())
        other = factories.staff(hall=young, role=Role.ADMIN)
    stranger = app.test_client()
    stranger.sign_in(other)
    assert "director@example.org" not in stranger.get("/reports/mailing").text
    for act in ("delete", "test"):
        assert stranger.submit(f"/reports/mailing/recipients/{recipient.id}/{act}").status_code == 404
        assert manager.submit(f"/reports/mailing/recipients/0{recipient.id}/{act}").status_code == 404
    own = listed(young.id, "director@example.org")
    assert stranger.submit(f"/reports/mailing/recipients/{own.id}/test").status_code == 409, "no month is over yet"


def falsify(hall_id: int, month: date) -> None:
    """Let the sum of divisions of a month differ from its other two counts."""
    with transaction():
        mine = (Figure.hall_id == hall_id, Figure.facet == DIVISION, Figure.part == "440000")
        db.session.execute(update(Figure).where(*mine, Figure.first == month).values(visitors=Figure.visitors + 1))


def test_report_whose_counts_differ_is_not_sent_and_managers_are_told(
    app: Flask, november: SimpleNamespace, manager: FlaskClient, clock: time_machine.Traveller
) -> None:
    hall_id = november.hall.id
    other = factories.make(factories.hall, slug="other")
    with transaction():
        sending.set_day(hall_id, 5)
        sending.set_day(other.id, 5)
    recipient = listed(hall_id, "director@example.org")
    listed(other.id, "board@example.org")
    falsify(hall_id, date(2026, 11, 1))
    assert "三项合计不一致" not in manager.get("/reports/mailing").text, "it is not due yet"
    go_to(clock, "2026-12-05T07:00")
    result = app.test_cli_runner().invoke(args=["reports", "send"])
    assert result.exit_code == 1
    assert "lingnan: The report of 2026-11 has not been sent: its three counts differ." in result.output
    assert "other: 1 report written into the outbox" in result.output, "the other hall gets its own"
    assert list(db.session.scalars(select(OutboxMessage.recipient))) == ["board@example.org"]
    manager.sign_in(november.manager)
    for path in ("/reports?lang=zh", "/reports/mailing?lang=zh"):
        assert "2026-11的报告未发送：三项合计不一致" in manager.get(path).text, path
    refused = manager.submit(f"/reports/mailing/recipients/{recipient.id}/test")
    assert refused.status_code == 409 and "三项合计不一致" in refused.text
    assert count(OutboxMessage) == 1
    with transaction():
        recount.recount(hall_id, repair=True)
    assert "1 report" in send(app)
    assert "三项合计不一致" not in manager.get("/reports/mailing?lang=zh").text
    assert "三项合计不一致" not in manager.get("/reports?lang=zh").text
    assert count(OutboxMessage) == 2


def test_error_in_another_month_does_not_stop_the_mail(
    app: Flask, november: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    with transaction():
        sending.set_day(november.hall.id, 5)
    listed(november.hall.id, "director@example.org")
    falsify(november.hall.id, date(2026, 10, 1))
    go_to(clock, "2026-12-05T07:00")
    assert "1 report" in send(app)
