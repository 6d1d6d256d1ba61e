"""Checks of what lies in the database: itself, the key, the clock, the worker, tasks and messages."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from hallapp.core import clock, database, embedded, readiness, runtime, servicekey
from hallapp.core.database import db
from hallapp.core.text import counted
from hallapp.doctor.findings import Finding, ok, warning, wrong
from hallapp.notifications.models import MessageState, OutboxMessage
from hallapp.schedule.queries import list_halls
from hallapp.settings import is_weak
from hallapp.tasks import queries as tasks
from hallapp.tasks.models import Outcome
from hallapp.webhooks import queries as webhooks

_CLOCK_WISE, _CLOCK_MOST = timedelta(seconds=2), timedelta(seconds=30)
_PATIENCE = timedelta(minutes=15)
_SHOWN = 12  # characters of a fingerprint
_POSTGRESQL_LEAST = 130000
_EARLIEST_YEAR = 2026  # a clock before this program's first year has lost its battery
_TROUBLE = {
    "database": "Start the database, or correct HALL_DATABASE_URL.",
    "not_migrated": "Run: flask --app wsgi hall setup",
    "read_only": "Nothing can be written: make room on the disk, or let HALL_DATABASE_URL name the primary server.",
}


def check_database() -> Iterator[Finding]:
    """Look whether the database answers, is migrated and takes writes."""
    begun = time.perf_counter()
    trouble = readiness.find_trouble()
    if trouble in _TROUBLE:
        yield wrong("database", f"{_describe()}: {trouble.replace('_', ' ')}", _TROUBLE[trouble])
        return
    took = (time.perf_counter() - begun) * 1000
    megabytes = database.get_size() / 1024**2
    yield ok("database", f"{_describe()}, migrated and writable in {took:.0f} ms, {megabytes:.0f} MB")
    if db.engine.dialect.name == "postgresql":
        yield from _check_server()


def _describe() -> str:
    file = embedded.find_file()
    return f"SQLite in {file}" if file else f"PostgreSQL at {db.engine.url.host or 'a local socket'}"


def _check_server() -> Iterator[Finding]:
    number = int(db.session.execute(text("SHOW server_version_num")).scalar_one())
    shown = db.session.execute(text("SHOW server_version")).scalar_one()
    if number < _POSTGRESQL_LEAST:
        yield warning("database server", f"PostgreSQL {shown}", "Upgrade it to version 13 or newer.")
    else:
        zone = db.session.execute(text("SHOW timezone")).scalar_one()
        yield ok("database server", f"PostgreSQL {shown}, time zone {zone}")


def check_key() -> Iterator[Finding]:
    """Look whether this host has the key of the service, and whether the older ones are as strong."""
    keys = runtime.settings().secret_keys
    shown = servicekey.get_fingerprint(keys[0])[:_SHOWN]
    recorded = servicekey.find_fingerprint()
    if recorded is None:
        yield warning("secret key", f"{shown}: no key of the service is recorded", "Run: flask --app wsgi hall setup")
    elif not servicekey.is_ours():
        do = "Give this host the service's HALL_SECRET_KEY; if it is lost, run: flask --app wsgi hall setup --new-key"
        yield wrong("secret key", f"{shown}, but the service signs with {recorded[:_SHOWN]}", do)
    else:
        yield ok("secret key", f"{shown}, the service's; {len(keys)} in use, {len(keys[0])} characters")
    if any(is_weak(key) for key in keys[1:]):
        do = "Remove it from HALL_SECRET_KEY once the visits that were booked under it are over."
        yield warning("secret key", "an older key can be guessed", do)


def check_clock() -> Iterator[Finding]:
    """Compare this host's clock with the database's, and with what was written last."""
    here = clock.now()
    away = abs(database.now() - here)
    seen = tasks.find_last_sign_of_life()
    do = "Turn on time synchronisation: timedatectl set-ntp true"
    if here.year < _EARLIEST_YEAR:
        yield wrong("clock", f"it says {here:%Y-%m-%d %H:%M}Z", do)
    elif away > _CLOCK_WISE:
        judge = wrong if away > _CLOCK_MOST else warning
        yield judge("clock", f"{away.total_seconds():.0f} s away from the database's", f"{do}, on both machines.")
    elif seen and seen > here + _CLOCK_MOST:
        yield warning("clock", f"a worker was seen in the future, at {seen:%Y-%m-%d %H:%M}Z", do)
    else:
        yield ok("clock", f"{here:%Y-%m-%d %H:%M:%S}Z, {away.total_seconds():.1f} s away from the database's")


def check_worker() -> Iterator[Finding]:
    """Look whether a worker is alive, reaches its servers, and what its tasks did last."""
    alive, seen = tasks.list_workers(), tasks.find_last_sign_of_life()
    start = "Start it: flask --app wsgi worker (`make run` and the systemd unit do)."
    if not alive:
        last = f"the last one was seen at {seen:%Y-%m-%d %H:%M}Z" if seen else "none has ever run"
        yield wrong("worker", f"none runs: no mail is sent, and nothing happens by the clock ({last})", start)
    else:
        beat = max(worker.heartbeat_at for worker in alive)
        yield ok("worker", f"{len(alive)} at work, last heartbeat {(database.now() - beat).total_seconds():.0f} s ago")
    for error in sorted({worker.mail_error for worker in alive if worker.mail_error}):
        yield wrong("worker", f"it cannot send: {error}", "See the lines on mail and text messages here.")


def check_tasks() -> Iterator[Finding]:
    """Look for tasks that failed, and for messages that were given up or wait for long."""
    halls = {hall.id: hall.slug for hall in list_halls()}
    if not halls:
        yield warning("hall", "there is none", "Make one: flask --app wsgi hall setup --name-zh …")
        return
    bad = [run for run in tasks.list_runs(halls).values() if run.outcome in (Outcome.ALERT, Outcome.FAILED)]
    for run in bad:
        found = f"{run.task} of {halls[run.hall_id]}: {run.error}"
        yield warning("tasks", found, "See: flask --app wsgi worker status, and Settings, Background tasks.")
    if not bad:
        yield ok("tasks", "none went wrong at its last run")
    yield from _check_outbox()
    yield from _check_webhooks(halls)


def _check_outbox() -> Iterator[Finding]:
    given_up = _count(OutboxMessage.state == MessageState.GIVEN_UP)
    waiting = (OutboxMessage.state == MessageState.WAITING) & OutboxMessage.held.is_(None)
    late = _count(waiting & (OutboxMessage.due_at <= database.now() - _PATIENCE))
    if late:
        do = "See the lines on the worker, mail and text messages here."
        yield warning(
            "outbox", f"{counted(late, 'message')} {'waits' if late == 1 else 'wait'} for more than 15 minutes", do
        )
    if given_up:
        do = "A manager opens Settings, Sent messages, and sends them again or phones the groups."
        yield warning("outbox", f"{counted(given_up, 'message')} {'was' if given_up == 1 else 'were'} given up", do)
    if not late and not given_up:
        yield ok("outbox", f"waiting: {counted(_count(waiting), 'message')}, none for long")


def _check_webhooks(halls: Mapping[int, str]) -> Iterator[Finding]:
    now = database.now()
    states = webhooks.list_states(list(halls), now=now)
    found = [one for state in states for one in _judge(state, halls[state.hall_id], now)]
    yield from found
    if states and not found:
        yield ok("webhooks", f"{len(states)} in use, waiting: {counted(sum(one.waiting for one in states), 'event')}")


def _judge(one: webhooks.State, hall: str, now: datetime) -> Iterator[Finding]:
    name, waiting = f"webhook {one.number} of {hall}", one.waiting + one.retrying
    if one.is_switched_off:
        found = f"{name} was switched off after long failure, waiting: {counted(waiting, 'event')}"
        yield warning("webhooks", found, "Repair the other system, then switch it on under Settings, Webhooks.")
    elif one.failing_since:
        found = f"{name} has failed since {one.failing_since:%Y-%m-%d %H:%M}Z, waiting: {counted(waiting, 'event')}"
        yield warning("webhooks", found, "See its log under Settings, Webhooks, for what the system answers.")
    elif one.overdue_since and one.overdue_since <= now - _PATIENCE:
        found = f"{name} has events that wait for more than 15 minutes"
        yield warning("webhooks", found, "See the line on the worker here.")
    if one.given_up:
        found = f"{counted(one.given_up, 'event')} of {name} given up within 30 days"
        yield warning("webhooks", found, "Send them again from its log under Settings, Webhooks.")


def _count(condition: object) -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMessage).where(condition)) or 0  # type: ignore[arg-type]
