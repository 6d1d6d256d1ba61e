"""Recipients of the monthly report in languages with a longer code, such as zh_Hant."""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0064"
branch_labels = None
depends_on = None


def _check() -> sa.CheckConstraint:
    """Return the check of the table, which SQLite makes anew and does not tell."""
    return sa.CheckConstraint("pdf OR xlsx", name=op.f("ck_report_recipient_files"))


def upgrade() -> None:
    with op.batch_alter_table("report_recipient", table_args=(_check(),)) as table:
        table.alter_column("language", existing_type=sa.String(length=2), type_=sa.String(length=8))


def downgrade() -> None:
    op.execute("DELETE FROM report_recipient WHERE length(language) > 2")
    with op.batch_alter_table("report_recipient", table_args=(_check(),)) as table:
        table.alter_column("language", existing_type=sa.String(length=8), type_=sa.String(length=2))
