"""Service points: the setting and the scheme of a hall, people, entries, appeals, closed quarters."""

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0090"
branch_labels = None
depends_on = None

_OPEN = sa.text("answered_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "point_setting",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        _of_hall("point_setting"),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_point_setting")),
    )
    op.create_table(
        "point_index",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("in_group", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("weight <> 0", name=op.f("ck_point_index_weight")),
        sa.CheckConstraint("most > 0", name=op.f("ck_point_index_most")),
        sa.CheckConstraint("threshold > 0", name=op.f("ck_point_index_threshold")),
        _of_hall("point_index"),
        sa.PrimaryKeyConstraint("hall_id", "code", "since", name=op.f("pk_point_index")),
    )
    op.create_table(
        "point_person",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        _of_hall("point_person"),
        _of_staff("point_person", "staff_id"),
        sa.PrimaryKeyConstraint("hall_id", "staff_id", name=op.f("pk_point_person")),
    )
    _add_entries()
    _add_appeals()
    op.create_table(
        "point_close",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        _of_hall("point_close"),
        _of_staff("point_close", "closed_by_id"),
        sa.PrimaryKeyConstraint("hall_id", "quarter", name=op.f("pk_point_close")),
    )


def _add_entries() -> None:
    op.create_table(
        "point_entry",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("evidence", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("entered_by_id", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.CheckConstraint("times > 0", name=op.f("ck_point_entry_times")),
        sa.CheckConstraint("(state = 'waiting') = (decided_by_id IS NULL)", name=op.f("ck_point_entry_decided")),
        sa.CheckConstraint(
            "decided_by_id <> entered_by_id AND decided_by_id <> staff_id", name=op.f("ck_point_entry_by_another")
        ),
        _of_hall("point_entry"),
        *(_of_staff("point_entry", column) for column in ("staff_id", "entered_by_id", "decided_by_id")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_point_entry")),
    )
    op.create_index(op.f("ix_point_entry_hall_id_day"), "point_entry", ["hall_id", "day"])


def _add_appeals() -> None:
    op.create_table(
        "point_appeal",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=500), nullable=False),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by_id IS NULL)", name=op.f("ck_point_appeal_answered")),
        sa.CheckConstraint("answered_by_id <> staff_id", name=op.f("ck_point_appeal_by_another")),
        _of_hall("point_appeal"),
        *(_of_staff("point_appeal", column) for column in ("staff_id", "answered_by_id")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_point_appeal")),
        sa.Index(
            "uq_point_appeal_open",
            *("hall_id", "staff_id", "quarter", "code"),
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )


def _of_hall(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f(f"fk_{table}_hall_id_hall"))


def _of_staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{table}_{column}_staff"))


def downgrade() -> None:
    for table in ("point_close", "point_appeal", "point_entry", "point_person", "point_index", "point_setting"):
        op.drop_table(table)
