"""The sender of the outbox: the body of the command `outbox run`, so it opens and ends transactions itself.

Each message is claimed in one short transaction, sent outside of any, and settled in another one. If a run dies between
the last two, the message is sent again later with the same Message-ID: it is sent at least once, and never lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

from hallapp.core import calendars
from hallapp.core.database import transaction
from hallapp.core.interrupts import uninterrupted
from hallapp.core.logs import log
from hallapp.notifications import queries, service, texts
from hallapp.notifications.models import Channel, MessageState, OutboxMessage
from hallapp.notifications.texting import Receipt, driver_for, find_provider
from hallapp.notifications.texts import Held
from hallapp.notifications.transports import Refused, transport_for


@dataclass(slots=True)
class Tally:
    """The counts of one run's messages by result; a text message that was held is among those put off."""

    sent: int = 0
    put_off: int = 0
    given_up: int = 0

    @property
    def tried(self) -> int:
        """Messages that were claimed."""
        return self.sent + self.put_off + self.given_up

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(self.sent + other.sent, self.put_off + other.put_off, self.given_up + other.given_up)


def _never() -> bool:
    return False


def run(*, mail_url: str, base_url: str, limit: int | None = None, stopping: Callable[[], bool] = _never) -> Tally:
    """Send every mail that is due, or `limit` of them, until `stopping` returns True between two of them.

    Several runs may work at the same time.

    Raises:
        ServerAway: the server cannot be used now; no message has lost an attempt by that.
    """
    if not queries.count_due(Channel.EMAIL):
        return Tally()
    sender = sender_address(mail_url, base_url)
    with transport_for(mail_url, helo=sender.rpartition("@")[2]) as transport:

        def deliver(message: OutboxMessage) -> None:
            transport.send(compose(message, sender=sender), recipient=_in_ascii(message.recipient))

        return _drain(Channel.EMAIL, open_=transport.open, deliver=deliver, limit=limit, stopping=stopping)


def run_sms(*, sms_url: str, limit: int | None = None, stopping: Callable[[], bool] = _never) -> Tally:
    """Send every text message that is due, or `limit` of them, until `stopping` returns True between two of them.

    Raises:
        ServerAway: the gateway cannot be reached now; no message has lost an attempt by that.
    """
    if not queries.count_due(Channel.SMS):
        return Tally()
    driver, provider = driver_for(sms_url), find_provider(sms_url)

    def deliver(message: OutboxMessage) -> Receipt:
        return driver.send(texts.prepare(message, provider))

    try:
        return _drain(Channel.SMS, open_=driver.open, deliver=deliver, limit=limit, stopping=stopping)
    finally:
        driver.close()


_Deliver = Callable[[OutboxMessage], Receipt | None]
_deliverers: dict[Channel, _Deliver] = {}


def register(channel: Channel, deliver: Callable[[OutboxMessage], None]) -> None:
    """Let a room above deliver the messages of a channel; it raises Refused for one that was not taken."""
    _deliverers[channel] = deliver


def run_registered(*, limit: int | None = None, stopping: Callable[[], bool] = _never) -> Tally:
    """Send every message that is due by the channels that rooms above deliver, or `limit` of each."""
    tally = Tally()
    for channel, deliver in _deliverers.items():
        if queries.count_due(channel):
            tally += _drain(channel, open_=_nothing_to_open, deliver=deliver, limit=limit, stopping=stopping)
    return tally


def _nothing_to_open() -> None:
    """Do nothing: each message has an address of its own."""


def _drain(
    channel: Channel,
    *,
    open_: Callable[[], None],
    deliver: _Deliver,
    limit: int | None,
    stopping: Callable[[], bool],
) -> Tally:
    """Claim, deliver and settle one message after the other; the way out is opened before one is claimed."""
    tally = Tally()
    while (limit is None or tally.tried < limit) and not stopping():
        open_()
        with uninterrupted():  # Ctrl+C between the server's answer and the commit would send the message twice
            with transaction():
                message = service.claim_next(channel)
            if message is None:
                break
            _send(message, deliver, tally=tally)
    return tally


def sender_address(mail_url: str, base_url: str) -> str:
    """Return the sender address: `?from=` of the mail address, else no-reply at the public host."""
    given = parse_qs(urlsplit(mail_url).query).get("from")
    if given:
        return given[0]
    host = urlsplit(base_url).hostname or "localhost"
    return f"no-reply@{host}" if host.rpartition(".")[2].isalpha() else f"no-reply@[{host}]"


def compose(message: OutboxMessage, *, sender: str) -> EmailMessage:
    """Return the mail of an outbox row. Raises ValueError or MessageError for a recipient that is no mail address."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = Address(addr_spec=_in_ascii(message.recipient))
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: asks for no automatic reply
    mail.set_content(message.body, cte="base64")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="base64")
    if message.calendar:
        _add_calendar(mail, message.calendar)
    for attachment in message.attachments:
        main, _slash, sub = attachment.mimetype.partition("/")
        mail.add_attachment(attachment.file.content, maintype=main, subtype=sub, filename=attachment.name)
    return mail


def _add_calendar(mail: EmailMessage, calendar: str) -> None:
    """Attach a calendar entry; mail programs carry out the method that the media type names (RFC 6047, 2.4)."""
    method = {"method": calendars.method_of(calendar)}
    mail.add_attachment(calendar, subtype="calendar", cte="base64", filename="visit.ics", params=method)


def _send(message: OutboxMessage, deliver: _Deliver, *, tally: Tally) -> None:
    number, recipient, claim = message.id, message.recipient, message.claimed_until
    try:
        receipt = deliver(message)
    except Held as hold:
        with transaction():
            texts.hold(number, hold.reason)
        tally.put_off += 1
        log.warning("outbox message %d held: %s", number, hold.reason.value)
        return
    except (Refused, ValueError, MessageError) as error:
        reason, for_good = (error.reason, error.for_good) if isinstance(error, Refused) else ("not an address", True)
        with transaction():
            error_shown = reason.replace(recipient, "…")
            state = service.mark_failed(number, error=error_shown, for_good=for_good, claim=claim)
        given_up = state is MessageState.GIVEN_UP
        tally.given_up += given_up
        tally.put_off += not given_up
        log.warning("outbox message %d %s", number, "given up" if given_up else "put off")
        return
    with transaction():
        service.mark_sent(number)
        if receipt is not None:
            texts.note_sent(number, receipt)
    tally.sent += 1


def _in_ascii(address: str) -> str:
    """Return a mail address with its host as DNS knows it. Raises ValueError."""
    local, _at, host = address.rpartition("@")
    if not local:
        raise ValueError("not a mail address")
    return f"{local}@{host.encode('idna').decode()}"
