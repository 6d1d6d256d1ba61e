"""What organisers who gave an address are written, in their booking's language, through the outbox."""

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from hallapp.booking.models import Booking
from hallapp.core import formats
from hallapp.notifications import service as outbox
from hallapp.schedule.web import base_url


def tell_placed(booking: Booking) -> None:
    """Write that the booking stands, with the link to its page; needs a transaction."""
    if booking.email is None:
        return
    with force_locale(booking.language):
        _enqueue(
            booking,
            booking.email,
            "booking_placed",
            _("Your visit on %(when)s: booking %(reference)s", **_facts(booking)),
        )


def tell_cancelled(booking: Booking) -> None:
    """Write that the booking is cancelled; needs a transaction."""
    if booking.email is None:
        return
    with force_locale(booking.language):
        _enqueue(booking, booking.email, "booking_cancelled", _("Cancelled: your visit on %(when)s", **_facts(booking)))


def _facts(booking: Booking) -> dict[str, str]:
    hall, slot = booking.slot.programme.hall, booking.slot
    return {
        "when": formats.when(slot.starts_at, slot.ends_at, hall.time_zone, booking.language),
        "reference": formats.reference(booking.reference),
    }


def _enqueue(booking: Booking, recipient: str, kind: str, subject: str) -> None:
    hall = booking.slot.programme.hall
    body = render_template(
        f"booking/mail_{kind.removeprefix('booking_')}.txt",
        booking=booking,
        hall=hall,
        base=base_url(hall),
        **_facts(booking),
    )
    outbox.enqueue(hall_id=booking.hall_id, kind=kind, recipient=recipient, subject=subject, body=body)
