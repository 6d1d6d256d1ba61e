"""The kinds of organisation of each hall; those that there were so far become rows of every hall."""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0074"
branch_labels = None
depends_on = None

#: The kinds of the version before, in their order; bookings and the ledger store the same codes.
_CODES = (
    *("party", "union", "youth", "women", "government", "company", "school", "training", "association", "culture"),
    *("individual", "other"),
)


def upgrade() -> None:
    kinds = op.create_table(
        "organisation_kind",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_organisation_kind_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "code", name=op.f("pk_organisation_kind")),
    )
    halls = sa.table("hall", sa.column("id", sa.Integer))
    for position, code in enumerate(_CODES):
        row = sa.select(halls.c.id, sa.literal(code), sa.literal(position), sa.true())
        op.execute(kinds.insert().from_select(["hall_id", "code", "position", "active"], row))


def downgrade() -> None:
    op.drop_table("organisation_kind")
