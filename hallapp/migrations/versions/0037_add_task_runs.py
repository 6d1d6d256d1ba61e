"""Rows of the tasks that run by the clock, and of the workers that run them."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "task_run",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_task_run_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "task", name=op.f("pk_task_run")),
    )
    op.create_table(
        "task_hours",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("night", sa.Time(), nullable=False),
        sa.Column("reports", sa.Time(), nullable=False),
        sa.Column("reminders", sa.Time(), nullable=False),
        sa.Column("thanks", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_task_hours_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_task_hours")),
    )
    op.create_table(
        "worker_process",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_error", sa.String(length=60), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_process")),
    )
    op.create_index(op.f("ix_worker_process_heartbeat_at"), "worker_process", ["heartbeat_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_worker_process_heartbeat_at"), "worker_process")
    op.drop_table("worker_process")
    op.drop_table("task_hours")
    op.drop_table("task_run")
