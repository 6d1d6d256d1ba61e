"""Reads of webhooks and of what became of their events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import joinedload

from hallapp.core.database import db
from hallapp.webhooks.models import Outcome, Webhook, WebhookAttempt, WebhookDelivery, WebhookHealth


def list_webhooks(hall_id: int) -> Sequence[Webhook]:
    """Return the webhooks of a hall, in the order in which they were added."""
    return db.session.scalars(select(Webhook).where(Webhook.hall_id == hall_id).order_by(Webhook.number)).all()


def get_webhook(hall_id: int, number: int) -> Webhook:
    """Return a webhook of a hall. Raises NoResultFound."""
    return db.session.get_one(Webhook, (hall_id, number))


def get_health(hall_id: int, number: int) -> WebhookHealth:
    """Return whether a webhook works. Raises NoResultFound."""
    return db.session.get_one(WebhookHealth, (hall_id, number))


def count_failed(hall_id: int) -> dict[int, int]:
    """Return the number of events that were given up, by the number of the webhook."""
    rows = db.session.execute(
        select(WebhookDelivery.webhook_number, func.count().label("failed"))
        .where(WebhookDelivery.hall_id == hall_id, WebhookDelivery.outcome == Outcome.GIVEN_UP)
        .group_by(WebhookDelivery.webhook_number)
    )
    return {row.webhook_number: row.failed for row in rows}


def list_deliveries(
    hall_id: int, number: int, *, limit: int, outcome: Outcome | None = None
) -> Sequence[WebhookDelivery]:
    """Return the newest deliveries of a webhook, newest first."""
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.hall_id == hall_id, WebhookDelivery.webhook_number == number)
        .options(joinedload(WebhookDelivery.event))
        .order_by(WebhookDelivery.created_at.desc(), WebhookDelivery.event_id)
        .limit(limit)
    )
    if outcome is not None:
        query = query.where(WebhookDelivery.outcome == outcome)
    return db.session.scalars(query).all()


def get_delivery(hall_id: int, number: int, event_id: str) -> WebhookDelivery:
    """Return a delivery. Raises NoResultFound."""
    found = db.session.get(WebhookDelivery, (hall_id, number, event_id))
    if found is None:
        raise NoResultFound
    return found


def list_attempts(delivery: WebhookDelivery) -> Sequence[WebhookAttempt]:
    """Return the attempts of a delivery, newest first."""
    query = select(WebhookAttempt).where(
        WebhookAttempt.hall_id == delivery.hall_id,
        WebhookAttempt.webhook_number == delivery.webhook_number,
        WebhookAttempt.event_id == delivery.event_id,
    )
    return db.session.scalars(query.order_by(WebhookAttempt.at.desc())).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of a webhook, with the numbers of its events that wait, wait after a failure, and were given up.

    `overdue_since` is the instant from which its oldest event could have been sent; None where none waits.
    """

    hall_id: int
    number: int
    is_switched_off: bool
    failing_since: datetime | None
    waiting: int
    retrying: int
    given_up: int
    overdue_since: datetime | None


def list_states(hall_ids: Sequence[int], *, now: datetime) -> list[State]:
    """Return the state of every webhook of these halls, except for those that a person has switched off."""
    waiting = WebhookDelivery.outcome == Outcome.WAITING
    is_due = and_(waiting, Webhook.active, WebhookDelivery.due_at <= now)

    def count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)

    rows = db.session.execute(
        select(
            *(Webhook.hall_id, Webhook.number, Webhook.active, WebhookHealth.failing_since),
            count(waiting, WebhookDelivery.attempts == 0),
            count(waiting, WebhookDelivery.attempts > 0),
            count(WebhookDelivery.outcome == Outcome.GIVEN_UP),
            func.min(case((is_due, WebhookDelivery.due_at))),
        )
        .join(
            WebhookHealth,
            and_(WebhookHealth.hall_id == Webhook.hall_id, WebhookHealth.webhook_number == Webhook.number),
        )
        .outerjoin(
            WebhookDelivery,
            and_(WebhookDelivery.hall_id == Webhook.hall_id, WebhookDelivery.webhook_number == Webhook.number),
        )
        .where(Webhook.hall_id.in_(hall_ids), or_(Webhook.active, Webhook.switched_off_at.is_not(None)))
        .group_by(Webhook.hall_id, Webhook.number, Webhook.active, WebhookHealth.failing_since)
        .order_by(Webhook.hall_id, Webhook.number)
    )
    return [
        State(
            hall_id=hall_id,
            number=number,
            is_switched_off=not active,
            failing_since=failing_since,
            waiting=waiting,
            retrying=retrying,
            given_up=given_up,
            overdue_since=overdue_since,
        )
        for hall_id, number, active, failing_since, waiting, retrying, given_up, overdue_since in rows
    ]
