"""Alerts as messages of the outbox: a mail to a person, or a text in the chat of a robot; and the robots' delivery."""

from collections.abc import Callable

from hallapp.accounts import vault
from hallapp.alerts import queries, robots
from hallapp.alerts.alert import Text
from hallapp.alerts.models import AlertRecipient
from hallapp.alerts.robots import NotTaken, Robot
from hallapp.core import clock, runtime
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages import letter
from hallapp.messages.standard import Words
from hallapp.notifications import service as outbox
from hallapp.notifications.models import Channel, OutboxMessage
from hallapp.notifications.service import NewMessage
from hallapp.notifications.transports import Refused
from hallapp.schedule.models import Hall


def put(
    hall: Hall, recipient: AlertRecipient, text: Text, outbox_kind: str, *, last: bool = False, once: str | None = None
) -> OutboxMessage:
    """Write an alert into the outbox; needs a transaction. `last` says that no more follow within the hour."""
    return _SENDERS[recipient.channel](hall, recipient, text, outbox_kind, last, once)


def deliver(message: OutboxMessage) -> None:
    """Write a message of the outbox into the chat of its robot. Raises Refused."""
    recipient = queries.find_robot(message.hall_id, message.recipient)
    if recipient is None or recipient.secret is None:
        raise Refused("the robot is not on the list any more", for_good=True)
    try:
        robot = Robot.from_text(vault.open_(recipient.secret, runtime.settings().secret_keys))
        robots.send(robot, message.body, at=clock.now())
    except vault.Unreadable:
        raise Refused("the key that encrypted the robot is gone: enter its address again", for_good=True) from None
    except NotTaken as error:
        raise Refused(error.reason, for_good=error.for_good) from None


def close(robot: Robot) -> str:
    """Return a robot as it is stored: encrypted."""
    return vault.close(robot.as_text(), runtime.settings().secret_keys)


def _title(hall: Hall, recipient: AlertRecipient, text: Text) -> str:
    colon = "：" if recipient.language.startswith("zh") else ": "
    return f"{hall.text('name', recipient.language)}{colon}{text.title}"


def _chat(
    hall: Hall, recipient: AlertRecipient, text: Text, outbox_kind: str, last: bool, once: str | None
) -> OutboxMessage:
    with force_locale(recipient.language):
        more = (
            _("No more messages like this one are sent within the hour. The pages show all that waits.") if last else ""
        )
    # The link is before the list of a summary, which may be cut.
    parts = (_title(hall, recipient, text), text.link, text.body, more)
    return outbox.put(
        NewMessage(
            hall_id=hall.id,
            kind=outbox_kind,
            channel=Channel.CHAT,
            recipient=recipient.address,
            subject=_title(hall, recipient, text),
            body="\n".join(part for part in parts if part),
            once=once,
        )
    )


def _mail(
    hall: Hall, recipient: AlertRecipient, text: Text, outbox_kind: str, last: bool, once: str | None
) -> OutboxMessage:
    with force_locale(recipient.language):
        more = _("No more mails like this one are sent within the hour. The pages show all that waits.") if last else ""
        why = _("You get this mail because your hall has put this address on the list of alerts.")
    values = {
        "title": text.title,
        "hall": hall.text("name", recipient.language),
        "body": "\n\n".join(part for part in (text.body, text.link, more, why) if part),
    }
    words = Words(
        subject="{hall}: {title}" if not recipient.language.startswith("zh") else "{hall}：{title}",
        body="{title}\n\n{body}",
    )
    written = letter.write(hall, words, values, channel=Channel.EMAIL)
    return outbox.put(
        NewMessage(
            hall_id=hall.id,
            kind=outbox_kind,
            recipient=recipient.address,
            subject=written.subject,
            body=written.body,
            html=letter.html(hall, written, language=recipient.language),
            once=once,
        )
    )


#: How an alert is written for each channel.
_SENDERS: dict[Channel, Callable[..., OutboxMessage]] = {Channel.EMAIL: _mail, Channel.CHAT: _chat}
