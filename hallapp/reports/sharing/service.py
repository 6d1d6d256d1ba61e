"""Public links of a report: a random token opens one report of one period until a moment, and nothing else."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from hallapp.accounts import service as accounts
from hallapp.core import clock
from hallapp.core.database import db
from hallapp.core.errors import N_, DomainError
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.figures import service as figures
from hallapp.reports.models import ReportLink
from hallapp.schedule.models import Hall

DAYS = (7, 30, 90, 365)  # for which a link may be valid
_TOKEN_BYTES = 32
_NOTED_EVERY = timedelta(minutes=1)


class LinkNotValid(DomainError):
    """No link has this token, or it has expired or was revoked: the three look alike."""

    status = 404
    code = "link_not_valid"
    message = N_("This link is not valid, or no longer. Ask the hall for a new one.")


def make(hall: Hall, period: Period, *, days: int, by: int) -> str:
    """Make a link for the report of a period; return its token, which is stored nowhere.

    Raises:
        PeriodNotBegun, PeriodBeforeOpening: the period has no report.
    """
    if period != SINCE_OPENING:
        figures.check_period(hall, period)
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    link = ReportLink(
        hall_id=hall.id,
        digest=_digest_of(token),
        period=str(period),
        staff_id=by,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session.add(link)
    db.session.flush()
    _record(link, "report_link_made", by)
    return token


def find(token: str) -> ReportLink:
    """Return the valid link of a token. Raises LinkNotValid."""
    row = db.session.scalar(select(ReportLink).where(ReportLink.digest == _digest_of(token)))
    if row is None or row.revoked_at is not None or row.expires_at <= clock.now():
        raise LinkNotValid
    return row


def is_used_anew(link: ReportLink) -> bool:
    """Return whether the use of a link is to be noted now: once a minute at most."""
    return link.last_used_at is None or clock.now() - link.last_used_at >= _NOTED_EVERY


def note_use(hall_id: int, digest: str) -> None:
    """Note that a link is used now."""
    db.session.get_one(ReportLink, (hall_id, digest)).last_used_at = clock.now()
    db.session.flush()


def list_links(hall_id: int) -> Sequence[ReportLink]:
    """Return the links of a hall that have not expired, the newest first, the revoked ones among them."""
    return db.session.scalars(
        select(ReportLink)
        .where(ReportLink.hall_id == hall_id, ReportLink.expires_at > clock.now())
        .options(joinedload(ReportLink.staff, innerjoin=True))
        .order_by(ReportLink.made_at.desc(), ReportLink.digest)
    ).all()


def revoke(hall_id: int, digest: str, *, by: int) -> None:
    """End a link now; a link that was revoked already stays so. Raises NoResultFound, also for another hall's."""
    link = db.session.get_one(ReportLink, (hall_id, digest))
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        db.session.flush()
        _record(link, "report_link_revoked", by)


def _digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _record(link: ReportLink, action: str, by: int) -> None:
    accounts.record(hall_id=link.hall_id, staff_id=by, action=action, subject=f"report {link.period}")
