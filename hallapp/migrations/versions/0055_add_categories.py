"""The categories of people that halls define, and the numbers of people in them."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "category",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("family", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("rest", sa.Text(), nullable=False, server_default=sa.text("'{}'")),
        sa.Column("adds_up", sa.Boolean(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_category_number")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_category_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_category")),
    )
    op.create_table(
        "arrival_category",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.CheckConstraint("visitors <> 0", name=op.f("ck_arrival_category_visitors")),
        sa.ForeignKeyConstraint(["event_id"], ["desk_event.id"], name=op.f("fk_arrival_category_event_id_desk_event")),
        sa.ForeignKeyConstraint(
            ["hall_id", "category"],
            ["category.hall_id", "category.number"],
            name=op.f("fk_arrival_category_hall_id_category"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "event_id", "category", name=op.f("pk_arrival_category")),
    )
    op.add_column("booking", sa.Column("categories", sa.Text(), nullable=False, server_default=""))
    op.add_column("programme", sa.Column("educational", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("programme", "educational")
    op.drop_column("booking", "categories")
    op.drop_table("arrival_category")
    op.drop_table("category")
