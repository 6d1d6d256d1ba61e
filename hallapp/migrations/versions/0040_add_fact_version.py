"""The version of each hall's facts, by which processes know that what they hold has changed."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "fact_version",
        sa.Column("hall_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_fact_version")),
    )
    halls = op.get_bind().execute(sa.text("SELECT id FROM hall")).scalars()
    op.bulk_insert(table, [{"hall_id": hall_id, "version": secrets.randbits(59) + 1} for hall_id in halls])


def downgrade() -> None:
    op.drop_table("fact_version")
