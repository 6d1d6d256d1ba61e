"""Bookings are found by parts of names; searches are kept."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BATCH = 1000


def upgrade() -> None:
    gram = op.create_table(
        "gram",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column(
            "gram", sa.String(length=2).with_variant(sa.String(length=2, collation="C"), "postgresql"), nullable=False
        ),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_gram_booking_id_booking")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_gram_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "gram", "booking_id", name=op.f("pk_gram")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_saved_search_hall_id_hall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
        sa.UniqueConstraint("hall_id", "name", name=op.f("uq_saved_search_hall_id_name")),
    )
    with op.batch_alter_table("origin", schema=None) as batch_op:
        batch_op.drop_index("ix_origin_hall_id")
        batch_op.create_index("ix_origin_hall_id_division_booking_id", ["hall_id", "division", "booking_id"])
    _fill(gram)


def downgrade() -> None:
    with op.batch_alter_table("origin", schema=None) as batch_op:
        batch_op.drop_index("ix_origin_hall_id_division_booking_id")
        batch_op.create_index("ix_origin_hall_id", ["hall_id"], unique=False)
    op.drop_table("saved_search")
    op.drop_table("gram")


def _fill(gram: sa.Table) -> None:
    booking = sa.table(
        "booking",
        sa.column("id", sa.Integer),
        sa.column("hall_id", sa.Integer),
        sa.column("organisation", sa.String),
        sa.column("contact_name", sa.String),
    )
    bind, last = op.get_bind(), 0
    page = sa.select(booking).order_by(booking.c.id).limit(BATCH)
    while rows := bind.execute(page.where(booking.c.id > last)).all():
        found = [
            {"hall_id": row.hall_id, "gram": each, "booking_id": row.id}
            for row in rows
            for each in sorted(_grams(row.organisation) | _grams(row.contact_name))
        ]
        if found:  # names are erased after a time
            bind.execute(sa.insert(gram), found)
        last = rows[-1].id


def _grams(name: str) -> set[str]:
    """Every two neighbouring characters of a name, and its last one alone; without cases, widths and blanks."""
    text = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return {text[start : start + 2] for start in range(len(text))}
