"""The private calendar of a host, for a calendar program that asks again and again.

A calendar program cannot sign in, so the address itself is the secret: it can be replaced at any time. The calendar
names no guest, because other services may store it.
"""

import hashlib
import secrets
from datetime import timedelta

from hallapp.accounts import service as accounts
from hallapp.core import calendars
from hallapp.core.calendars import Entry
from hallapp.core.database import db
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.guides.feeds import COMING, PAST
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall
from hallapp.talks import queries
from hallapp.talks.models import MODE_NAMES, Talk, TalkHost, TalkMode, TalkState

_TOKEN_BYTES = 24  # 192 random bits
_A_CHANGE = timedelta(seconds=1)


def renew(host: TalkHost, *, by: int) -> str:
    """Make the address of a host's calendar; return its secret part. An earlier address no longer works."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    _set(host, _digest(token), "talk_feed_made", by)
    return token


def withdraw(host: TalkHost, *, by: int) -> None:
    """End a host's calendar. Repeating this changes nothing."""
    if host.feed_digest is not None:
        _set(host, None, "talk_feed_withdrawn", by)


def find_host(hall_id: int, token: str) -> TalkHost | None:
    """Return the host whose calendar an address opens, or None."""
    return queries.find_host_by_feed(hall_id, _digest(token))


def render(hall: Hall, host: TalkHost) -> bytes:
    """Return the talks of a host as a calendar in the hall's first language; the same talks give the same bytes."""
    today, language = hall.today(), hall.language_codes[0]
    talks = queries.list_for_feed(host, today - PAST, today + COMING)
    with force_locale(language):
        name = " · ".join((hall.text("name", language), host.name))
        return calendars.write((_entry(hall, talk, language) for talk in talks), name=name)


def _entry(hall: Hall, talk: Talk, language: str) -> Entry:
    return Entry(
        uid=f"talk-{talk.number}@staff.{hall.slug}.hallapp",
        sequence=int(talk.state is TalkState.HELD),
        stamp=talk.made_at,
        status="CONFIRMED",
        starts_at=talk.starts_at,
        ends_at=talk.ends_at,
        summary=_("Talk") + f" · {_(MODE_NAMES[talk.mode])}",
        location=hall.text("address", language) if talk.mode is TalkMode.ON_SITE else _(MODE_NAMES[talk.mode]),
        description=f"{base_url(hall)}/my-talks",
    )


def _set(host: TalkHost, digest: str | None, action: str, by: int) -> None:
    host.feed_digest = digest
    db.session.flush()
    accounts.record(hall_id=host.hall_id, staff_id=by, action=action, subject=f"talk host {host.number}")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
