"""An index by which a file is found that the hall has already, and whether organisers name their delegation."""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_answer_hall_id_digest"), "answer", ["hall_id", "digest"])
    asked: sa.Column[bool] = sa.Column("asked", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("delegation_setting", asked)


def downgrade() -> None:
    op.drop_column("delegation_setting", "asked")
    op.drop_index(op.f("ix_answer_hall_id_digest"), "answer")
