"""Imported lists of online audiences, changes after a close, published audiences, and addresses of hosts."""

from collections import defaultdict
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0076"
branch_labels = None
depends_on = None

_audience = sa.table(
    "audience",
    *(sa.column(name, sa.Integer()) for name in ("hall_id", "slot_id", "people", "minutes")),
    *(sa.column(name, sa.String()) for name in ("event", "division", "source")),
    sa.column("day", sa.Date()),
    sa.column("counted_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    op.add_column("talk_host", sa.Column("email", sa.String(length=254), nullable=True))
    op.add_column("talk_host", sa.Column("feed_digest", sa.String(length=64), nullable=True))
    op.add_column("publication", sa.Column("has_audience", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "online_list",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("relation", sa.String(length=20), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_online_list_hall_id_hall")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_online_list_slot_id_slot")),
        sa.ForeignKeyConstraint(["imported_by_id"], ["staff.id"], name=op.f("fk_online_list_imported_by_id_staff")),
        sa.ForeignKeyConstraint(["taken_back_by_id"], ["staff.id"], name=op.f("fk_online_list_taken_back_by_id_staff")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_online_list")),
    )
    op.create_index(op.f("ix_online_list_slot_id"), "online_list", ["slot_id"])
    op.create_table(
        "audience_adjustment",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("close_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall_id", "event"],
            ["audience.hall_id", "audience.event"],
            name=op.f("fk_audience_adjustment_hall_id_audience"),
        ),
        sa.ForeignKeyConstraint(
            ["close_id"], ["month_close.id"], name=op.f("fk_audience_adjustment_close_id_month_close")
        ),
        sa.PrimaryKeyConstraint("hall_id", "event", name=op.f("pk_audience_adjustment")),
    )
    op.create_index(op.f("ix_audience_adjustment_close_id"), "audience_adjustment", ["close_id"])
    op.create_table(
        "published_audience",
        sa.Column("hall_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("facet", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people <> 0", name=op.f("ck_published_audience_people")),
        sa.ForeignKeyConstraint(
            ["hall_id", "month", "revision"],
            ["publication.hall_id", "publication.month", "publication.revision"],
            name=op.f("fk_published_audience_hall_id_publication"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "facet", "month", "revision", "part", name=op.f("pk_published_audience")),
    )
    _list_imports()
    _list_adjustments()


def _list_imports() -> None:
    """Give each list that has been imported its row, made of its lines in the ledger of the audience."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(_audience).where(_audience.c.source == "list").order_by(_audience.c.counted_at))
    found: dict[tuple[int, int, str], dict] = {}
    numbers: dict[int, int] = defaultdict(int)
    for row in rows.all():
        key = (row.hall_id, row.slot_id, row.event.split()[2][:32])
        if key not in found:
            numbers[row.hall_id] += 1
            found[key] = {
                "hall_id": row.hall_id,
                "number": numbers[row.hall_id],
                "slot_id": row.slot_id,
                "digest": key[2],
                "people": 0,
                "minutes": 0,
                "relation": None,
                "changes": {},
                "imported_at": row.counted_at,
            }
        one = found[key]
        people, minutes = one["changes"].get(row.division, (0, 0))
        one["changes"][row.division] = (people + row.people, minutes + row.minutes)
        if " - " in row.event:
            one["relation"] = "instead"
        else:
            one["people"] += row.people
            one["minutes"] += row.minutes
    if found:
        names = ("hall_id", "number", "slot_id", "people", "minutes")
        table = sa.table(
            "online_list",
            *(sa.column(name, sa.Integer()) for name in names),
            *(sa.column(name, sa.String()) for name in ("digest", "relation")),
            sa.column("changes", sa.JSON()),
            sa.column("imported_at", sa.DateTime(timezone=True)),
        )
        connection.execute(table.insert(), list(found.values()))


def _list_adjustments() -> None:
    """Name the lines that were counted after the close of their month."""
    connection = op.get_bind()
    closes = sa.table(
        "month_close",
        sa.column("id", sa.Integer()),
        sa.column("hall_id", sa.Integer()),
        sa.column("month", sa.Date()),
        sa.column("closed_at", sa.DateTime(timezone=True)),
        sa.column("reopened_at", sa.DateTime(timezone=True)),
    )
    adjustment = sa.table("audience_adjustment", *map(sa.column, ("hall_id", "event", "close_id")))
    valid = sa.select(closes).where(closes.c.reopened_at.is_(None))
    for close in connection.execute(valid).all():
        later = sa.select(_audience.c.hall_id, _audience.c.event, sa.literal(close.id)).where(
            _audience.c.hall_id == close.hall_id,
            _audience.c.day >= close.month,
            _audience.c.day < _end_of(close.month),
            _audience.c.counted_at > close.closed_at,
        )
        connection.execute(adjustment.insert().from_select(["hall_id", "event", "close_id"], later))


def _end_of(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def downgrade() -> None:
    op.drop_table("published_audience")
    op.drop_table("audience_adjustment")
    op.drop_table("online_list")
    op.drop_column("publication", "has_audience")
    op.drop_column("talk_host", "feed_digest")
    op.drop_column("talk_host", "email")
