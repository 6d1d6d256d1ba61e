"""The last day of a guide who no longer leads groups: until now the weekly schedule went on to give service points.

Where the audit trail says when a guide left, that is the day; the page of every other one asks for it.
"""

from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("guide", sa.Column("last_day", sa.Date(), nullable=True))
    connection = op.get_bind()
    guides = connection.execute(
        sa.text(
            "SELECT guide.id, guide.hall_id, hall.time_zone FROM guide JOIN hall ON hall.id = guide.hall_id"
            " WHERE NOT guide.active"
        )
    ).all()
    for guide, hall, zone in guides:
        if day := _last_day(connection, guide, hall, ZoneInfo(zone)):
            connection.execute(
                sa.text("UPDATE guide SET last_day = :day WHERE id = :guide"), {"day": day, "guide": guide}
            )


def _last_day(connection: sa.Connection, guide: int, hall: int, zone: ZoneInfo) -> date | None:
    """Return the day on which a guide was set inactive for the last time; None where the audit trail does not tell."""
    columns: tuple[sa.ColumnClause[Any], ...] = (
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("detail", sa.JSON()),
    )
    entry = sa.table("audit_entry", *columns, *map(sa.column, ("id", "hall_id", "action", "subject")))
    saved = (
        sa.select(*columns)
        .where(entry.c.hall_id == hall, entry.c.subject == f"guide {guide}", entry.c.action == "guide_saved")
        .order_by(entry.c.id.desc())
    )
    found = None
    for at, detail in connection.execute(saved):
        if detail.get("active") is not False:
            break
        found = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).date()
    return found


def downgrade() -> None:
    op.drop_column("guide", "last_day")
