"""Keys of the API, and the answers that repeated requests get again."""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.String(length=400), nullable=False),
        sa.Column("lookup", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("old_lookup", sa.String(length=16), nullable=True),
        sa.Column("old_digest", sa.String(length=64), nullable=True),
        sa.Column("old_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_api_key_hall_id_hall")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_api_key_made_by_staff")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_lookup"), "api_key", ["lookup"])
    op.create_index(op.f("ix_api_key_old_lookup"), "api_key", ["old_lookup"])
    op.create_table(
        "api_answer",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("key_number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_api_answer_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["hall_id", "key_number"],
            ["api_key.hall_id", "api_key.number"],
            name=op.f("fk_api_answer_hall_id_key_number_api_key"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "key_number", "name", name=op.f("pk_api_answer")),
    )
    op.create_index(op.f("ix_api_answer_hall_id_claimed_at"), "api_answer", ["hall_id", "claimed_at"])


def downgrade() -> None:
    op.drop_table("api_answer")
    op.drop_table("api_key")
