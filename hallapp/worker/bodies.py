"""The work of each task of the timetable in one hall. Each may run twice, or twice at the same time.

They open their own transactions: the worker and the commands call them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hallapp.accounts import service as accounts
from hallapp.accounts import sessions
from hallapp.alerts import service as alerts
from hallapp.api import idempotency
from hallapp.booking import absence, pinyin, retention, waiting
from hallapp.booking import queries as bookings
from hallapp.booking import recount as counters
from hallapp.core import clock, embedded, runtime
from hallapp.core.database import read_snapshot, transaction
from hallapp.core.errors import N_
from hallapp.ledger import recount as ledger
from hallapp.messages import daily
from hallapp.notifications import reports as text_reports
from hallapp.online import service as online
from hallapp.reports.errors import CountsDiffer
from hallapp.reports.mailing import sending
from hallapp.schedule import service as places
from hallapp.schedule.models import Hall
from hallapp.talks import messages as talks
from hallapp.webhooks import service as webhooks


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a task: the number of rows, and a code if a person has to act."""

    count: int = 0
    alert: str | None = None


_PINYIN_BATCHES = 20

#: The meanings of the codes of alerts and failures; every other failure is a bug.
ALERTS = {
    "places_differ": N_("The places booked do not add up. An operator runs “bookings recount --repair”."),
    "figures_differ": N_("The reports differ from the arrivals. An operator runs “reports recount --repair”."),
    "report_differs": N_("The monthly report was not sent, because its counts differ."),
    embedded.TracesLeft.code: embedded.TracesLeft.message,
    "slots_unsettled": N_("Bookings are on days that the rules would close. Settle them in the calendar."),
}


def expire_offers(hall: Hall) -> Report:
    """End expired offers and requests, and offer their places to the next groups."""
    if not bookings.has_overdue(hall.id, now=clock.now()):
        return Report()
    with transaction():
        return Report(waiting.advance_waiting_list(hall))


def index_pinyin(hall: Hall) -> Report:
    """Store the pinyin of new names; of a hall with many old bookings in several runs, so that other tasks run too."""
    hall_id, count = hall.id, 0
    for _batch in range(_PINYIN_BATCHES):
        with transaction(durable=False):
            filled = pinyin.fill(hall_id)
        count += filled
        if not filled:
            break
    return Report(count)


def count_audiences(hall: Hall) -> Report:
    """Write the audience of online sessions that have ended into its ledger."""
    with transaction():
        return Report(online.count_sessions(hall))


def mark_absences(hall: Hall) -> Report:
    """Mark the bookings of past days without any arrival as no-shows, and pause groups by the hall's rule.

    Groups whose block ended with the day are offered the free places that they wait for.
    """
    with transaction():
        marked = absence.mark_absent_bookings(hall)
    with transaction():
        waiting.offer_all(hall)
    return Report(marked)


def extend_slots(hall: Hall) -> Report:
    """Bring the slots of the coming days up to the calendar and the weekly templates."""
    with transaction():
        count = places.extend_slots(hall)
    return Report(count, alert="slots_unsettled" if places.list_unsettled(hall) else None)


def erase(hall: Hall) -> Report:
    """Erase the contact details of visits long past, old events, beats and sessions, and refused sign-ins."""
    with transaction():
        before = embedded.count_changes()
        count = retention.erase(hall)
        online.sweep_beats(hall)
        idempotency.erase(hall.id)
        webhooks.erase(hall.id)
        keys = runtime.settings().secret_keys
        webhooks.renew_secrets(hall.id, keys)
        alerts.renew_secrets(hall.id, keys)
        if embedded.count_changes() > before:
            embedded.note_traces()
    with transaction():
        sessions.sweep()
        accounts.sweep_refused()
    embedded.remove_traces()
    return Report(count)


def recount_places(hall: Hall) -> Report:
    """Compare the counters of each slot with its bookings, without a repair."""
    with transaction():
        differences = counters.recount(hall.id, repair=False)
    return of_places(len(differences))


def of_places(differences: int, *, repaired: bool = False) -> Report:
    """Return the result of a recount of the places."""
    return Report(differences, alert="places_differ" if differences and not repaired else None)


def recount_figures(hall: Hall) -> Report:
    """Compare the figures with the arrival ledger; repair nothing."""
    read_snapshot()
    differences = ledger.recount(hall.id)
    return of_figures(len(differences))


def of_figures(differences: int, *, repaired: bool = False) -> Report:
    """Return the result of a recount of the figures."""
    return Report(differences, alert="figures_differ" if differences and not repaired else None)


def send_reports(hall: Hall) -> Report:
    """Write the monthly report to the hall's list where it is due."""
    try:
        return Report(sending.send_due(hall))
    except CountsDiffer:
        return Report(alert="report_differs")


def summarise(hall: Hall) -> Report:
    """Send the daily summary to the staff who want one and whose hour has come."""
    with transaction():
        return Report(alerts.summarise(hall))


def remind(hall: Hall) -> Report:
    """Remind those who are expected tomorrow: groups, and the two of each talk."""
    with transaction():
        return Report(daily.remind(hall) + talks.remind(hall))


def thank(hall: Hall) -> Report:
    """Thank the groups that came."""
    with transaction():
        return Report(daily.thank(hall))


def fetch_text_reports(hall: Hall) -> Report:
    """Ask the provider of text messages which ones have arrived on the phones."""
    return Report(text_reports.fetch(hall.id, runtime.settings().sms_url))


BODIES: dict[str, Callable[[Hall], Report]] = {
    "offers": expire_offers,
    "pinyin": index_pinyin,
    "text_reports": fetch_text_reports,
    "audiences": count_audiences,
    "absences": mark_absences,
    "slots": extend_slots,
    "erasure": erase,
    "places_recount": recount_places,
    "figures_recount": recount_figures,
    "reports": send_reports,
    "alerts": summarise,
    "reminders": remind,
    "thanks": thank,
}
