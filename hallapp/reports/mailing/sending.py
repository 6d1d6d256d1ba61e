"""The report of a month by mail: to the hall's list, on its day, each once; and a test at once.

Files are made outside of transactions, once for each language; then the mails are written into the outbox.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import select

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages import letter
from hallapp.messages.standard import Words
from hallapp.notifications import kinds
from hallapp.notifications import queries as told
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel
from hallapp.notifications.service import MOST_ATTACHED, NewFile, NewMessage
from hallapp.periods import Period
from hallapp.reports import words
from hallapp.reports.errors import CountsDiffer, NoMonthYet, RecipientListed, TooManyRecipients
from hallapp.reports.exports import Format, export
from hallapp.reports.figures.service import Report, get_report
from hallapp.reports.models import ReportMailing, ReportRecipient
from hallapp.schedule import capacity
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall

#: The kind of these messages in the outbox.
KIND = "monthly_report"
kinds.register(KIND, N_("Monthly report"), KIND)
#: The number of days within which a missed report is still sent.
CATCH_UP = timedelta(days=7)
MOST_RECIPIENTS = 50
DAYS = range(1, 29)


def find_mailing(hall_id: int) -> ReportMailing | None:
    """Return the day on which a hall's report is sent; None: never."""
    return db.session.get(ReportMailing, hall_id)


def list_recipients(hall_id: int) -> Sequence[ReportRecipient]:
    """Return the recipients, in the order in which they were added."""
    query = select(ReportRecipient).where(ReportRecipient.hall_id == hall_id).order_by(ReportRecipient.id)
    return db.session.scalars(query).all()


def get_recipient(hall_id: int, number: int) -> ReportRecipient:
    """Return a recipient of this hall by its number. Raises NoResultFound."""
    query = select(ReportRecipient).where(ReportRecipient.hall_id == hall_id, ReportRecipient.id == number)
    return db.session.scalars(query).one()


def set_day(hall_id: int, day: int | None) -> None:
    """Set the day of the month, 1 to 28, on which the report is sent; None sends no reports."""
    capacity.hold_hall(hall_id)
    found = find_mailing(hall_id)
    if found and day is None:
        db.session.delete(found)
    elif found:
        found.day = day or found.day
    elif day is not None:
        db.session.add(ReportMailing(hall_id=hall_id, day=day))
    db.session.flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddRecipient:
    """The command that adds a recipient."""

    email: str
    language: str
    pdf: bool
    xlsx: bool


def add_recipient(hall_id: int, command: AddRecipient) -> ReportRecipient:
    """Add an address to the list.

    Raises:
        RecipientListed: the address is on it.
        TooManyRecipients: the list is full.
    """
    capacity.hold_hall(hall_id)
    listed = list_recipients(hall_id)
    if any(one.email.casefold() == command.email.casefold() for one in listed):
        raise RecipientListed
    if len(listed) >= MOST_RECIPIENTS:
        raise TooManyRecipients(MOST_RECIPIENTS)
    added = ReportRecipient(
        hall_id=hall_id,
        email=command.email,
        language=command.language,
        pdf=command.pdf,
        xlsx=command.xlsx,
        added_at=clock.now(),
    )
    db.session.add(added)
    db.session.flush()
    return added


def remove_recipient(hall_id: int, number: int) -> None:
    """Remove an address from the list; mails already sent keep it. Raises NoResultFound."""
    capacity.hold_hall(hall_id)
    db.session.delete(get_recipient(hall_id, number))
    db.session.flush()


def last_month(hall: Hall, day: date) -> Period:
    """Return the month that had ended last by a day. Raises NoMonthYet where the hall was not open then."""
    month = Period.month(day.year, day.month).previous()
    if month.end <= hall.opened_on:
        raise NoMonthYet
    return month


def next_day(hall: Hall, day: int) -> date:
    """Return the next day on which the report is sent; today counts, as it may not have been sent yet."""
    today = hall.today()
    first = today if today.day <= day else (today.replace(day=1) + timedelta(days=31))
    return first.replace(day=day)


def send_due(hall: Hall) -> int:
    """Write the due report to all on the list who have not received it; return their number.

    It opens its own transaction. Of two simultaneous runs the second waits for the first, and then finds nothing to
    send.

    Raises:
        CountsDiffer: the three counts of the report differ; it is sent to no one.
    """
    due = _find_due(hall)
    if due is None or not _list_due(hall, due):
        return 0
    # From here on one consistent state of the database is read, including the list of recipients.
    post = _Post(hall, due.month)
    mails = {one.id: post.mail(one, once=_once(due.month, one)) for one in _list_due(hall, due)}
    with transaction():
        capacity.hold_hall(hall.id)
        found = _list_due(hall, due) if _find_due(hall) == due else []
        still_due = [mails[one.id] for one in found if one.id in mails]
        for mail in still_due:
            outbox.put(mail)
    return len(still_due)


def make_test(hall: Hall, recipient: ReportRecipient) -> NewMessage:
    """Return the mail of the last month for one recipient, marked as a test: to be put into the outbox.

    Raises:
        NoMonthYet: there is no month to report.
        CountsDiffer: its three counts differ.
    """
    return _Post(hall, last_month(hall, hall.today())).mail(recipient, test=True)


def make_single(hall: Hall, month: Period, to: AddRecipient) -> NewMessage:
    """Return the mail of any month for an address that need not be on the list: to be put into the outbox.

    Raises:
        PeriodNotBegun, PeriodBeforeOpening: the hall was not open in it.
        CountsDiffer: its three counts differ.
    """
    recipient = ReportRecipient(hall_id=hall.id, email=to.email, language=to.language, pdf=to.pdf, xlsx=to.xlsx)
    return _Post(hall, month).mail(recipient, single=True)


def find_unsendable(hall: Hall) -> CountsDiffer | None:
    """Return why a due report has not been sent: its counts differ. None where nothing is due or the counts agree."""
    due = _find_due(hall)
    if due is None or not _list_due(hall, due):
        return None
    return None if get_report(hall, due.month).check.agrees else CountsDiffer(str(due.month))


class _Due(NamedTuple):
    """A day on which the report goes out, and the month that it reports."""

    day: date
    month: Period


def _find_due(hall: Hall) -> _Due | None:
    """Return the last day on which a report went out, today or before, also in the month before; None: too long ago."""
    mailing, today = find_mailing(hall.id), hall.today()
    if mailing is None:
        return None
    day = (today if today.day >= mailing.day else clock.months_before(today, 1)).replace(day=mailing.day)
    if today > day + CATCH_UP:
        return None
    try:
        return _Due(day, last_month(hall, day))
    except NoMonthYet:
        return None


def _list_due(hall: Hall, due: _Due) -> list[ReportRecipient]:
    """Return the recipients who were on the list on the day and have not received it."""
    listed = [one for one in list_recipients(hall.id) if clock.local_day(one.added_at, hall.time_zone) <= due.day]
    names = {one.id: {_once(due.month, one), _once_by_row(due.month, one)} for one in listed}
    have = told.list_told(hall.id, {name for each in names.values() for name in each})
    return [one for one in listed if not names[one.id] & have]


def _once(month: Period, recipient: ReportRecipient) -> str:
    """Return the unique name of a month's mail to an address, however often the address is added to the list."""
    told_of = f"{recipient.hall_id} {month} {recipient.email.casefold()}"
    return f"{KIND} {month} {hashlib.sha256(told_of.encode()).hexdigest()[:32]}"


def _once_by_row(month: Period, recipient: ReportRecipient) -> str:
    """Return the former unique name, so that no one receives a second mail because of an upgrade."""
    return f"{KIND} {month} {recipient.id}"


class _Post:
    """Makes the mails of one month: the figures are read once, each file is made once in each language.

    Raises:
        CountsDiffer: the three counts of the month differ.
    """

    def __init__(self, hall: Hall, period: Period) -> None:
        self.hall, self.period = hall, period
        self.report: Report = get_report(hall, period)
        if not self.report.check.agrees:
            raise CountsDiffer(str(period))
        self.file = cache(self._file)

    def mail(
        self, recipient: ReportRecipient, *, once: str | None = None, test: bool = False, single: bool = False
    ) -> NewMessage:
        """Return the mail for a recipient, who is on the list unless it is a `single` one.

        Files beyond the size limit are left out, and the mail says so.
        """
        language = recipient.language
        forms = [form for form, wanted in ((Format.PDF, recipient.pdf), (Format.XLSX, recipient.xlsx)) if wanted]
        files = [self.file(form, language) for form in forms]
        too_large = sum(len(file.content) for file in files) > MOST_ATTACHED
        with force_locale(language):
            subject = _("%(hall)s: visitor report, %(period)s", **self._names(language))
            written = letter.write(
                self.hall,
                Words(subject=_("Test: %(subject)s", subject=subject) if test else subject, body=_BODY),
                self._values(language, () if too_large else forms, single=single),
                channel=Channel.EMAIL,
            )
            page = letter.html(self.hall, written, language=language)
        return NewMessage(
            hall_id=self.hall.id,
            kind=KIND,
            recipient=recipient.email,
            subject=written.subject,
            body=written.body,
            html=page,
            once=once,
            files=() if too_large else files,
        )

    def _file(self, form: Format, language: str) -> NewFile:
        with force_locale(language):
            name = words.file_name(self.report, f".{form}")
            return NewFile(name=name, mimetype=form.mimetype.partition(";")[0], content=export(self.report, form))

    def _names(self, language: str) -> Mapping[str, str]:
        return {"hall": self.hall.text("name", language), "period": words.period_name(self.period)}

    def _values(self, language: str, forms: Iterable[Format], *, single: bool) -> dict[str, str]:
        hall, named = self.hall, words.listed(form.value.upper() for form in forms)
        closed = (
            _("The month is closed: these figures are filed and do not change.")
            if self.report.closed
            else _("The month is not closed yet: these figures may still change.")
        )
        why = (
            _("%(hall)s has sent you this one report. Your address is not on a list.", **self._names(language))
            if single
            else _(
                "You receive this each month because %(hall)s has put your address on its list. To be "
                "removed from it, write to the hall or call.",
                **self._names(language),
            )
        )
        return {
            "sentence": words.sentence(self.report),
            "closed": closed,
            "files": _("Attached: %(files)s.", files=named)
            if named
            else _("The files are too large for a mail; they are on the page of the report."),
            "page": _("The report, for staff of the hall: %(link)s", link=f"{base_url(hall)}/reports/{self.period}"),
            "why": why,
            "reach": words.listed(filter(None, (hall.phone, hall.text("address", language)))),
        }


_BODY = "{sentence}\n\n{closed}\n\n{files}\n\n{page}\n\n{why}\n{reach}"
