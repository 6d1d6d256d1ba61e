"""The life of a delivery: claimed, then settled by the answer; it flushes at most."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select

from hallapp.core import database
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.notifications import kinds
from hallapp.notifications import service as outbox
from hallapp.schedule.addresses import base_url
from hallapp.schedule.queries import get_hall
from hallapp.webhooks import queries
from hallapp.webhooks.models import Outcome, Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent, WebhookHealth

#: The time that one run may take for one delivery; after that another run may try.
CLAIM = timedelta(minutes=2)
#: The waiting time after the first failure, the second, and so on; after one more failure the event is given up.
PAUSES = tuple(timedelta(seconds=one) for one in (5, 60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
#: The part of a pause by which it may be shorter or longer, so that many events do not come back at once.
JITTER = 0.2
#: The longest pause that the other system can ask for by `Retry-After`.
MOST_ASKED = timedelta(days=1)
#: The longest time for which a system that cannot be reached is left alone, so that it holds up no other one.
MOST_REST = timedelta(minutes=5)
#: A webhook that has failed for this time, without one success, is switched off.
SWITCHED_OFF_AFTER = timedelta(days=5)
ANSWER_LENGTH = 2000
GONE, TOO_MANY = 410, 429
SWITCHED_OFF = "webhook_switched_off"

kinds.register(SWITCHED_OFF, N_("A webhook was switched off"), SWITCHED_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A delivery that this process has claimed until an instant, with what is sent."""

    hall_id: int
    number: int
    event_id: str
    until: datetime
    webhook: Webhook
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of an attempt: a status with the answer, or the code of why there was no answer."""

    milliseconds: int
    status: int | None = None
    answer: str = ""
    error: str | None = None
    retry_after: int | None = None

    @property
    def is_success(self) -> bool:
        """Return whether the other system has accepted the event."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_about_system(self) -> bool:
        """Return whether the next event would fail too, because the system cannot be reached or is overloaded."""
        return self.status is None or self.status == TOO_MANY or self.status in (502, 503, 504)


def is_any_due() -> bool:
    """Return whether a delivery could be claimed now."""
    return db.session.scalar(select(func.count()).select_from(_due(database.now()).subquery())) != 0


def claim_next() -> Claim | None:
    """Claim the delivery that has been due longest, so that only one of several runs gets it; None if none is due.

    The attempt is counted here, so that an event that always ends the process is given up, too.
    """
    now = database.now()
    due = _due(now).with_for_update(skip_locked=True, of=WebhookDelivery)
    found = db.session.scalars(due.execution_options(populate_existing=True)).first()
    if found is None:
        return None
    found.claimed_until, found.attempts = now + CLAIM, found.attempts + 1
    db.session.flush()
    return Claim(
        hall_id=found.hall_id,
        number=found.webhook_number,
        event_id=found.event_id,
        until=found.claimed_until,
        webhook=queries.get_webhook(found.hall_id, found.webhook_number),
        body=db.session.get_one(WebhookEvent, (found.hall_id, found.event_id)).body,
    )


def settle(claim: Claim, result: Result) -> None:
    """Write the result of an attempt, and when the next one is due.

    Nothing happens if the webhook was removed, or if the claim has ended and another run has the delivery.
    """
    key = (claim.hall_id, claim.number, claim.event_id)
    delivery = db.session.get(WebhookDelivery, key, with_for_update=True, populate_existing=True)
    if delivery is None or delivery.outcome is not Outcome.WAITING or delivery.claimed_until != claim.until:
        return
    health = db.session.get_one(WebhookHealth, key[:2], with_for_update=True, populate_existing=True)
    now = database.now()
    delivery.claimed_until = None
    db.session.add(
        WebhookAttempt(
            hall_id=claim.hall_id,
            webhook_number=claim.number,
            event_id=claim.event_id,
            at=now,
            status=result.status,
            error=result.error,
            answer=result.answer.replace("\0", "")[:ANSWER_LENGTH],
            milliseconds=result.milliseconds,
        )
    )
    if result.is_success:
        delivery.outcome, health.failing_since, health.rest_until = Outcome.DELIVERED, None, None
    else:
        _fail(delivery, health, result, now)
    db.session.flush()


def pause_after(attempts: int, *, asked: int | None = None) -> timedelta:
    """Return the pause after so many failed attempts, with its jitter; it is not shorter than what was asked for."""
    part = 1 + JITTER * (secrets.randbelow(2001) - 1000) / 1000
    least = min(timedelta(seconds=asked or 0), MOST_ASKED)
    return max(PAUSES[min(attempts, len(PAUSES)) - 1] * part, least)


def _fail(delivery: WebhookDelivery, health: WebhookHealth, result: Result, now: datetime) -> None:
    pause = pause_after(delivery.attempts, asked=result.retry_after)
    if delivery.attempts > len(PAUSES):
        delivery.outcome = Outcome.GIVEN_UP
    else:
        delivery.due_at = now + pause
    health.failing_since = health.failing_since or now
    if result.is_about_system:
        asked = timedelta(seconds=result.retry_after or 0)
        health.rest_until = now + max(min(pause, MOST_REST), min(asked, MOST_ASKED))
    if result.status == GONE or now - health.failing_since >= SWITCHED_OFF_AFTER:
        _switch_off(queries.get_webhook(delivery.hall_id, delivery.webhook_number), now)


def _switch_off(webhook: Webhook, now: datetime) -> None:
    """Switch a webhook off and tell the person in charge; events that wait are kept until it is switched on."""
    if not webhook.active:
        return
    webhook.active, webhook.switched_off_at = False, now
    hall = get_hall(webhook.hall_id)
    with force_locale(webhook.language):
        subject = _("Webhook switched off: %(name)s", name=webhook.name)
        body = _(
            "Sending events to “%(name)s” has been switched off, because its system accepts none. Events that wait are"
            " kept for 30 days and are sent when you switch it on again.",
            name=webhook.name,
        )
    link = f"{base_url(hall)}/admin/webhooks/{webhook.number}"
    outbox.enqueue(
        hall_id=hall.id,
        kind=SWITCHED_OFF,
        recipient=webhook.contact,
        subject=f"{hall.text('name', webhook.language)}: {subject}",
        body=f"{body}\n\n{link}",
    )


def _due(now: datetime) -> Select[WebhookDelivery]:
    return (
        select(WebhookDelivery)
        .join(
            Webhook,
            (Webhook.hall_id == WebhookDelivery.hall_id) & (Webhook.number == WebhookDelivery.webhook_number),
        )
        .join(
            WebhookHealth,
            (WebhookHealth.hall_id == Webhook.hall_id) & (WebhookHealth.webhook_number == Webhook.number),
        )
        .where(
            WebhookDelivery.outcome == Outcome.WAITING,
            WebhookDelivery.due_at <= now,
            or_(WebhookDelivery.claimed_until.is_(None), WebhookDelivery.claimed_until <= now),
            or_(WebhookHealth.rest_until.is_(None), WebhookHealth.rest_until <= now),
            Webhook.active,
        )
        .order_by(WebhookDelivery.due_at, WebhookDelivery.event_id)
        .limit(1)
    )
