"""The figures of a filled hall before and after all migrations that came since: equal parts, equal filed digests.

`filled_hall.json` has all rows of a hall that the release of revision 0046 made: a month with walk-ins, a booking that
came in two times, an admission taken back, people from abroad and nowhere, imported days and an imported month; two
closed months, one of which was adjusted later. Instants, days and bytes are marked in it, because JSON has none.
"""

import base64
import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import MetaData, Table, inspect, text

from hallapp.core.database import db, read_snapshot
from hallapp.ledger import closes
from hallapp.ledger.facets import FACETS
from hallapp.ledger.recount import recount
from hallapp.periods import SINCE_OPENING, Period
from hallapp.reports.closing import verify
from hallapp.reports.figures.service import get_report
from hallapp.schedule.models import Hall
from tests.core.test_migrations import fresh

__all__ = ["fresh"]
pytestmark = pytest.mark.both_databases

FILLED = json.loads((Path(__file__).parent / "filled_hall.json").read_text(encoding="utf-8"))
READERS = {
    "at": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "bytes": base64.b64decode,
}


def value(stored: Any) -> Any:
    """A value as the driver takes it."""
    if not isinstance(stored, dict) or len(stored) != 1:
        return stored
    (kind, text_of), *_ = stored.items()
    if kind == "uuid":
        return text_of if db.engine.dialect.name == "sqlite" else UUID(text_of)
    return READERS[kind](text_of) if kind in READERS else stored


def fill() -> None:
    """Bring the rows into the tables of their revision, and let new numbers begin behind them."""
    flask_migrate.upgrade(revision=FILLED["revision"])
    with db.engine.begin() as connection:
        for name, rows in FILLED["rows"].items():
            table = Table(name, MetaData(), autoload_with=connection)
            connection.execute(table.delete())
            connection.execute(table.insert(), [{key: value(one) for key, one in row.items()} for row in rows])
        if connection.dialect.name == "postgresql":
            for name in FILLED["rows"]:
                if "nextval" in str([one["default"] for one in inspect(connection).get_columns(name)]):
                    connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))


def kept() -> dict[str, list[tuple[Any, ...]]]:
    """The summaries of all facets and the filed months, as they are in the database."""
    queries = {
        "figures": "SELECT facet, span, first, part, visitors, groups, extra FROM figure ORDER BY 1, 2, 3, 4",
        "digests": "SELECT month, version, digest, visitors FROM month_close ORDER BY 1, 2",
        "filed": "SELECT month, version, figures FROM month_close ORDER BY 1, 2",
    }
    with db.engine.connect() as connection:
        return {name: [tuple(row) for row in connection.exec_driver_sql(sql)] for name, sql in queries.items()}


def test_figures_and_digests_of_a_filled_hall_are_equal_after_all_migrations(fresh: Flask) -> None:
    fill()
    before = kept()
    flask_migrate.upgrade()
    db.session.remove()
    after = kept()
    assert len(before["digests"]) == 2
    assert after["digests"] == before["digests"]
    assert after["filed"] == before["filed"]
    counted = {row[0] for row in before["figures"]}
    assert {"all", "division", "programme", "kind", "source", "prefecture"} <= counted <= set(FACETS)
    assert [row for row in after["figures"] if row[0] in counted] == before["figures"]

    hall = db.session.query(Hall).one()
    read_snapshot()
    assert recount(hall.id) == []
    proofs = verify.list_verdicts(hall.id)
    assert [(proof.digest_agrees, list(proof.deviations)) for proof in proofs] == [(True, [])] * 2
    assert all(closes.digest_of(proof.close.figures) == proof.close.digest for proof in proofs)
    november = get_report(hall, Period.month(2026, 11)).totals
    filed = next(proof.close for proof in proofs if proof.close.month == date(2026, 11, 1))
    assert november.visitors == filed.visitors
    everything = get_report(hall, SINCE_OPENING)
    assert sum(one.visitors for one in everything.divisions) == everything.totals.visitors
