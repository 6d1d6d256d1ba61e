"""Private calendars: the groups of one guide, or all groups of a hall, for a calendar that asks again and again.

A calendar program cannot sign in, so the address itself is the secret: it can be replaced at any time, and the calendar
says nothing about how to reach a person.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from hallapp.accounts import service as accounts
from hallapp.booking import queries as bookings
from hallapp.booking.models import AGREED, Booking
from hallapp.core import calendars, clock, formats
from hallapp.core.calendars import Entry
from hallapp.core.database import db
from hallapp.core.i18n import force_locale, ngettext
from hallapp.core.i18n import gettext as _
from hallapp.guides import queries
from hallapp.guides.models import CalendarFeed
from hallapp.kinds.standard import INDIVIDUAL, NAMES
from hallapp.kinds.values import is_individual
from hallapp.schedule.models import Hall

#: The days that a calendar shows before and after today.
PAST, COMING = timedelta(days=30), timedelta(days=180)
_TOKEN_BYTES = 24  # 192 random bits


def renew(hall_id: int, guide_id: int | None, *, by: int) -> str:
    """Make the address of a calendar, and return its secret part; an address from before no longer works."""
    _delete(hall_id, guide_id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    feed = CalendarFeed(hall_id=hall_id, guide_id=guide_id, digest=_digest(token), made_at=clock.now())
    db.session.add(feed)
    db.session.flush()
    _record("calendar_feed_made", hall_id, guide_id, by)
    return token


def withdraw(hall_id: int, guide_id: int | None, *, by: int) -> None:
    """End a calendar: its address no longer works. Repeating this changes nothing."""
    if _delete(hall_id, guide_id):
        _record("calendar_feed_withdrawn", hall_id, guide_id, by)


def list_feeds(hall_id: int) -> dict[int | None, CalendarFeed]:
    """Return the calendars of a hall by their guide; the hall's own is under None."""
    rows = db.session.scalars(select(CalendarFeed).where(CalendarFeed.hall_id == hall_id))
    return {feed.guide_id: feed for feed in rows}


def find_feed(hall_id: int, token: str) -> CalendarFeed | None:
    """Return the calendar that an address opens, or None: also for a guide who has left or whose account is closed."""
    mine = (CalendarFeed.hall_id == hall_id, CalendarFeed.digest == _digest(token))
    feed = db.session.scalar(select(CalendarFeed).where(*mine))
    if feed is None or feed.guide_id is None:
        return feed
    guide = queries.get_guide(hall_id, feed.guide_id)
    return feed if guide.active and (guide.staff is None or guide.staff.active) else None


def render(hall: Hall, feed: CalendarFeed, *, language: str) -> bytes:
    """Return the groups of a calendar. The same groups give the same bytes, so that an ETag can be made of them.

    A cancelled group is left out: programs remove what a calendar no longer contains.
    """
    today = hall.today()
    days = {"first": today - PAST, "last": today + COMING}
    if feed.guide_id is None:
        groups, owner = queries.list_groups(hall.id, **days), ""
    else:
        guide = queries.get_guide(hall.id, feed.guide_id)
        groups, owner = queries.list_groups_of_guide(guide, **days), guide.name
    with force_locale(language):
        name = " · ".join(filter(None, (hall.text("name", language), owner)))
        return calendars.write(_entries(hall, groups, language), name=name)


def _entries(hall: Hall, groups: Sequence[Booking], language: str) -> Iterator[Entry]:
    changes = bookings.list_changes(hall.id, [booking.id for booking in groups])
    for booking in groups:
        sequence, stamp = changes.get(booking.id, (0, booking.created_at))
        people = ngettext("%(num)s person", "%(num)s people", booking.visitors)
        yield Entry(
            uid=f"{booking.reference}@staff.{hall.slug}.hallapp",
            sequence=sequence,
            stamp=stamp,
            status="CONFIRMED" if booking.state in AGREED else "TENTATIVE",
            starts_at=booking.slot.starts_at,
            ends_at=booking.slot.ends_at,
            summary=f"{_name(booking)} · {people}",
            location=_("Online programme") if booking.slot.programme.is_online else hall.text("name", language),
            description="\n".join(
                (
                    booking.slot.programme.name(language),
                    _("Reference: %(reference)s", reference=formats.reference(booking.reference)),
                )
            ),
        )


def _name(booking: Booking) -> str:
    """Return the name of an organisation; individuals are not named in a calendar that other services may store."""
    return _(NAMES[INDIVIDUAL]) if is_individual(booking.kind) else booking.organisation


def _delete(hall_id: int, guide_id: int | None) -> bool:
    mine = (CalendarFeed.hall_id == hall_id, CalendarFeed.guide_id.is_not_distinct_from(guide_id))
    found = db.session.scalars(delete(CalendarFeed).where(*mine).returning(CalendarFeed.digest)).all()
    return bool(found)


def _record(action: str, hall_id: int, guide_id: int | None, by: int) -> None:
    subject = f"hall {hall_id}" if guide_id is None else f"guide {guide_id}"
    accounts.record(hall_id=hall_id, staff_id=by, action=action, subject=subject)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
