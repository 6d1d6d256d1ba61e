"""Rate limits for visitors: by client network, by booking, and by the address that receives a message."""

from flask import current_app

from hallapp.booking import queries
from hallapp.booking.models import Booking
from hallapp.booking.service import ContactData, PlaceBooking
from hallapp.core import limits
from hallapp.core.limits import Limit
from hallapp.core.web.responses import client_network, client_wide_network

#: A school or a carrier may put many organisers behind one address; the limit still stops a script.
BOOKINGS_AN_HOUR = 120
#: A script that changes its address within its own network is stopped, too.
BOOKINGS_AN_HOUR_WIDE = 360
#: A place in the line that is passed on to many serves few of them.
ATTEMPTS_OF_A_PLACE = 12
ACTS_AN_HOUR = 30  # on one booking: changes, offers that are taken, cancelling, passes, lists of names
ACTS_AN_HOUR_OF_NETWORK = 240
ACTS_AN_HOUR_WIDE = 720
LINKS_AN_HOUR = 5  # for one booking
APPEALS_AN_HOUR = 5  # with one booking
CODES_AN_HOUR = 5  # for one booking
NEW_ADDRESSES_AN_HOUR = 5  # for one booking
MESSAGES_AN_HOUR = 10  # to one mail address or phone, for new bookings or codes
FINDS_AN_HOUR = 20  # attempts to find a booking, by network
FINDS_OF_REFERENCE_AN_HOUR = 5  # of 10,000 ends of a phone number
LINKS_TO_AN_HOUR = 3  # messages with lost links to one mail address or phone
ANSWERS_AN_HOUR = 20  # to the question that stands in for the computing check
_HOUR = 3600


def count_attempt(place: str | None) -> None:
    """Count one attempt to book, also of a place in the line, whatever its result. Raises TooManyRequests."""
    of_place = (Limit(what="line place", subject=place, most=ATTEMPTS_OF_A_PLACE),) if place else ()
    limits.count(
        *of_place,
        Limit(what="book", subject=client_network(), most=BOOKINGS_AN_HOUR),
        Limit(what="book wide", subject=client_wide_network(), most=BOOKINGS_AN_HOUR_WIDE),
    )


def hit_messages(command: PlaceBooking) -> None:
    """Count the messages that a new booking sends, in its own transaction. Raises TooManyRequests at their field."""
    by_text = current_app.config["SETTINGS"].sms_url
    if not (command.email or by_text) or queries.find_booking_by_submission(command.hall_id, command.digest()):
        return
    if command.email:
        limits.hit("mail to", command.email.lower(), limit=MESSAGES_AN_HOUR, seconds=_HOUR, field="email")
    if by_text:
        limits.hit("text to", command.phone, limit=MESSAGES_AN_HOUR, seconds=_HOUR, field="phone")


def count_act(booking: Booking, *more: Limit) -> None:
    """Count one action of an organiser on a booking, whatever its result. Raises TooManyRequests."""
    limits.count(
        Limit(what="act", subject=str(booking.id), most=ACTS_AN_HOUR),
        Limit(what="act of network", subject=client_network(), most=ACTS_AN_HOUR_OF_NETWORK),
        Limit(what="act wide", subject=client_wide_network(), most=ACTS_AN_HOUR_WIDE),
        *more,
    )


def count_link(booking: Booking) -> None:
    """Count a new private link. Raises TooManyRequests."""
    count_act(booking, Limit(what="link", subject=str(booking.id), most=LINKS_AN_HOUR))


def count_appeal(booking: Booking) -> None:
    """Count an appeal against a pause, whatever its result. Raises TooManyRequests."""
    count_act(booking, Limit(what="appeal", subject=str(booking.id), most=APPEALS_AN_HOUR))


def count_code(booking: Booking, email: str | None) -> None:
    """Count a code that is sent again. Raises TooManyRequests."""
    count_act(booking, Limit(what="code", subject=str(booking.id), most=CODES_AN_HOUR), *_to(email))


def count_change(booking: Booking, command: object) -> None:
    """Count a change, and the messages that it sends to a mail address that is new. Raises TooManyRequests."""
    more: tuple[Limit, ...] = ()
    if isinstance(command, ContactData) and command.email and command.email != booking.email:
        new = Limit(what="new address", subject=str(booking.id), most=NEW_ADDRESSES_AN_HOUR, field="email")
        more = (new, *_to(command.email))
    count_act(booking, *more)


def count_find(reference: str) -> None:
    """Count an attempt to find a booking by its reference, whether there is one or not. Raises TooManyRequests."""
    limits.count(
        *_finding(), Limit(what="find reference", subject=reference, most=FINDS_OF_REFERENCE_AN_HOUR, field="reference")
    )


def count_links_to(contact: str) -> None:
    """Count a message with lost links, whether it is sent or not. Raises TooManyRequests."""
    limits.count(*_finding(), Limit(what="links to", subject=contact.lower(), most=LINKS_TO_AN_HOUR, field="contact"))


def count_answer() -> None:
    """Count an answer to the question that stands in for the computing check. Raises TooManyRequests."""
    limits.count(Limit(what="answer", subject=client_network(), most=ANSWERS_AN_HOUR))


def _finding() -> tuple[Limit, ...]:
    return (
        Limit(what="find", subject=client_network(), most=FINDS_AN_HOUR),
        Limit(what="find wide", subject=client_wide_network(), most=3 * FINDS_AN_HOUR),
    )


def _to(email: str | None) -> tuple[Limit, ...]:
    return (Limit(what="mail to", subject=email.lower(), most=MESSAGES_AN_HOUR, field="email"),) if email else ()
