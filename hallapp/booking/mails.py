"""What organisers who gave an address are written, in their booking's language, through the outbox."""

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from hallapp.booking.models import AGREED, OPEN_STATES, Actor, Booking, BookingEvent, BookingState, Verb
from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.notifications import service as outbox
from hallapp.schedule.web import base_url

#: Subject and first sentence of each kind of message, as message ids.
_TEXTS = {
    "placed": (N_("Your visit on %(when)s: booking %(reference)s"), N_("your visit is booked.")),
    "requested": (
        N_("Your request for %(when)s: booking %(reference)s"),
        N_("we have your request, and hold the places. We will write to you as soon as the hall has looked at it."),
    ),
    "waitlisted": (
        N_("On the waiting list for %(when)s: booking %(reference)s"),
        N_("your group is on the waiting list. As soon as there is room for all of you, we offer it to you."),
    ),
    "confirmed": (
        N_("Confirmed: your visit on %(when)s, booking %(reference)s"),
        N_("your visit is confirmed."),
    ),
    "declined": (N_("Declined: your request for %(when)s"), N_("we are sorry: we cannot receive your group then.")),
    "offered": (
        N_("There is room on %(when)s: please answer until %(until)s"),
        N_("there is room for your group now. We hold the places until %(until)s: please take them on the page."),
    ),
    "lapsed": (N_("Lapsed: your booking for %(when)s"), N_("your booking has lapsed, and its places have gone on.")),
    "moved": (
        N_("Moved: your visit is now on %(when)s"),
        N_("your visit has another time now. A pass that you have goes on."),
    ),
    "changed": (N_("Changed: your visit on %(when)s"), N_("your booking has changed. A pass that you have goes on.")),
    "cancelled": (
        N_("Cancelled: your visit on %(when)s"),
        N_("your visit is cancelled, and its places are free for others. Its pass is no longer valid."),
    ),
}
_BY_STATE = {
    BookingState.CONFIRMED: "placed",
    BookingState.REQUESTED: "requested",
    BookingState.WAITLISTED: "waitlisted",
}
_BY_VERB = {
    Verb.CONFIRMED: "confirmed",
    Verb.DECLINED: "declined",
    Verb.OFFERED: "offered",
    Verb.LAPSED: "lapsed",
    Verb.MOVED: "moved",
    Verb.CHANGED: "changed",
    Verb.CANCELLED: "cancelled",
}


def tell(booking: Booking, *, event: BookingEvent) -> None:
    """Write what has happened, with the link to the booking's page, where it matters; needs a transaction."""
    kind = _kind(event)
    if booking.email is None or kind is None:
        return
    with force_locale(booking.language):
        _enqueue(booking, booking.email, kind)


def _kind(event: BookingEvent) -> str | None:
    """Which message tells of an event, if any: who changes their own booking has it before their eyes."""
    if event.verb is Verb.PLACED:
        return _BY_STATE[event.after]
    if event.verb is Verb.TAKEN:
        return "confirmed" if event.after in AGREED else "requested"
    if event.verb is Verb.CHANGED and event.actor is Actor.ORGANISER:
        return None
    return _BY_VERB.get(event.verb)


def _enqueue(booking: Booking, recipient: str, kind: str) -> None:
    slot, language = booking.slot, booking.language
    hall = slot.programme.hall
    facts = {
        "when": formats.when(slot.starts_at, slot.ends_at, hall.time_zone, language),
        "reference": formats.reference(booking.reference),
        "until": formats.moment(booking.offered_until, hall.time_zone, language) if booking.offered_until else "",
    }
    subject, sentence = _TEXTS[kind]
    body = render_template(
        "booking/mail.txt",
        booking=booking,
        hall=hall,
        base=base_url(hall),
        sentence=_(sentence, **facts),
        reply=booking.reply if kind in ("declined", "cancelled") else "",
        stands=booking.state in OPEN_STATES,
        agreed=booking.state in AGREED,
        **facts,
    )
    outbox.enqueue(
        hall_id=booking.hall_id, kind=f"booking_{kind}", recipient=recipient, subject=_(subject, **facts), body=body
    )
