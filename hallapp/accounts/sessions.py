"""Sessions of the staff, kept on the server: begin, renew, note the use, end, sweep. It flushes at most.

The browser holds a random token and the database its digest, so a copy of the database opens nothing. A session ends
when it is signed out or ended from another browser, when it is not used for `IDLE`, after `LONGEST` in any case, and
with the account's `session_version`.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from hallapp.accounts import queries, service
from hallapp.accounts.models import Staff, StaffSession
from hallapp.accounts.queries import FoundSession
from hallapp.core import clock
from hallapp.core.database import db

IDLE = timedelta(hours=12)  # a long day at the desk
LONGEST = timedelta(hours=24)
NOTED_EVERY = timedelta(minutes=5)  # recording every use would be a write for every opened page
_TOKEN_BYTES = 24  # 192 random bits, so a digest without a key is safe


def begin(staff: Staff, *, browser: str, system: str, second_step_elsewhere: bool = False) -> str:
    """Begin a session of an account as it is now; return its token, which is kept nowhere else."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    session = StaffSession(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        session_version=staff.session_version,
        digest=digest_of(token),
        browser=browser,
        system=system,
        made_at=now,
        last_used_at=now,
        ends_at=now + LONGEST,
        second_step_elsewhere=second_step_elsewhere,
    )
    db.session.add(session)
    db.session.flush()
    return token


def renew(staff: Staff, session_id: int) -> str:
    """Let a session continue after a change that has ended all the others; return its new token.

    Its end does not change. If it has been ended in the meantime, the token opens nothing.
    """
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.staff_id == staff.id)
        .values(digest=digest_of(token), session_version=staff.session_version, last_used_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    return token


def is_live(session: StaffSession, staff: Staff) -> bool:
    """Return whether a session still opens something."""
    return staff.active and session.session_version == staff.session_version and not _is_over(session)


def is_found_live(found: FoundSession) -> bool:
    """Return whether a session still opens something, by what a request has found of it."""
    return found.active and found.session_version == found.staff_version and not _is_over(found)


def _is_over(session: StaffSession | FoundSession) -> bool:
    """Return whether a session has come to an end by itself; the idle end allows for the uses that are not noted."""
    now = clock.now()
    return now >= session.ends_at or now >= session.last_used_at + IDLE + NOTED_EVERY


def is_used_anew(last_used_at: datetime) -> bool:
    """Return whether it is time to note again that a session is used."""
    return last_used_at < clock.now() - NOTED_EVERY


def note_use(session_id: int) -> None:
    """Note that a session is used now."""
    now = clock.now()
    db.session.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.last_used_at < now)
        .values(last_used_at=now),
        execution_options={"synchronize_session": False},
    )


def sign_out(staff: Staff, session_id: int) -> None:
    """End the session of the browser that signs out."""
    if _delete(staff, StaffSession.id == session_id):
        service.record_on(staff, "signed_out", by=staff.id)


def end_one(staff: Staff, session_id: int) -> bool:
    """End one session of an account for its owner; return whether there was one."""
    ended = bool(_delete(staff, StaffSession.id == session_id))
    if ended:
        service.record_on(staff, "session_ended", by=staff.id, detail={"number": 1})
    return ended


def end_others(staff: Staff, *, current_id: int) -> int:
    """End every session of an account but one, for its owner; return how many there were."""
    live = [one.id for one in queries.list_sessions(staff) if one.id != current_id and is_live(one, staff)]
    _delete(staff, StaffSession.id != current_id)
    if live:
        service.record_on(staff, "session_ended", by=staff.id, detail={"number": len(live)})
    return len(live)


def sweep() -> None:
    """Delete the sessions that have ended by themselves."""
    now, version = clock.now(), select(Staff.session_version).where(Staff.id == StaffSession.staff_id)
    db.session.execute(
        delete(StaffSession).where(
            or_(
                StaffSession.ends_at <= now,
                StaffSession.last_used_at <= now - IDLE - NOTED_EVERY,
                StaffSession.session_version != version.scalar_subquery(),
            )
        ),
        execution_options={"synchronize_session": False},
    )


def digest_of(token: str) -> str:
    """Return the digest by which a token is found."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _delete(staff: Staff, *conditions: object) -> int:
    ended = db.session.execute(
        delete(StaffSession).where(StaffSession.staff_id == staff.id, *conditions),  # type: ignore[arg-type]
        execution_options={"synchronize_session": False},
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]
