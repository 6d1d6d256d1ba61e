"""The origin set of each hall: China's divisions, which all halls had, unless it chooses another."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hall", sa.Column("origin_set", sa.String(length=16), nullable=False, server_default="cn"))
    for name in ("origin_cities", "origin_countries"):
        op.add_column("hall", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "own_origins",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_own_origins_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "code", name=op.f("pk_own_origins")),
    )


def downgrade() -> None:
    op.drop_table("own_origins")
    for name in ("origin_countries", "origin_cities", "origin_set"):
        op.drop_column("hall", name)
