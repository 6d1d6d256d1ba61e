"""Keys of programs that use the API, and the answers that repeated requests get again."""

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from hallapp.accounts.roles import Permission
from hallapp.core.database import Model, UtcDateTime


class ApiKey(Model):
    """A key by which one program uses the API of one hall, with its scopes (permissions, separated by commas).

    The key itself is kept nowhere: it consists of `lookup`, by which the row is found, and of a secret, of which
    `digest` is the SHA-256. After a rotation the previous key (`old_…`) is valid until `old_until`.
    """

    __tablename__ = "api_key"
    __table_args__ = (Index(None, "lookup"), Index(None, "old_lookup"))

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40))
    scopes: Mapped[str] = mapped_column(String(400))
    lookup: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    old_lookup: Mapped[str | None] = mapped_column(String(16))
    old_digest: Mapped[str | None] = mapped_column(String(64))
    old_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def permissions(self) -> frozenset[Permission]:
        """Return the scopes of the key."""
        return frozenset(Permission(scope) for scope in self.scopes.split(",") if scope)


class ApiAnswer(Model):
    """The answer to a request with an idempotency key, kept for a day and then erased.

    `name` is a digest of the idempotency key, `request` one of the request. `status` is NULL while the request is
    carried out. `body` is encrypted, because it can hold the contact of a group.
    """

    __tablename__ = "api_answer"
    __table_args__ = (
        ForeignKeyConstraint(["hall_id", "key_number"], ["api_key.hall_id", "api_key.number"]),
        Index(None, "hall_id", "claimed_at"),
    )

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    key_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    claimed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)
