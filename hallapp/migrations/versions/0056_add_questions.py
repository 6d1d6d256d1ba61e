"""Questions of programmes, and the answers of bookings."""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("at_desk", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_question_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_question_programme_id_programme")),
        sa.PrimaryKeyConstraint("hall_id", "number", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_hall_id_programme_id"), "question", ["hall_id", "programme_id"])
    op.create_table(
        "answer",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("question", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_answer_text")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_answer_hall_id_hall")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_answer_booking_id_booking")),
        sa.ForeignKeyConstraint(
            ["hall_id", "question"],
            ["question.hall_id", "question.number"],
            name=op.f("fk_answer_hall_id_question_question"),
        ),
        sa.PrimaryKeyConstraint("hall_id", "booking_id", "question", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_booking_id"), "answer", ["booking_id"])


def downgrade() -> None:
    op.drop_table("answer")
    op.drop_table("question")
