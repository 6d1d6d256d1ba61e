"""Let the worker spell again the bookings that have a name without Han characters: names with accents are now found
without them.
"""

from alembic import op

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A name without a spelling had no Han characters. An erased booking has an empty text, which stays.
    op.execute("UPDATE booking SET pinyin = NULL WHERE pinyin LIKE '|%' OR pinyin LIKE '%|'")


def downgrade() -> None:
    pass
