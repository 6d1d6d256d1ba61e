"""Rate limits that hold across workers: one counter row per key and window, updated by one statement.

Use `count` for actions of visitors: it commits before the action begins, so a refused action, whose transaction rolls
back, is counted nevertheless. `hit` counts in the transaction of the action itself. `count_by_lease` writes seldom, for
what programs do often.
"""

import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import NamedTuple

from sqlalchemy import String, delete
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import clock, runtime
from hallapp.core.database import Model, UtcDateTime, db, transaction, upsert
from hallapp.core.errors import N_, DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import ngettext


class RateCounter(Model):
    """The number of times that something happened in a window; `key` is a digest, so the table names no one."""

    __tablename__ = "rate_counter"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_starts: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    hits: Mapped[int]


class TooManyRequests(DomainError):
    """The limit of a window is used up."""

    status = 429

    code = "too_many_requests"
    message = N_("Too many attempts. Please try again in %(wait)s.")

    def __init__(self, seconds: int, field: str | None = None) -> None:
        """Refuse until a number of seconds has passed."""
        super().__init__(field=field, wait=_span(seconds))
        self.retry_after = seconds


_lock = Lock()
_here: dict[tuple[str, str], tuple[int, int]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit: `subject` may do `what` at most `most` times in a window of seconds.

    A refusal is shown beside `field`.
    """

    what: str
    subject: str
    most: int
    seconds: int = 3600
    field: str | None = None


@dataclass(slots=True)
class _Lease:
    """The counted uses of a limit that are left to this process in a window; after the `last` there are no more.

    `uncounted` uses were left to all processes when this one last asked.
    """

    window: int
    left: int = 0
    last: bool = False
    uncounted: int = 0


class Remaining(NamedTuple):
    """The uses of a limit that are left, as far as this process knows, and the seconds until the window ends."""

    uses: int
    seconds: int


_leases: dict[Limit, _Lease] = {}


def are_on() -> bool:
    """Return whether the limits hold; `HALL_RATE_LIMITS=off` turns them off for load tests."""
    return runtime.are_rate_limits_on()


def count(*limits: Limit) -> None:
    """Count each of these limits once more, in a separate transaction, before the transaction of the action.

    Raises:
        TooManyRequests: when one of them is over its limit. All of them have been counted nevertheless.
    """
    if not are_on():
        return
    with transaction(durable=False):  # after a power failure a count may be lost: nobody is hurt
        # Always in the same order, so that requests cannot deadlock.
        ordered = sorted(limits, key=lambda one: _key(one.what, one.subject))
        over = [one for one in ordered if _count(one.what, one.subject, seconds=one.seconds, add=1) > one.most]
    if over:
        raise TooManyRequests(max(_left(one.seconds) for one in over), over[0].field)


def hit(what: str, subject: str, *, limit: int, seconds: int, field: str | None = None) -> None:
    """Count once more that `subject` did `what` in the present window of seconds; needs a transaction.

    Raises:
        TooManyRequests: when this one is over the limit. Counted hits stay only if the transaction commits.
    """
    if not are_on():
        return
    if _count(what, subject, seconds=seconds, add=1) > limit:
        raise TooManyRequests(_left(seconds), field)


def count_here(what: str, subject: str, *, most: int, seconds: int) -> None:
    """Count once more that `subject` did `what` in the present window, in this process only and without the database.

    Raises:
        TooManyRequests: when this one is over the limit.
    """
    if not are_on():
        return
    window = int(clock.now().timestamp()) // seconds
    with _lock:
        for key in [key for key, (begun, _hits) in _here.items() if begun < window]:
            del _here[key]
        hits = _here.get((what, subject), (window, 0))[1] + 1
        _here[what, subject] = window, hits
    if hits > most:
        raise TooManyRequests(_left(seconds))


def count_by_lease(limit: Limit) -> Remaining | None:
    """Count a limit that is used often: each process counts some uses ahead in the database, and then uses them up.

    It returns the uses that are left, or None where limits are off.

    All processes together never allow more than the limit. They may refuse earlier by the uses that a process has
    counted ahead and not used, at most a fiftieth of the limit each.

    Raises:
        TooManyRequests: when the limit is used up.
    """
    if not are_on():
        return None
    window = int(clock.now().timestamp()) // limit.seconds
    if not _use_lease(limit, window):
        _take_lease(limit, window)
    with _lock:
        lease = _leases.get(limit)
        uses = lease.left + lease.uncounted if lease else 0
    return Remaining(uses, _left(limit.seconds))


def _use_lease(limit: Limit, window: int) -> bool:
    """Return whether a counted use was left in this process. Raises TooManyRequests when the limit is used up."""
    with _lock:
        for one in [one for one, lease in _leases.items() if lease.window < window]:
            del _leases[one]
        lease = _leases.get(limit)
        if lease is None or (lease.left == 0 and not lease.last):
            return False
        if lease.left == 0:
            raise TooManyRequests(_left(limit.seconds), limit.field)
        lease.left -= 1
        return True


def _take_lease(limit: Limit, window: int) -> None:
    """Count some uses in the database, and use the first of them. Raises TooManyRequests when none was left."""
    wanted = max(1, limit.most // 50)
    with transaction(durable=False):
        counted = _count(limit.what, limit.subject, seconds=limit.seconds, add=wanted)
    given = min(wanted, limit.most - (counted - wanted))
    with _lock:
        lease = _leases.setdefault(limit, _Lease(window))
        if lease.window == window:  # and no other thread has begun the next one
            lease.left += max(0, given - 1)
            lease.last = lease.last or counted >= limit.most
            lease.uncounted = max(0, limit.most - counted)
    if given < 1:
        raise TooManyRequests(_left(limit.seconds), limit.field)


def forget(what: str, subject: str, *, seconds: int) -> None:
    """Clear the present window, as after a success; needs a transaction."""
    db.session.execute(
        delete(RateCounter).where(RateCounter.key == _key(what, subject), RateCounter.window_starts == _window(seconds))
    )


def digest_of(what: str, subject: str) -> str:
    """Return a keyed digest of a name that is not to be kept itself, such as a client's network."""
    return _key(what, subject)


def sweep(*, older_than: timedelta = timedelta(days=1)) -> None:
    """Delete the counters of windows long past; needs a transaction."""
    db.session.execute(delete(RateCounter).where(RateCounter.window_starts < clock.now() - older_than))


def _window(seconds: int) -> datetime:
    return datetime.fromtimestamp(clock.now().timestamp() // seconds * seconds, UTC)


def _left(seconds: int) -> int:
    """Return the number of seconds until the present window of `seconds` ends."""
    return math.ceil(seconds - clock.now().timestamp() % seconds)


def _span(seconds: int) -> str:
    """Return a waiting time in words, rounded up to whole minutes, in the language in force."""
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    hours, rest = divmod(minutes, 60)
    hour = ngettext("%(num)s hour", "%(num)s hours", hours)
    return hour if not rest else _("%(hours)s and %(minutes)s", hours=hour, minutes=_span(rest * 60))


def _key(what: str, subject: str) -> str:
    secret = runtime.settings().secret_keys[0].encode()
    return hmac.new(secret, f"{what}\0{subject}".encode(), hashlib.sha256).hexdigest()


def _count(what: str, subject: str, *, seconds: int, add: int) -> int:
    table = RateCounter.__table__
    row = {"key": _key(what, subject), "window_starts": _window(seconds), "hits": add}
    statement = upsert(table, row).on_conflict_do_update(
        index_elements=["key", "window_starts"], set_={"hits": table.c.hits + add}
    )
    return int(db.session.execute(statement.returning(table.c.hits)).scalar_one())
