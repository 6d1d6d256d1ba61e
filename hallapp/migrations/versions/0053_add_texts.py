"""Texts of halls in any number of languages: one column of JSON for each text, filled from those in two languages.

The former columns stay for the version before this one; the code writes both (`core/texts.py`).
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

_TEXTS = {
    "hall": (
        *("name", "address", "directions", "bring", "late", "notice", "pass_note", "appeal", "intro", "coach"),
        "access",
    ),
    "programme": ("name", "about"),
    "calendar_day": ("name", "reason"),
    "picture": ("alt",),
    "notice": ("text",),
    "list_columns": ("label", "purpose"),
    "device_words": ("kiosk",),
}
_KEYS = {
    "hall": ("id",),
    "programme": ("id",),
    "calendar_day": ("hall_id", "day"),
    "picture": ("hall_id", "place"),
    "notice": ("hall_id", "number"),
    "list_columns": ("hall_id",),
    "device_words": ("hall_id",),
}


def upgrade() -> None:
    for table, names in _TEXTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("'{}'")))
    languages = sa.Column("offered_languages", sa.String(length=200), nullable=False, server_default="zh,en")
    op.add_column("hall", languages)
    op.execute("UPDATE hall SET offered_languages = languages")
    for table in _TEXTS:
        _fill(table)


def _fill(name: str) -> None:
    """Copy the texts; the statement names the rows by their keys as they are stored."""
    columns = [*_KEYS[name], *(f"{text}_{language}" for text in _TEXTS[name] for language in ("zh", "en"))]
    table = sa.table(name, *(sa.column(one) for one in columns), *(sa.column(one, sa.Text()) for one in _TEXTS[name]))
    connection = op.get_bind()
    rows = connection.execute(sa.select(*(table.c[one] for one in columns))).mappings().all()
    for row in rows:
        texts = {text: _texts(row, text) for text in _TEXTS[name]}
        own = [table.c[key] == row[key] for key in _KEYS[name]]
        connection.execute(sa.update(table).where(*own).values(texts))


def _texts(row: Any, text: str) -> str:
    found = {language: row[f"{text}_{language}"] for language in ("zh", "en") if row[f"{text}_{language}"]}
    return json.dumps(found, ensure_ascii=False)


def downgrade() -> None:
    op.drop_column("hall", "offered_languages")
    for table, names in reversed(_TEXTS.items()):
        for name in reversed(names):
            op.drop_column(table, name)
