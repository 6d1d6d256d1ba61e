"""Reads of staff accounts, their links, and the audit trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, func, or_, select

from hallapp.accounts.models import (
    AuditEntry,
    RecoveryCode,
    RefusedSignIn,
    Staff,
    StaffLink,
    StaffPolicy,
    StaffSession,
    TwoStepRule,
)
from hallapp.accounts.roles import Role
from hallapp.core import clock, facts
from hallapp.core.database import db
from hallapp.core.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Refused:
    """The number of refused sign-ins of one day: of one account, or of all names without an account."""

    account: str | None
    staff_id: int | None
    names: int
    networks: int
    times: int
    first_at: datetime
    last_at: datetime


def find_staff_by_name(name: str) -> Staff | None:
    """Return the account of a sign-in name in its tidy form, active or not; None where there is none."""
    return db.session.scalar(select(Staff).where(Staff.name == name))


class FoundSession(NamedTuple):
    """A session with what a request needs of its owner; `rule` is the two-step rule of their hall."""

    id: int
    last_used_at: datetime
    ends_at: datetime
    session_version: int
    staff_id: int
    hall_id: int
    name: str
    role: Role
    active: bool
    staff_version: int
    must_change_password: bool
    two_step_required: bool
    has_two_step: bool
    rule: TwoStepRule | None
    facts_version: int
    second_step_elsewhere: bool


def find_session(digest: str) -> FoundSession | None:
    """Return a session by the digest of its token: one prepared query, because every request of the staff needs it.

    With it comes the version of the hall's facts, so that those which the request needs can be taken from the process.
    """
    rows = _FIND_SESSION.look({"digest": digest})
    return FoundSession._make(rows[0]) if rows else None


_FIND_SESSION = Prepared(
    select(
        *(StaffSession.id, StaffSession.last_used_at, StaffSession.ends_at, StaffSession.session_version),
        *(Staff.id, Staff.hall_id, Staff.name, Staff.role, Staff.active, Staff.session_version),
        *(Staff.must_change_password, Staff.two_step_required, Staff.totp_secret.is_not(None)),
        *(StaffPolicy.two_step, facts.version_of(Staff.hall_id), StaffSession.second_step_elsewhere),
    )
    .join(Staff, Staff.id == StaffSession.staff_id)
    .outerjoin(StaffPolicy, StaffPolicy.hall_id == Staff.hall_id)
    .where(StaffSession.digest == bindparam("digest"))
)


def list_sessions(staff: Staff) -> Sequence[StaffSession]:
    """Return the sessions of an account, the one that was used last first; some may have ended by themselves."""
    wanted = StaffSession.staff_id == staff.id, StaffSession.session_version == staff.session_version
    return db.session.scalars(select(StaffSession).where(*wanted).order_by(StaffSession.last_used_at.desc())).all()


def list_hall_names(hall_id: int) -> list[str]:
    """Return the names of a hall, of which no password may consist."""
    hall = db.metadata.tables["hall"]  # the model belongs to a room above this one
    row = db.session.execute(select(hall.c.slug, hall.c.name).where(hall.c.id == hall_id)).first()
    return [row.slug, *row.name.values()] if row else []


def list_refused(hall_id: int, *, limit: int) -> Sequence[Refused]:
    """Return the refused sign-ins of a hall, day by day and account by account, the last one first."""
    row = RefusedSignIn
    last = func.max(row.last_at)
    statement = (
        select(
            Staff.name,
            row.staff_id,
            func.count(row.name.distinct()),
            func.count(row.network.distinct()),
            func.sum(row.times),
            func.min(row.first_at),
            last,
        )
        .outerjoin(Staff, Staff.id == row.staff_id)
        .where(row.hall_id == hall_id)
        .group_by(row.day, row.staff_id, Staff.name)
        .order_by(last.desc())
        .limit(limit)
    )
    return [Refused(*one) for one in db.session.execute(statement)]


def get_staff(hall_id: int, staff_id: int, *, lock: bool = False) -> Staff:
    """Return an account of a hall, in its present state with its row locked if it is to change.

    Raises:
        NoResultFound: there is none, also for another hall's.
    """
    statement = select(Staff).where(Staff.hall_id == hall_id, Staff.id == staff_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(statement).one()


def list_staff(hall_id: int | None = None) -> Sequence[Staff]:
    """Return every account of a hall, or of all halls, hall by hall; in the order of names."""
    statement = select(Staff).order_by(Staff.hall_id, Staff.name)
    return db.session.scalars(statement.where(Staff.hall_id == hall_id) if hall_id else statement).all()


def list_administrators_locked(hall_id: int) -> Sequence[Staff]:
    """Return the administrators of a hall who can sign in, in their present state; needs a transaction.

    On PostgreSQL their rows are locked: the second of two changes sees the result of the first.
    """
    statement = (
        select(Staff)
        .where(Staff.hall_id == hall_id, Staff.role == Role.ADMIN, Staff.active, Staff.password_hash != "")
        .order_by(Staff.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).all()


def get_two_step_rule(hall_id: int) -> TwoStepRule:
    """Return the accounts for which a hall requires two-step codes."""
    found = db.session.scalar(select(StaffPolicy.two_step).where(StaffPolicy.hall_id == hall_id))
    return found or TwoStepRule.NOBODY


def find_link(digest: str) -> StaffLink | None:
    """Return a link by its digest, good or not; None where no one was given such a link."""
    return db.session.scalar(select(StaffLink).where(StaffLink.digest == digest))


def list_open_links(hall_id: int) -> Sequence[StaffLink]:
    """Return the links of a hall that can still be used; one a person."""
    return db.session.scalars(
        select(StaffLink).where(
            StaffLink.hall_id == hall_id,
            *StaffLink.open_at(clock.now()),
        )
    ).all()


def count_recovery_codes(staff_id: int) -> int:
    """Return how many recovery codes an account has left."""
    left = select(func.count()).where(RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A selection from the audit trail: the actor (None: anyone, 0: a command), the action, and a range of time.

    `subject` is one (`staff 5`) or all of a kind (`staff`).
    """

    staff_id: int | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the selection as conditions on a row."""
        wanted: list[ColumnElement[bool]] = []
        if self.staff_id is not None:
            wanted.append(AuditEntry.staff_id == self.staff_id if self.staff_id else AuditEntry.staff_id.is_(None))
        if self.action:
            wanted.append(AuditEntry.action == self.action)
        if self.subject:
            kind = AuditEntry.subject.startswith(f"{self.subject} ", autoescape=True)
            wanted.append(or_(AuditEntry.subject == self.subject, kind))
        if self.since:
            wanted.append(AuditEntry.at >= self.since)
        if self.until:
            wanted.append(AuditEntry.at < self.until)
        return wanted


def list_trail(
    hall_id: int, trail: Trail, *, limit: int, before: int | None = None, after: int | None = None
) -> Sequence[AuditEntry]:
    """Entries of a hall, the newest first: those before a number, or the ones next after it."""
    statement = select(AuditEntry).where(AuditEntry.hall_id == hall_id, *trail.conditions()).limit(limit)
    if after is not None:
        found = db.session.scalars(statement.where(AuditEntry.id > after).order_by(AuditEntry.id)).all()
        return found[::-1]
    if before is not None:
        statement = statement.where(AuditEntry.id < before)
    return db.session.scalars(statement.order_by(AuditEntry.id.desc())).all()
