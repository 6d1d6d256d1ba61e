"""Staff accounts, how their owners get in, and the audit trail."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.roles import Role
from hallapp.core.database import Model, UtcDateTime, enum_type


class TwoStepRule(StrEnum):
    """The accounts for which a hall requires two-step codes."""

    NOBODY = "nobody"
    MANAGERS = "managers"
    EVERYBODY = "everybody"

    def covers(self, role: Role) -> bool:
        """Return whether it requires them of a role."""
        managing = role in (Role.MANAGER, Role.ADMIN)
        return self is TwoStepRule.EVERYBODY or (self is TwoStepRule.MANAGERS and managing)


class LinkPurpose(StrEnum):
    """The reason why a link for setting a password was given."""

    INVITATION = "invitation"
    RESET = "reset"


class Staff(Model):
    """One person who works in one hall. A session belongs to one `session_version`, so a new version ends them all.

    `password_hash` is empty until the person has set a password by a link. `must_change_password` means that another
    person chose it. `totp_secret` is encrypted (`vault.py`), NULL without two-step codes; `totp_step` is the step of
    the last accepted code, so that none is accepted twice.
    """

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), index=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role] = mapped_column(enum_type(Role))
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str | None] = mapped_column(String(300))
    totp_step: Mapped[int | None]
    two_step_required: Mapped[bool] = mapped_column(default=False)
    session_version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def has_password(self) -> bool:
        """Return whether the account can sign in: not yet after an invitation or a reset."""
        return bool(self.password_hash)

    @property
    def has_two_step(self) -> bool:
        """Return whether a code is asked for after the password."""
        return self.totp_secret is not None


class StaffPolicy(Model):
    """The rules of a hall for its staff's accounts; a hall without a row has no rules."""

    __tablename__ = "staff_policy"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    two_step: Mapped[TwoStepRule] = mapped_column(enum_type(TwoStepRule))


class StaffLink(Model):
    """A link by which one person sets a password, once. The link itself is kept nowhere: `digest` is its SHA-256."""

    __tablename__ = "staff_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    purpose: Mapped[LinkPurpose] = mapped_column(enum_type(LinkPurpose))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    staff: Mapped[Staff] = relationship()

    @classmethod
    def open_at(cls, moment: datetime) -> tuple[ColumnElement[bool], ...]:
        """Return the conditions under which a link can still be used at a moment."""
        return cls.used_at.is_(None), cls.revoked_at.is_(None), cls.expires_at > moment


class RecoveryCode(Model):
    """A recovery code, which replaces the phone once; `digest` is its SHA-256."""

    __tablename__ = "recovery_code"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffSession(Model):
    """A session of a signed-in browser. The cookie holds a random token, and `digest` is its SHA-256.

    Deleting the row ends the session. `last_used_at` is written once in a few minutes at most. `browser` and `system`
    are words of `agents.py`: no address and no full browser name is stored. `second_step_elsewhere` means that a
    provider of single sign-on has checked a second factor, so that none has to be set up here.
    """

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    session_version: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(20))
    system: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    second_step_elsewhere: Mapped[bool] = mapped_column(default=False, server_default=false())


class RefusedSignIn(Model):
    """The number of refusals of one name from one network on one day (UTC).

    `name` and `network` are keyed digests, so the table shows neither the typed text nor the network. `staff_id` is the
    account with this name, or NULL.
    """

    __tablename__ = "refused_sign_in"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    network: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    times: Mapped[int]
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AuditEntry(Model):
    """An entry of the audit trail: the actor, the action and the time; `detail` holds no personal data of visitors."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "hall_id", "at"), Index(None, "hall_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
