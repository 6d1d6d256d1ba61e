"""Offline desks: the knowledge of the device, later counts, and conflicts for managers to settle."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

REASON = sa.Enum(
    *("surplus", "cancelled", "not_agreed", "another_day", "replaced"),
    name="conflictreason",
    native_enum=False,
    length=20,
)
DECISION = sa.Enum("counted", "dropped", "taken_back", name="decision", native_enum=False, length=20)
ADDED = ("device", "snapshot_at", "device_at")


def upgrade() -> None:
    # In SQL that both databases accept: the key is declared with its column, so that no table is rebuilt.
    op.execute(
        "ALTER TABLE desk_event ADD COLUMN counts_id INTEGER"
        " CONSTRAINT fk_desk_event_counts_id_desk_event REFERENCES desk_event (id)"
    )
    op.create_index(op.f("ix_desk_event_counts_id"), "desk_event", ["counts_id"], unique=False)
    op.add_column("desk_event", sa.Column("device", sa.String(length=40), nullable=True))
    op.add_column("desk_event", sa.Column("snapshot_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("desk_event", sa.Column("device_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("arrival", sa.Column("extra", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_table(
        "desk_conflict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("reason", REASON, nullable=False),
        sa.Column("decision", DECISION, nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "visitors > 0 AND counted >= 0 AND counted <= visitors", name=op.f("ck_desk_conflict_counted")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["desk_event.id"], name=op.f("fk_desk_conflict_event_id_desk_event")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_desk_conflict_hall_id_hall")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["staff.id"], name=op.f("fk_desk_conflict_settled_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_conflict")),
        sa.UniqueConstraint("event_id", "division", name=op.f("uq_desk_conflict_event_id_division")),
    )
    op.create_index(op.f("ix_desk_conflict_hall_id_decision"), "desk_conflict", ["hall_id", "decision"], unique=False)


def downgrade() -> None:
    _let_tables_be_rebuilt()
    op.drop_table("desk_conflict")
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_column("extra")
    op.drop_index(op.f("ix_desk_event_counts_id"), table_name="desk_event")
    with op.batch_alter_table("desk_event", schema=None) as batch_op:
        for name in (*ADDED, "counts_id"):
            batch_op.drop_column(name)


def _let_tables_be_rebuilt() -> None:
    """Switch foreign keys off on SQLite: it alters a table by dropping it, which they would forbid.

    They can be switched outside of transactions only. The connection, detached, does not go back to the pool.
    """
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.detach()
        for statement in ("COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"):
            bind.connection.cursor().execute(statement)
