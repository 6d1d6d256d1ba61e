"""Pictures of halls and of their programmes."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=50), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt_zh", sa.String(length=200), nullable=False),
        sa.Column("alt_en", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_picture_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "place", name=op.f("pk_picture")),
    )
    op.create_table(
        "picture_file",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=50), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=4), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hall_id", "place"], ["picture.hall_id", "picture.place"], name=op.f("fk_picture_file_hall_id_picture")
        ),
        sa.PrimaryKeyConstraint("hall_id", "place", "width", "kind", name=op.f("pk_picture_file")),
    )
    op.create_index(op.f("ix_picture_file_digest"), "picture_file", ["digest"])


def downgrade() -> None:
    op.drop_table("picture_file")
    op.drop_table("picture")
