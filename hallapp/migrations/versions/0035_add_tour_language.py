"""The language of a tour is a field of its own, beside that of pages and letters, and reports count by it.

Until now a guide spoke the language of the pages, so that is the language of the tours that are booked. The ledger is
append-only and keeps its rows as they were written: who came before is counted as not recorded.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("tour_language", sa.String(length=8), nullable=True))
    op.add_column("arrival", sa.Column("tour_language", sa.String(length=8), nullable=True))
    op.execute("UPDATE booking SET tour_language = language WHERE guides > 0")
    op.execute(
        "INSERT INTO figure (hall_id, span, facet, first, part, visitors, groups, extra)"
        " SELECT hall_id, span, 'tour_language', first, 'unknown', visitors, groups, extra"
        " FROM figure WHERE facet = 'all'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM figure WHERE facet = 'tour_language'")
    op.drop_column("arrival", "tour_language")
    op.drop_column("booking", "tour_language")
