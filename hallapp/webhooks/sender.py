"""The sender of webhooks, a lane of the worker, so it opens and ends transactions itself.

Each delivery is claimed in one short transaction, sent outside of any, and settled in another one. If a process dies
between the last two, the event is sent again with the same id: it is delivered at least once.
"""

import time
from collections.abc import Callable, Sequence

from hallapp.accounts import vault
from hallapp.core import clock, outbound
from hallapp.core.database import db, transaction
from hallapp.core.logs import log
from hallapp.webhooks import deliveries, service, signing
from hallapp.webhooks.deliveries import Claim, Result


def run(keys: Sequence[str], *, private: bool, stopping: Callable[[], bool] = lambda: False) -> int:
    """Send every event that is due until `stopping` returns True; return the number of attempts.

    `keys` are the deployment's secret keys. With `private`, requests may go to the own network. Several runs may work
    at the same time.
    """
    attempts = 0
    if not deliveries.is_any_due():
        db.session.rollback()
        return attempts
    while not stopping():
        with transaction():
            claim = deliveries.claim_next()
        if claim is None:
            break
        result = _send(claim, keys, private=private)
        with transaction():
            deliveries.settle(claim, result)
        if not result.is_success:
            log.warning("webhook %d of hall %d: %s", claim.number, claim.hall_id, result.error or result.status)
        attempts += 1
    return attempts


def _send(claim: Claim, keys: Sequence[str], *, private: bool) -> Result:
    started, now = time.monotonic(), clock.now()

    def spent() -> int:
        return int((time.monotonic() - started) * 1000)

    try:
        signing_ = service.open_secrets(claim.webhook, keys, now=now)
        headers = signing.headers(claim.event_id, now, claim.body, signing_)
        answer = outbound.post(claim.webhook.url, claim.body.encode(), headers, private=private)
    except vault.Unreadable:
        return Result(milliseconds=spent(), error="secret")
    except outbound.NoAnswer as error:
        return Result(milliseconds=spent(), error=error.code)
    except outbound.AddressRefused as error:  # the operator allows less than when the address was entered
        return Result(milliseconds=spent(), error="private" if error.code == "private" else "form")
    return Result(milliseconds=spent(), status=answer.status, answer=answer.body, retry_after=answer.retry_after)
