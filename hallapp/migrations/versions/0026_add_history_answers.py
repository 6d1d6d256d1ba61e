"""A draft stores the findings for a person, and the answers."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("answers", "findings", "suggestion"):
        op.add_column("history_draft", sa.Column(name, sa.JSON(), nullable=True))
    op.execute("UPDATE history_draft SET answers = '{}', findings = '[]', suggestion = '{}'")


def downgrade() -> None:
    for name in ("suggestion", "findings", "answers"):
        op.drop_column("history_draft", name)
