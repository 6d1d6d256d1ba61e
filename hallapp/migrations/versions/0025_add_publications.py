"""Published numbers of closed months are stored."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

_FACETS = ("divisions", "times", "kinds", "programmes")


def upgrade() -> None:
    op.create_table(
        "publication",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("close_id", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("revision > 0", name=op.f("ck_publication_revision")),
        sa.ForeignKeyConstraint(["close_id"], ["month_close.id"], name=op.f("fk_publication_close_id_month_close")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_publication_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "month", "revision", name=op.f("pk_publication")),
        sa.UniqueConstraint("close_id", name=op.f("uq_publication_close_id")),
    )
    op.create_table(
        "published_cell",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("facet", sa.Enum(*_FACETS, name="publishedfacet", native_enum=False, length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("revision", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitors <> 0", name=op.f("ck_published_cell_visitors")),
        sa.ForeignKeyConstraint(
            ["hall_id", "month", "revision"],
            ["publication.hall_id", "publication.month", "publication.revision"],
            name=op.f("fk_published_cell_hall_id_publication"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "facet", "month", "revision", "part", name=op.f("pk_published_cell")),
    )


def downgrade() -> None:
    op.drop_table("published_cell")
    op.drop_table("publication")
