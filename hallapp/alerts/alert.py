"""An alert as a kind with values, and its words in the reader's language.

Kind and values are the seam for further channels: a chat robot takes the same alert and forms its own message. The
values name the group and its size, and nothing else of an organiser.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hallapp.alerts.models import KIND_NAMES as ALERT_NAMES
from hallapp.alerts.models import AlertKind
from hallapp.booking.models import Booking
from hallapp.core import formats
from hallapp.core.i18n import force_locale, language, ngettext
from hallapp.core.i18n import gettext as _
from hallapp.kinds.standard import INDIVIDUAL, NAMES
from hallapp.kinds.values import is_individual
from hallapp.notifications import kinds
from hallapp.notifications.models import Hold
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall

#: The groups that a summary names; of more it gives the number.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One event: its kind and its values, which can be written as JSON."""

    kind: AlertKind
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The work of a morning: requests, cancellations by organisers, appeals, failed messages, undecided admissions."""

    requests: Sequence[Booking]
    cancelled: Sequence[Booking]
    failed: int
    appeals: Sequence[Booking] = ()
    conflicts: int = 0

    def __bool__(self) -> bool:
        return bool(self.requests or self.cancelled or self.appeals or self.failed or self.conflicts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """An alert in words: a line, the sentences below it, and the address of the page for the act."""

    title: str
    body: str
    link: str


def of_booking(kind: AlertKind, booking: Booking, parts: Sequence[Booking] = ()) -> Alert:
    """Return the alert of an event of a booking, or of these parts of its large group. An individual is not named."""
    first, *_rest = whole = list(parts) or [booking]
    same_day = [part.slot for part in whole if part.slot.day == first.slot.day]
    individual = is_individual(booking.kind)
    values = {
        "organisation": "" if individual else booking.organisation,
        "people": sum(part.visitors for part in whole),
        "starts_at": first.slot.starts_at.isoformat(),
        "ends_at": max(slot.ends_at for slot in same_day).isoformat(),
        "reference": booking.reference,
    }
    return Alert(kind=kind, values=values)


def of_failure(outbox_kind: str) -> Alert:
    """Return the alert of a message that could not be sent, by its kind in the outbox."""
    return Alert(kind=AlertKind.FAILED, values={"message": outbox_kind})


def of_held(outbox_kind: str, reason: Hold) -> Alert:
    """Return the alert of text messages that wait for a person, by the kind in the outbox of the first of them."""
    return Alert(kind=AlertKind.FAILED, values={"message": outbox_kind, "held": reason.value})


def of_conflict() -> Alert:
    """Return the alert of an admission on which a manager has to decide."""
    return Alert(kind=AlertKind.CONFLICT, values={})


def write(hall: Hall, alert: Alert, reader: str) -> Text:
    """Return an alert in words, in a language."""
    base = base_url(hall)
    with force_locale(reader):
        if alert.kind is AlertKind.FAILED:
            named = kinds.find_kind(str(alert.values["message"]))
            if "held" in alert.values:
                return _of_held(base, Hold(alert.values["held"]), _(named.name) if named else "")
            return Text(
                title=_("A message could not be sent"),
                body=_("Kind of message: %(kind)s", kind=_(named.name)) if named else "",
                link=f"{base}/admin/outbox?fate=given_up",
            )
        if alert.kind is AlertKind.CONFLICT:
            body = _("More people were admitted than were booked. A manager decides how many are counted.")
            return Text(title=_(ALERT_NAMES[alert.kind]), body=body, link=f"{base}/desk/conflicts")
        group = _group(hall, alert.values)
        if alert.kind is AlertKind.CANCELLED:
            link = f"{base}/bookings/{alert.values['reference']}"
            return Text(title=_("A visit was cancelled by its organiser"), body=group, link=link)
        if alert.kind is AlertKind.APPEAL:
            return Text(title=_("A group appeals against a pause"), body=group, link=f"{base}/bookings/appeals")
        return Text(title=_("A new request waits for review"), body=group, link=f"{base}/bookings/review")


def _of_held(base: str, reason: Hold, kind: str) -> Text:
    link = f"{base}/admin/outbox?fate=held"
    if reason is Hold.LIMIT:
        body = _("The hall has sent as many text messages today as its limit allows. More of them are held.")
        return Text(title=_("Text messages are held"), body=body, link=link)
    body = _("The provider has no template for this kind of message: %(kind)s", kind=kind)
    return Text(title=_("Text messages are held"), body=body, link=link)


def write_test(hall: Hall, reader: str) -> Text:
    """Return the words of a test, in a language."""
    with force_locale(reader):
        body = _("If you can read this, alerts arrive here.")
        return Text(title=_("Test of the alerts"), body=body, link=f"{base_url(hall)}/today")


def write_summary(hall: Hall, summary: Summary, reader: str) -> Text:
    """Return the summary of a morning in words, in a language."""
    parts = []
    with force_locale(reader):
        if summary.requests:
            requests = _by_group(summary.requests)
            number = len(requests)
            head = ngettext("%(num)s request waits for review", "%(num)s requests wait for review", number)
            parts.append(_listed(hall, head, AlertKind.NEW_REQUEST, requests))
        if summary.cancelled:
            cancelled = _by_group(summary.cancelled)
            number = len(cancelled)
            head = ngettext(
                "%(num)s visit was cancelled by its organiser",
                "%(num)s visits were cancelled by their organisers",
                number,
            )
            parts.append(_listed(hall, head, AlertKind.CANCELLED, cancelled))
        if summary.appeals:
            appeals = _by_group(summary.appeals)
            number = len(appeals)
            head = ngettext("%(num)s appeal waits for an answer", "%(num)s appeals wait for an answer", number)
            parts.append(_listed(hall, head, AlertKind.APPEAL, appeals))
        if summary.failed:
            parts.append(
                ngettext("%(num)s message could not be sent", "%(num)s messages could not be sent", summary.failed)
            )
        if summary.conflicts:
            number = summary.conflicts
            parts.append(
                ngettext("%(num)s admission waits for a decision", "%(num)s admissions wait for a decision", number)
            )
        title = _("Summary of %(day)s", day=formats.day(hall.today(), reader))
    return Text(title=title, body="\n\n".join(parts), link=f"{base_url(hall)}/today")


def _by_group(bookings: Iterable[Booking]) -> list[list[Booking]]:
    """Return bookings by group, in their order: the parts of a large group belong together."""
    groups: dict[tuple[bool, int], list[Booking]] = {}
    for booking in bookings:
        key = (True, booking.party) if booking.party is not None else (False, booking.id)
        groups.setdefault(key, []).append(booking)
    return list(groups.values())


def _listed(hall: Hall, head: str, kind: AlertKind, groups: Sequence[Sequence[Booking]]) -> str:
    lines = [_group(hall, of_booking(kind, parts[0], parts).values) for parts in groups[:MOST_NAMED]]
    more = len(groups) - MOST_NAMED
    if more > 0:
        lines.append(ngettext("and %(num)s more", "and %(num)s more", more))
    return "\n".join((head, *lines))


def _group(hall: Hall, values: Mapping[str, Any]) -> str:
    """Return the visit of a group in one line, in the language in force."""
    starts, ends = (datetime.fromisoformat(values[end]) for end in ("starts_at", "ends_at"))
    when = formats.when(starts, ends, hall.time_zone, language())
    name = values["organisation"] or _(NAMES[INDIVIDUAL])
    return " · ".join((when, name, ngettext("%(num)s person", "%(num)s people", values["people"])))
