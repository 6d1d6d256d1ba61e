"""Arrivals are filed under more than a programme, figures are kept for days, months and years, and months are closed."""

import hashlib
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

WEEK_HOUR = "week_hour >= 0 AND week_hour <= 167"
FILED = ("source", "week_hour")
_ROWS_A_STATEMENT = 5_000


def upgrade() -> None:
    _let_tables_be_rebuilt()
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("guide_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("organisation", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("week_hour", sa.SmallInteger(), nullable=True))
    _file()
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.alter_column("source", existing_type=sa.String(length=20), nullable=False)
        batch_op.alter_column("week_hour", existing_type=sa.SmallInteger(), nullable=False)
        batch_op.create_check_constraint(batch_op.f("ck_arrival_week_hour"), WEEK_HOUR)
        batch_op.create_foreign_key(batch_op.f("fk_arrival_guide_id_guide"), "guide", ["guide_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_arrival_hall_id_organisation_day"), ["hall_id", "organisation", "day"])
    _create_figures()
    _create_imports()
    _create_closes()
    _count()
    op.drop_table("day_summary")


def downgrade() -> None:
    op.create_table(
        "day_summary",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_day_summary_hall_id_hall")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_day_summary_programme_id_programme")),
        sa.PrimaryKeyConstraint("hall_id", "day", "programme_id", "kind", name=op.f("pk_day_summary")),
    )
    op.execute(
        "INSERT INTO day_summary (hall_id, day, programme_id, kind, visitors, groups)"
        " SELECT hall_id, day, programme_id, kind, sum(visitors), sum(CASE WHEN visitors > 0 THEN 1 ELSE 0 END)"
        " FROM (SELECT a.hall_id, a.day, a.programme_id, a.kind, sum(a.visitors) AS visitors FROM arrival a"
        " JOIN desk_event e ON e.id = a.event_id"
        " GROUP BY a.hall_id, a.day, a.programme_id, a.kind, e.booking_id, e.walk_in_id) AS came"
        " GROUP BY hall_id, day, programme_id, kind"
    )
    for table in ("adjustment", "month_close", "history_row", "history_import", "first_visit", "figure"):
        op.drop_table(table)
    _let_tables_be_rebuilt()
    with op.batch_alter_table("arrival", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_arrival_hall_id_organisation_day"))
        batch_op.drop_constraint(batch_op.f("fk_arrival_guide_id_guide"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_arrival_week_hour"), type_="check")
        for name in ("source", "guide_id", "organisation", "week_hour"):
            batch_op.drop_column(name)


def _file() -> None:
    """Fill in the categories of arrivals; take-backs and later counts have those of their admission."""
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT a.event_id, a.division, h.time_zone, coalesce(u.occurred_at, e.occurred_at) AS occurred_at,"
            " coalesce(b.source, 'walk_in') AS source, coalesce(b.organisation, w.organisation) AS organisation,"
            " coalesce(b.kind, w.kind) AS kind,"
            " (SELECT min(g.id) FROM guide_assignment g WHERE g.booking_id = b.id AND g.dropped_at IS NULL) AS leads"
            " FROM arrival a JOIN desk_event e ON e.id = a.event_id JOIN hall h ON h.id = a.hall_id"
            " LEFT JOIN desk_event u ON u.id = e.undoes_id LEFT JOIN booking b ON b.id = e.booking_id"
            " LEFT JOIN walk_in w ON w.id = e.walk_in_id"
        )
    ).mappings()
    guides = {row[0]: row[1] for row in connection.execute(sa.text("SELECT id, guide_id FROM guide_assignment"))}
    arrival = sa.table(
        "arrival",
        *(sa.column(name) for name in ("event_id", "division", "source", "guide_id", "organisation", "week_hour")),
    )
    update = (
        arrival.update()
        .where(arrival.c.event_id == sa.bindparam("event"), arrival.c.division == sa.bindparam("origin"))
        .values(**{name: sa.bindparam(f"new_{name}") for name in ("source", "guide_id", "organisation", "week_hour")})
    )
    filed = [
        {
            "event": row["event_id"],
            "origin": row["division"],
            "new_source": row["source"],
            "new_guide_id": guides.get(row["leads"]),
            "new_organisation": _organisation(row["organisation"] or "", row["kind"]),
            "new_week_hour": _week_hour(row["occurred_at"], row["time_zone"]),
        }
        for row in rows
    ]
    for start in range(0, len(filed), _ROWS_A_STATEMENT):
        connection.execute(update, filed[start : start + _ROWS_A_STATEMENT])


def _week_hour(moment: datetime | str, zone: str) -> int:
    instant = datetime.fromisoformat(moment) if isinstance(moment, str) else moment  # SQLite keeps text
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    local = instant.astimezone(ZoneInfo(zone))
    return local.weekday() * 24 + local.hour


def _organisation(name: str, kind: str) -> int | None:
    """The number of a name, as it is made when people are counted."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    key = "" if kind == "individual" else "".join(character for character in folded if character.isalnum())[:200]
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest()) >> 1 if key else None


def _create_figures() -> None:
    op.create_table(
        "figure",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("facet", sa.String(length=20), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.Column("extra", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_figure_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "span", "facet", "first", "part", name=op.f("pk_figure")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "first_visit",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_first_visit_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "organisation", name=op.f("pk_first_visit")),
        sqlite_with_rowid=False,
    )


def _create_imports() -> None:
    op.create_table(
        "history_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_import_hall_id_hall")),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_history_import_made_by_id_staff")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["staff.id"], name=op.f("fk_history_import_withdrawn_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_import")),
    )
    op.create_index(op.f("ix_history_import_hall_id_digest"), "history_import", ["hall_id", "digest"])
    op.create_table(
        "history_row",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("division", sa.String(length=8), nullable=False),
        sa.Column("prefecture", sa.String(length=8), nullable=True),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.BigInteger(), nullable=True),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("groups", sa.Integer(), nullable=False),
        sa.CheckConstraint("span IN ('day', 'month')", name=op.f("ck_history_row_span")),
        sa.CheckConstraint("visitors > 0 AND groups >= 0", name=op.f("ck_history_row_visitors")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_history_row_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["history_import.id"], name=op.f("fk_history_row_import_id_history_import")
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.id"], name=op.f("fk_history_row_programme_id_programme")),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_history_row")),
    )
    op.create_index(op.f("ix_history_row_hall_id_first_visitors"), "history_row", ["hall_id", "first", "visitors"])
    op.create_index(
        op.f("ix_history_row_hall_id_organisation_first"), "history_row", ["hall_id", "organisation", "first"]
    )


def _create_closes() -> None:
    op.create_table(
        "month_close",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_by_id", sa.Integer(), nullable=True),
        sa.Column("reopen_reason", sa.String(length=200), nullable=True),
        sa.CheckConstraint("(reopened_at IS NULL) = (reopen_reason IS NULL)", name=op.f("ck_month_close_reopened")),
        sa.ForeignKeyConstraint(["closed_by_id"], ["staff.id"], name=op.f("fk_month_close_closed_by_id_staff")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_month_close_hall_id_hall")),
        sa.ForeignKeyConstraint(["reopened_by_id"], ["staff.id"], name=op.f("fk_month_close_reopened_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_close")),
        sa.UniqueConstraint("hall_id", "month", "version", name=op.f("uq_month_close_hall_id_month_version")),
    )
    op.create_table(
        "adjustment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("close_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("visitors", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(event_id IS NULL) <> (import_id IS NULL)", name=op.f("ck_adjustment_one_cause")),
        sa.ForeignKeyConstraint(["close_id"], ["month_close.id"], name=op.f("fk_adjustment_close_id_month_close")),
        sa.ForeignKeyConstraint(["event_id"], ["desk_event.id"], name=op.f("fk_adjustment_event_id_desk_event")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_adjustment_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["import_id"], ["history_import.id"], name=op.f("fk_adjustment_import_id_history_import")
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["staff.id"], name=op.f("fk_adjustment_made_by_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adjustment")),
        sa.UniqueConstraint("event_id", name=op.f("uq_adjustment_event_id")),
    )
    op.create_index(op.f("ix_adjustment_close_id"), "adjustment", ["close_id"])
    op.create_index(op.f("ix_adjustment_hall_id_made_at"), "adjustment", ["hall_id", "made_at"])


def _count() -> None:
    """Count every day, month and year from the ledger, hall by hall and day by day, so that memory stays flat."""
    connection = op.get_bind()
    arrivals = connection.execute(
        sa.text(
            "SELECT a.*, e.booking_id, e.walk_in_id FROM arrival a JOIN desk_event e ON e.id = a.event_id"
            " ORDER BY a.hall_id, a.day"
        )
    ).mappings()
    for hall_id, of_hall in groupby(arrivals, key=lambda row: row["hall_id"]):
        known: dict[int, dict[str, Any]] = {}
        longer: dict[tuple[str, date, str, str], list[int]] = {}
        for day, of_day in groupby(of_hall, key=lambda row: _date(row["day"])):
            cells = _cells(list(of_day), day, known)
            _write("figure", (_figure(hall_id, "day", day, key, cell) for key, cell in cells.items()))
            for (facet, part), cell in cells.items():
                for span, first in (("month", day.replace(day=1)), ("year", day.replace(month=1, day=1))):
                    sums = longer.setdefault((span, first, facet, part), [0, 0, 0])
                    sums[:] = [a + b for a, b in zip(sums, cell, strict=True)]
        _write("figure", (_figure(hall_id, *key[:2], key[2:], cell) for key, cell in longer.items()))
        _write("first_visit", ({"hall_id": hall_id, "organisation": key, **one} for key, one in known.items()))


def _cells(rows: list[Any], day: date, known: dict[int, dict[str, Any]]) -> dict[tuple[str, str], list[int]]:
    """The parts of a day; it also learns which organisations came for the first time."""
    groups: dict[tuple[Any, Any], list[Any]] = {}
    for row in rows:
        groups.setdefault((row["booking_id"], row["walk_in_id"]), []).append(row)
    cells: dict[tuple[str, str], list[int]] = {}
    for lines in groups.values():
        people = sum(line["visitors"] for line in lines)
        organisation = lines[0]["organisation"]
        if organisation is not None and people > 0:
            first = known.setdefault(organisation, {"day": day, "visitors": 0, "groups": 0})
            if first["day"] == day:
                first["visitors"] += people
                first["groups"] += 1
        sums: dict[tuple[str, str], list[int]] = {}
        for line in lines:
            for key in _parts(line, new=known.get(organisation, {}).get("day") == day):
                amount = sums.setdefault(key, [0, 0])
                amount[0] += line["visitors"]
                amount[1] += line["extra"]
        for key, (visitors, extra) in sums.items():
            cell = cells.setdefault(key, [0, 0, 0])
            cell[:] = [cell[0] + visitors, cell[1] + int(visitors > 0), cell[2] + extra]
    return cells


def _parts(line: Any, *, new: bool) -> Iterator[tuple[str, str]]:
    named = "new" if new else "returning"
    yield "all", ""
    yield "division", line["division"]
    yield "programme", str(line["programme_id"])
    yield "kind", line["kind"]
    yield "source", line["source"]
    yield "guide", str(line["guide_id"] or 0)
    yield "time", str(line["week_hour"])
    yield "organisation", "unnamed" if line["organisation"] is None else named


def _figure(hall_id: int, span: str, first: date, key: tuple[str, str], cell: list[int]) -> dict[str, Any]:
    return {
        **{"hall_id": hall_id, "span": span, "first": first, "facet": key[0], "part": key[1]},
        **dict(zip(("visitors", "groups", "extra"), cell, strict=True)),
    }


def _date(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value  # SQLite keeps text


def _write(name: str, rows: Iterator[dict[str, Any]]) -> None:
    values = list(rows)
    if values:
        dates = ("first", "day")
        table = sa.table(name, *(sa.column(key, sa.Date() if key in dates else None) for key in values[0]))
        op.get_bind().execute(table.insert(), values)


def _let_tables_be_rebuilt() -> None:
    """As in 0002: SQLite alters a table by dropping it, which foreign keys would forbid."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.detach()
        for statement in ("COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"):
            bind.connection.cursor().execute(statement)
