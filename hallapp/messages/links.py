"""The message to an organiser who has lost the private links of their bookings."""

from hallapp.booking import queries
from hallapp.booking.models import Booking
from hallapp.core import formats, runtime
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages.placeholders import clean
from hallapp.notifications import kinds
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel
from hallapp.notifications.service import NewMessage
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall

MOST_LINKS = 5  # in one message

KIND = "booking_links"
kinds.register(KIND, N_("Links that were lost"), KIND, secret=True)


def send_links(hall: Hall, *, email: str | None = None, phone: str | None = None) -> int:
    """Put the links of the open bookings with a mail address or a phone number into the outbox, as one message.

    The message goes to the address or number that the bookings have, so it tells nothing to anyone else. Its language
    is that of the next visit. Returns the number of bookings. Needs a transaction.
    """
    bookings = queries.list_open_of_contact(hall, email=email, phone=phone, most=MOST_LINKS)
    if bookings:
        with force_locale(bookings[0].language):
            outbox.put(_mail(hall, bookings, email) if email else _text(hall, bookings, str(phone)))
    return len(bookings)


def can_text() -> bool:
    """Return whether text messages can be sent."""
    return bool(runtime.settings().sms_url)


def _mail(hall: Hall, bookings: list[Booking], email: str) -> NewMessage:
    name = clean(hall.text("name", bookings[0].language))
    lines = [f"{_when(booking)}\n{_link(booking)}" for booking in bookings]
    warning = _("Anyone who has a link can see and change the booking, so please do not share it.")
    unasked = _("If you did not ask for this message, you can ignore it.")
    signature = "\n".join(part for part in (name, clean(hall.phone)) if part)
    return NewMessage(
        hall_id=hall.id,
        kind=KIND,
        recipient=email,
        subject=_("Your bookings at %(hall)s", hall=name),
        body="\n\n".join((_("Here are the pages of your bookings:"), *lines, warning, unasked, signature)),
    )


def _text(hall: Hall, bookings: list[Booking], phone: str) -> NewMessage:
    """Return a text message with the link of the next visit alone: each further one would cost another message."""
    name, booking = clean(hall.text("name", bookings[0].language)), bookings[0]
    body = _("%(hall)s: your booking for %(when)s: %(link)s", hall=name, when=_when(booking), link=_link(booking))
    return NewMessage(
        hall_id=hall.id,
        kind=KIND,
        channel=Channel.SMS,
        recipient=phone,
        body=body,
        language=booking.language,
        values={"hall": name, "when": _when(booking), "link": _link(booking)},
    )


def _when(booking: Booking) -> str:
    slot = booking.slot
    return formats.when(slot.starts_at, slot.ends_at, booking.hall.time_zone, booking.language)


def _link(booking: Booking) -> str:
    return f"{base_url(booking.hall)}/visits/{booking.key}"
