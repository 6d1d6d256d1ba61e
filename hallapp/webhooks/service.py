"""The webhooks of a hall: entering, changing, testing and removing them; it flushes at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, select, update

from hallapp.accounts import service as accounts
from hallapp.accounts import vault
from hallapp.core import clock, database
from hallapp.core.database import db
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, compare, note
from hallapp.schedule.models import Hall
from hallapp.webhooks import events, queries, signing
from hallapp.webhooks.errors import BeingSent, TooManyWebhooks, WebhookIsOff, WebhookNameTaken
from hallapp.webhooks.models import (
    EventKind,
    Outcome,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEvent,
    WebhookHealth,
)

MOST_WEBHOOKS = 20
#: Events and answers are erased after this time, whether or not they were delivered.
KEPT = timedelta(days=30)
#: The time for which the previous secret still signs after a rotation.
OLD_SECRET_FOR = timedelta(hours=24)
_ALL_AT_ONCE = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveWebhook:
    """The command that adds a webhook, or with a `number` changes one; `by` is the id of who does it.

    `url` has the form of `core/outbound.check`.
    """

    hall_id: int
    by: int
    number: int | None
    name: str
    url: str
    kinds: tuple[EventKind, ...]
    contact: str
    language: str
    active: bool


def add(command: SaveWebhook, keys: Sequence[str]) -> tuple[Webhook, str]:
    """Add a webhook; return its row and its secret, which no page shows again.

    `keys` are the deployment's secret keys, newest first. Raises WebhookNameTaken, TooManyWebhooks.
    """
    capacity.hold_hall(command.hall_id)  # so that two new ones get different numbers
    _check_name(command)
    if len(queries.list_webhooks(command.hall_id)) >= MOST_WEBHOOKS:
        raise TooManyWebhooks(most=MOST_WEBHOOKS)
    newest = db.session.scalar(select(func.max(Webhook.number)).where(Webhook.hall_id == command.hall_id))
    secret, values = signing.new_secret(), _values(command)
    webhook = Webhook(
        hall_id=command.hall_id,
        number=(newest or 0) + 1,
        secret=vault.close(secret, keys),
        made_at=clock.now(),
        **values,
    )
    db.session.add(webhook)
    db.session.flush()
    db.session.add(WebhookHealth(hall_id=webhook.hall_id, webhook_number=webhook.number))
    _note(webhook, command.by, compare({}, values))
    return webhook, secret


def change(command: SaveWebhook) -> Webhook:
    """Change a webhook. Switched on again, it gets the events that still wait for it.

    Raises WebhookNameTaken, NoResultFound.
    """
    capacity.hold_hall(command.hall_id)
    _check_name(command)
    webhook = queries.get_webhook(command.hall_id, command.number or 0)
    if command.active and (not webhook.active or command.url != webhook.url):
        health = queries.get_health(webhook.hall_id, webhook.number)
        health.failing_since = health.rest_until = webhook.switched_off_at = None
    _note(webhook, command.by, apply(webhook, _values(command)))
    return webhook


def rotate(webhook: Webhook, keys: Sequence[str], *, by: int) -> str:
    """Give a webhook a new secret and return it; the present one signs too for a day."""
    secret = signing.new_secret()
    webhook.old_secret, webhook.old_until = webhook.secret, clock.now() + OLD_SECRET_FOR
    webhook.secret = vault.close(secret, keys)
    db.session.flush()
    _record(webhook, "webhook_secret_renewed", by=by)
    return secret


def remove(hall_id: int, number: int, *, by: int) -> None:
    """Remove a webhook with its log, if there is one of this number."""
    capacity.hold_hall(hall_id)
    webhook = db.session.get(Webhook, (hall_id, number))
    if webhook is None:
        return
    for table in (WebhookAttempt, WebhookDelivery, WebhookHealth):
        of_webhook = (table.hall_id == hall_id, table.webhook_number == number)
        db.session.execute(delete(table).where(*of_webhook), execution_options=_ALL_AT_ONCE)
    _record(webhook, "webhook_removed", by=by)
    db.session.delete(webhook)
    db.session.flush()


def send_test(webhook: Webhook, *, by: int) -> WebhookEvent:
    """Write an event that says that the webhook works. Raises WebhookIsOff."""
    if not webhook.active:
        raise WebhookIsOff
    queries.get_health(webhook.hall_id, webhook.number).rest_until = None
    _record(webhook, "webhook_tested", by=by)
    return events.write(webhook.hall_id, EventKind.TEST, {"webhook": webhook.name}, to=[webhook.number])


def send_again(webhook: Webhook, event_id: str, *, by: int) -> None:
    """Let an event be delivered once more, with the same id. Raises WebhookIsOff, BeingSent, NoResultFound."""
    if not webhook.active:
        raise WebhookIsOff
    delivery = queries.get_delivery(webhook.hall_id, webhook.number, event_id)
    now = database.now()
    db.session.refresh(delivery, with_for_update=True)
    if delivery.claimed_until is not None and delivery.claimed_until > now:
        raise BeingSent
    delivery.outcome, delivery.attempts, delivery.due_at = Outcome.WAITING, 0, now
    queries.get_health(webhook.hall_id, webhook.number).rest_until = None
    db.session.flush()
    _record(webhook, "webhook_sent_again", by=by, event=event_id)


def send_failed_again(webhook: Webhook, *, by: int) -> int:
    """Let all events be delivered that were given up; return their number. Raises WebhookIsOff."""
    if not webhook.active:
        raise WebhookIsOff
    sent = db.session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.hall_id == webhook.hall_id,
            WebhookDelivery.webhook_number == webhook.number,
            WebhookDelivery.outcome == Outcome.GIVEN_UP,
        )
        .values(outcome=Outcome.WAITING, attempts=0, due_at=database.now(), claimed_until=None)
        .returning(WebhookDelivery.event_id),
        execution_options=_ALL_AT_ONCE,
    ).all()
    db.session.expire_all()
    queries.get_health(webhook.hall_id, webhook.number).rest_until = None
    db.session.flush()
    if sent:
        _record(webhook, "webhook_sent_again", by=by, events=len(sent))
    return len(sent)


def open_secrets(webhook: Webhook, keys: Sequence[str], *, now: datetime) -> list[str]:
    """Return the secrets that sign at an instant, the newest first.

    Raises:
        Unreadable: the key that encrypted them no longer exists.
    """
    closed = [webhook.secret]
    if webhook.old_secret and webhook.old_until and now < webhook.old_until:
        closed.append(webhook.old_secret)
    return [vault.open_(one, keys) for one in closed]


def erase(hall_id: int) -> None:
    """Delete the events that are older than `KEPT`, with their deliveries and answers; needs a transaction."""
    _erase(hall_id, WebhookEvent.created_at < database.now() - KEPT)


def erase_of(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Delete the events of these bookings, with the answers, which may repeat them; needs a transaction."""
    _erase(hall.id, WebhookEvent.booking_id.in_(bookings))


def _erase(hall_id: int, condition: ColumnElement[bool]) -> None:
    found = select(WebhookEvent.id).where(WebhookEvent.hall_id == hall_id, condition)
    for table, column in (
        (WebhookAttempt, WebhookAttempt.event_id),
        (WebhookDelivery, WebhookDelivery.event_id),
        (WebhookEvent, WebhookEvent.id),
    ):
        statement = delete(table).where(table.hall_id == hall_id, column.in_(found))
        db.session.execute(statement, execution_options=_ALL_AT_ONCE)


def renew_secrets(hall_id: int, keys: Sequence[str]) -> None:
    """Encrypt the secrets with the newest key, so that an older one can be removed; needs a transaction."""
    for webhook in queries.list_webhooks(hall_id):
        for name in ("secret", "old_secret"):
            closed = getattr(webhook, name)
            if closed is not None and is_readable(closed, keys):
                setattr(webhook, name, vault.renewed(closed, keys))
    db.session.flush()


def is_readable(closed: str, keys: Sequence[str]) -> bool:
    """Return whether one of the keys decrypts a secret."""
    try:
        vault.open_(closed, keys)
    except vault.Unreadable:
        return False
    return True


def _values(command: SaveWebhook) -> dict[str, object]:
    names = ("name", "url", "contact", "language", "active")
    return {name: getattr(command, name) for name in names} | {"kinds": ",".join(command.kinds)}


def _check_name(command: SaveWebhook) -> None:
    others = (one for one in queries.list_webhooks(command.hall_id) if one.number != command.number)
    if any(one.name == command.name for one in others):
        raise WebhookNameTaken


def _note(webhook: Webhook, by: int, detail: dict[str, dict[str, object]]) -> None:
    """Write a change into the audit trail; an address can hold a key, so only the fact that it changed is written."""
    for side in detail.values():
        if "url" in side:
            side["url"] = "…"
    subject = f"webhook {webhook.number}"
    note(hall_id=webhook.hall_id, by=by, action="webhook_saved", subject=subject, detail=detail)


def _record(webhook: Webhook, action: str, *, by: int, **detail: object) -> None:
    accounts.record(
        hall_id=webhook.hall_id,
        staff_id=by,
        action=action,
        subject=f"webhook {webhook.number}",
        detail={"name": webhook.name, **detail},
    )
