"""Delivery reports of text messages: a task of the worker asks the provider, so it opens transactions itself."""

from datetime import datetime, timedelta

from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.core.logs import log
from hallapp.notifications import texts
from hallapp.notifications.models import OutboxMessage
from hallapp.notifications.texting import driver_for, find_provider
from hallapp.notifications.texting.values import Answer, Driver, Question
from hallapp.notifications.transports import Refused, ServerAway

#: Providers keep asking the phone for this time; after it there will be no report.
PATIENCE = timedelta(hours=72)
#: The number of questions of one run, far below what providers take in a minute.
MOST = 50


def fetch(hall_id: int, sms_url: str | None) -> int:
    """Ask for the delivery reports of a hall that are due, and return how many there were.

    A message is asked for again when it is twice as old, so that a phone that is off for a day costs few questions.
    """
    if not sms_url or not find_provider(sms_url):
        return 0
    asked = [
        (one.id, Question(to=one.recipient, provider_id=one.provider_id, sent_at=one.sent_at))
        for one in texts.list_unreported(hall_id, now=clock.now(), limit=MOST)
        if one.provider_id and one.sent_at
    ]
    if not asked:
        return 0
    driver, found = driver_for(sms_url), 0
    try:
        driver.open()
        for message_id, question in asked:
            answer = _ask(driver, question)
            with transaction():
                _note(message_id, answer, now=clock.now())
            found += answer is not None
    except (ServerAway, Refused) as error:
        log.warning("delivery reports of text messages: %s", error)
    finally:
        driver.close()
    return found


def _ask(driver: Driver, question: Question) -> Answer | None:
    """Return the report of a message. One that the provider refuses to look up has none, and holds up no others."""
    try:
        return driver.ask(question)
    except Refused as error:
        if not error.for_good:
            raise
        log.warning("delivery report of a text message: %s", error)
        return None


def _note(message_id: int, answer: Answer | None, *, now: datetime) -> None:
    message = db.session.get(OutboxMessage, message_id)
    if message is None or message.sent_at is None:  # erased in the meantime
        return
    age = now - message.sent_at
    if answer is not None:
        message.delivery, message.delivery_code, message.report_due_at = answer.delivery, answer.code or None, None
    else:
        message.report_due_at = now + age if age < PATIENCE else None
    db.session.flush()
