"""The version of the privacy notice that the guest of a talk accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0096"
down_revision = "0093"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("talk", sa.Column("privacy", sa.String(12), nullable=True))


def downgrade() -> None:
    op.drop_column("talk", "privacy")
