"""Data that hosts share: the fingerprint of the secret key, and the files of exports and uploads."""

from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from flask import current_app

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_key")),
    )
    op.create_table(
        "file_chunk",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_file_chunk_hall_id_hall")),
        sa.PrimaryKeyConstraint("key", "version", "number", name=op.f("pk_file_chunk")),
    )
    op.create_index(op.f("ix_file_chunk_made_at"), "file_chunk", ["made_at"])
    if settings := current_app.config.get("SETTINGS"):
        _take_in(op.get_bind(), settings.instance)


def _take_in(connection: sa.Connection, instance: Path) -> None:
    """Put the files that lie in this host's data folder into the table; `hall setup` removes the folders then."""
    jobs = {
        key: (hall, tries) for key, hall, tries in connection.execute(sa.text("SELECT key, hall_id, attempts FROM job"))
    }
    drafts = {key: (hall, 0) for key, hall in connection.execute(sa.text("SELECT key, hall_id FROM history_draft"))}
    for path in (instance / "exports").glob("*"):
        if path.name in jobs:
            _store(connection, path, *jobs[path.name])
    for path in (instance / "uploads").glob("*"):
        if owner := drafts.get(path.name) or jobs.get(path.name):
            _store(connection, path, owner[0], 0)


def _store(connection: sa.Connection, path: Path, hall_id: int, version: int) -> None:
    table = sa.table("file_chunk", *map(sa.column, ("key", "version", "number", "hall_id", "made_at", "content")))
    made_at = sa.literal(datetime.fromtimestamp(path.stat().st_mtime, UTC), sa.DateTime(timezone=True))
    number = 0
    with path.open("rb") as file:
        while content := file.read(1024**2):
            values = {"key": path.name, "version": version, "number": number, "hall_id": hall_id, "content": content}
            connection.execute(sa.insert(table).values(**values, made_at=made_at))
            number += 1


def downgrade() -> None:
    op.drop_index(op.f("ix_file_chunk_made_at"), "file_chunk")
    op.drop_table("file_chunk")
    op.drop_table("service_key")
