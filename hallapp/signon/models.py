"""Providers of single sign-on, and the accounts there that belong to members of the staff."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.core import facts
from hallapp.core.database import Model, UtcDateTime, enum_type


class ProviderKind(StrEnum):
    """The protocol that a provider speaks: OpenID Connect, or the OAuth of one platform."""

    OIDC = "oidc"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    LARK = "lark"


class SignOnProvider(Model):
    """A provider with which the staff of one hall can sign in.

    `secret` is encrypted (`accounts/vault.py`). `issuer`, `groups_claim` and `roles` are for OpenID Connect; `roles` is
    a list of pairs of a group there and a role here. `agent_id` is for WeCom. With `second_step` the provider itself
    asks for a second factor, so that no code is asked for here.
    """

    __tablename__ = "sign_on_provider"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[ProviderKind] = mapped_column(enum_type(ProviderKind))
    name: Mapped[str] = mapped_column(String(40))
    issuer: Mapped[str] = mapped_column(String(300))
    client_id: Mapped[str] = mapped_column(String(200))
    agent_id: Mapped[str] = mapped_column(String(20))
    secret: Mapped[str] = mapped_column(String(1000))
    groups_claim: Mapped[str] = mapped_column(String(100))
    roles: Mapped[list[Any]] = mapped_column(JSON)
    second_step: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignOnIdentity(Model):
    """The account of a member of staff at a provider; `subject` is the id by which the provider knows it."""

    __tablename__ = "sign_on_identity"
    __table_args__ = (
        ForeignKeyConstraint(
            ["hall_id", "provider_number"], ["sign_on_provider.hall_id", "sign_on_provider.number"], ondelete="CASCADE"
        ),
        UniqueConstraint("hall_id", "provider_number", "staff_id"),
        Index(None, "hall_id", "staff_id"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    provider_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    connected_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffAddress(Model):
    """The mail address by which a member of staff is found at the first sign-in with OpenID Connect."""

    __tablename__ = "staff_address"
    __table_args__ = (UniqueConstraint("hall_id", "email"),)

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))


facts.watch(SignOnProvider)  # the page of the sign-in names them
