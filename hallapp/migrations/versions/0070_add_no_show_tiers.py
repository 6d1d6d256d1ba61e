"""The rule for no-shows in tiers: a hall's single rule becomes its only tier; pauses have a consequence.

The former columns of the rule stay for the version before this one; the code writes both.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0079"
branch_labels = None
depends_on = None

_HALL = sa.table(
    "hall",
    *(sa.column(name) for name in ("id", "no_show_count", "no_show_months", "no_show_pause_days")),
    sa.column("no_show_tiers", sa.Text()),
)


def upgrade() -> None:
    op.add_column("hall", sa.Column("no_show_tiers", sa.Text(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("pause", sa.Column("consequence", sa.String(length=20), nullable=False, server_default="pause"))
    op.add_column("pause", sa.Column("forgiven", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Until now the no-shows before a lifted pause did not count again, for whatever reason it was lifted.
    pause = sa.table("pause", sa.column("lifted_at"), sa.column("forgiven", sa.Boolean()))
    op.execute(sa.update(pause).where(pause.c.lifted_at.is_not(None)).values(forgiven=True))
    connection = op.get_bind()
    for hall in connection.execute(sa.select(_HALL).where(_HALL.c.no_show_count > 0)).mappings().all():
        tier = {
            "count": hall["no_show_count"],
            "within": hall["no_show_months"],
            "unit": "months",
            "consequence": "pause",
            "days": hall["no_show_pause_days"],
        }
        own = _HALL.c.id == hall["id"]
        connection.execute(sa.update(_HALL).where(own).values(no_show_tiers=json.dumps([tier])))


def downgrade() -> None:
    op.drop_column("pause", "forgiven")
    op.drop_column("pause", "consequence")
    op.drop_column("hall", "no_show_tiers")
