"""Slots count the people and guides of the whole hall at their start, and those let in over a limit."""

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COUNTERS = ("visitors_forced", "guides_forced", "inside_booked", "guides_busy", "inside_forced", "busy_forced")
COLUMNS_OR_NULL = (
    ("inside_capacity", sa.Integer()),
    ("guides_on_duty", sa.Integer()),
    ("open_by_hand", sa.Boolean()),
)
CHECKS_BEFORE = {
    "ck_slot_guides": "guides_booked >= 0 AND guides_booked <= guide_capacity",
    "ck_slot_visitors": "visitors_booked >= 0 AND visitors_booked <= visitor_capacity",
}
CHECKS_AFTER = {
    "ck_slot_visitors": "visitors_booked >= visitors_forced AND visitors_booked <= visitor_capacity + visitors_forced",
    "ck_slot_guides": "guides_booked >= guides_forced AND guides_booked <= guide_capacity + guides_forced",
    "ck_slot_inside": "inside_booked >= inside_forced AND inside_booked <= inside_capacity + inside_forced",
    "ck_slot_busy": "guides_busy >= busy_forced AND guides_busy <= guides_on_duty + busy_forced",
    "ck_slot_forced": "visitors_forced >= 0 AND guides_forced >= 0 AND inside_forced >= 0 AND busy_forced >= 0",
    "ck_slot_capacity": "visitor_capacity >= 0 AND guide_capacity >= 0",
}


def upgrade() -> None:
    _let_tables_be_rebuilt()
    for name in COUNTERS:
        op.add_column("slot", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for name, type_ in COLUMNS_OR_NULL:
        op.add_column("slot", sa.Column(name, type_, nullable=True))
    with op.batch_alter_table("slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_hall_id_starts_at"), ["hall_id", "starts_at"], unique=False)
    _count_what_the_hall_holds()
    with op.batch_alter_table("slot", schema=None) as batch_op:
        for name in COUNTERS:
            batch_op.alter_column(name, existing_type=sa.Integer(), existing_nullable=False, server_default=None)
        _replace_checks(batch_op, CHECKS_BEFORE, CHECKS_AFTER)


def downgrade() -> None:
    """People let in over a limit become part of the limit."""
    _let_tables_be_rebuilt()
    op.execute("UPDATE slot SET visitor_capacity = visitors_booked WHERE visitors_booked > visitor_capacity")
    op.execute("UPDATE slot SET guide_capacity = guides_booked WHERE guides_booked > guide_capacity")
    with op.batch_alter_table("slot", schema=None) as batch_op:
        _replace_checks(batch_op, CHECKS_AFTER, CHECKS_BEFORE)
        batch_op.drop_index(batch_op.f("ix_slot_hall_id_starts_at"))
        for name in (*COUNTERS, *(name for name, _type in COLUMNS_OR_NULL)):
            batch_op.drop_column(name)


def _count_what_the_hall_holds() -> None:
    """Add each slot's people and guides to every slot of its hall that starts while it lasts, itself among them."""
    # CROSS JOIN keeps SQLite from beginning at the moment, whose visits no index finds.
    op.execute(
        "UPDATE slot SET inside_booked = held.inside, guides_busy = held.guides FROM ("
        " SELECT moment.id AS id, sum(visit.guides_booked) AS guides,"
        " sum(CASE WHEN programme.mode = 'on_site' THEN visit.visitors_booked ELSE 0 END) AS inside"
        " FROM slot AS visit JOIN programme ON programme.id = visit.programme_id CROSS JOIN slot AS moment"
        " WHERE (visit.visitors_booked > 0 OR visit.guides_booked > 0) AND moment.hall_id = visit.hall_id"
        " AND moment.starts_at >= visit.starts_at AND moment.starts_at < visit.ends_at GROUP BY moment.id"
        ") AS held WHERE held.id = slot.id"
    )


def _replace_checks(batch_op: BatchOperations, before: dict[str, str], after: dict[str, str]) -> None:
    for name in before:
        batch_op.drop_constraint(batch_op.f(name), type_="check")
    for name, check in after.items():
        batch_op.create_check_constraint(batch_op.f(name), check)


def _let_tables_be_rebuilt() -> None:
    """As in 0002: SQLite alters a table by dropping it, which foreign keys would forbid."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.detach()
        for statement in ("COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"):
            bind.connection.cursor().execute(statement)
