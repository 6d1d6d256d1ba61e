"""Talks of one guest with one host."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

_EMPTY = sa.text("'{}'")
_HELD = sa.text("state <> 'cancelled'")


def upgrade() -> None:
    op.create_table(
        "talk_setting",
        sa.Column("hall_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in (
                "minutes",
                "notice_hours",
                "days_ahead",
                "most_open",
                "missed_most",
                "missed_days",
                "pause_days",
            )
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_talk_setting_minutes")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_talk_setting_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_talk_setting_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_talk_setting")),
    )
    op.create_table(
        "talk_host",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("topics", sa.Text(), server_default=_EMPTY, nullable=False),
        sa.Column("languages", sa.String(length=80), nullable=False),
        sa.Column("modes", sa.String(length=40), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_talk_host_hall_id_hall")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_talk_host_staff_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_talk_host")),
        sa.UniqueConstraint("hall_id", "staff_id", name=op.f("uq_talk_host_hall_id_staff_id")),
    )
    _of_host("talk_hours", "weekday", sa.Integer(), sa.Column("starts", sa.Time(), nullable=False))
    _of_host("talk_day_off", "day", sa.Date())
    _add_talks()


def _of_host(table: str, key: str, kind: Any, *more: Any) -> None:
    """Add a table of a host, whose primary key has one or two columns of its own."""
    checks = [
        sa.Column("ends", sa.Time(), nullable=False),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_talk_hours_weekday")),
        sa.CheckConstraint("ends > starts", name=op.f("ck_talk_hours_ends_after_start")),
    ]
    op.create_table(
        table,
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("host", sa.Integer(), nullable=False),
        sa.Column(key, kind, autoincrement=False, nullable=False),
        *more,
        *(checks if more else ()),
        sa.ForeignKeyConstraint(
            ["hall_id", "host"], ["talk_host.hall_id", "talk_host.number"], name=op.f(f"fk_{table}_hall_id_talk_host")
        ),
        sa.PrimaryKeyConstraint("hall_id", "host", key, *(one.name for one in more), name=op.f(f"pk_{table}")),
    )


def _add_talks() -> None:
    op.create_table(
        "talk",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("submission", sa.String(length=64), nullable=False),
        sa.Column("host_number", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("page_language", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("guest", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=24), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("wish", sa.String(length=300), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=300), nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_talk_stars")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_talk_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["hall_id", "host_number"],
            ["talk_host.hall_id", "talk_host.number"],
            name=op.f("fk_talk_hall_id_talk_host"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_talk")),
        sa.UniqueConstraint("hall_id", "submission", name=op.f("uq_talk_hall_id_submission")),
        sa.Index(
            "uq_talk_hall_id_host_number_starts_at",
            *("hall_id", "host_number", "starts_at"),
            unique=True,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        ),
    )
    op.create_index(op.f("ix_talk_key"), "talk", ["key"])
    op.create_index(op.f("ix_talk_hall_id_day"), "talk", ["hall_id", "day"])
    op.create_index(op.f("ix_talk_hall_id_phone"), "talk", ["hall_id", "phone"])


def downgrade() -> None:
    for table in ("talk", "talk_day_off", "talk_hours", "talk_host", "talk_setting"):
        op.drop_table(table)
