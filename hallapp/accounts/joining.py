"""Links by which people set their own passwords: given, sent on, used once, or taken back. It flushes at most."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update

from hallapp.accounts import errors, queries, service
from hallapp.accounts.models import LinkPurpose, Staff, StaffLink
from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db

LINK_DAYS = 7
_TOKEN_BYTES = 24  # 192 random bits
_TOKEN_LENGTH = 32  # in characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """The command that invites a person to work in a hall."""

    hall_id: int
    by: int | None
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A link that was just given; its token is nowhere else."""

    staff: Staff
    purpose: LinkPurpose
    token: str


def invite(command: Invite) -> Given:
    """Open an account without a password, and give the link by which its owner sets one.

    Raises:
        StaffNameInvalid, StaffNameTaken: for the name.
    """
    name = service.free_name(command.name)
    staff = Staff(hall_id=command.hall_id, name=name, role=command.role, password_hash="", created_at=clock.now())
    service.save_name(staff)
    service.record_on(staff, "staff_invited", by=command.by, detail={"role": command.role.value})
    return _give(staff, LinkPurpose.INVITATION)


def reset(staff: Staff, *, by: int | None) -> Given:
    """Give a new link: the password, all sessions and all earlier links end at once.

    A command (`by` None) may also reset the only administrator, who could not sign in otherwise.

    Raises:
        OwnAccount: it is the person's own account.
        StaffInactive: the account is closed.
        LastAdministrator: no other administrator could sign in.
    """
    if by == staff.id:
        raise errors.OwnAccount
    if not staff.active:
        raise errors.StaffInactive
    if by is not None:
        service.keep_an_administrator(staff)
    invited = not staff.has_password and staff.last_sign_in_at is None
    purpose = LinkPurpose.INVITATION if invited else LinkPurpose.RESET
    staff.password_hash = ""
    staff.must_change_password = False
    service.end_all(staff)
    service.record_on(staff, "staff_link_given", by=by, detail={"purpose": purpose.value})
    return _give(staff, purpose)


def revoke(staff: Staff, *, by: int | None) -> None:
    """Withdraw the open link of an account; nothing happens where there is none."""
    if service.revoke_links(staff):
        service.record_on(staff, "staff_link_revoked", by=by)


def get_open_link(token: str) -> StaffLink:
    """Return the link that a token opens.

    Raises:
        LinkUnknown: no such link was issued.
        LinkOver: it was used, withdrawn or replaced, it has expired, or the account is closed.
    """
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        raise errors.LinkUnknown
    link = queries.find_link(_digest(token))
    if link is None:
        raise errors.LinkUnknown
    over = link.used_at or link.revoked_at or link.expires_at <= clock.now()
    if over or not link.staff.active:
        raise errors.LinkOver
    return link


def join(*, token: str, digest: str) -> Staff:
    """Take the password that the owner of a link chose, given as its digest; of two at the same time one is taken.

    Raises:
        LinkUnknown, LinkOver: as `get_open_link`.
    """
    link = use_up(token)
    staff = link.staff
    staff.password_hash = digest
    staff.must_change_password = False
    service.end_all(staff)
    service.record_on(staff, "staff_joined", by=staff.id, detail={"purpose": link.purpose.value})
    return staff


def use_up(token: str) -> StaffLink:
    """Return the link that a token opens, which opens nothing afterwards; of two at the same time one succeeds.

    Raises:
        LinkUnknown, LinkOver: as `get_open_link`.
    """
    link = get_open_link(token)
    now = clock.now()
    used = db.session.execute(
        update(StaffLink)
        .where(
            StaffLink.id == link.id,
            *StaffLink.open_at(now),
        )
        .values(used_at=now),
        execution_options={"synchronize_session": False},
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise errors.LinkOver
    return link


def _give(staff: Staff, purpose: LinkPurpose) -> Given:
    service.revoke_links(staff)
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    link = StaffLink(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        purpose=purpose,
        digest=_digest(token),
        created_at=now,
        expires_at=now + timedelta(days=LINK_DAYS),
    )
    db.session.add(link)
    db.session.flush()
    return Given(staff=staff, purpose=purpose, token=token)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
