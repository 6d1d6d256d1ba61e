"""The example scheme that is shipped, and the scheme of a hall in a quarter."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.periods import Period
from hallapp.points.models import PointGroup, PointIndex
from hallapp.points.values import Index

_FILE = Path(__file__).with_name("scheme.toml")


@cache
def example() -> tuple[Index, ...]:
    """Return the indexes of the example scheme, in their order."""
    listed = tomllib.loads(_FILE.read_text(encoding="utf-8"))["index"]
    return tuple(
        Index(
            code=one["code"],
            group=PointGroup(one["group"]),
            name=Texts(one["name"]),
            measure=one.get("measure"),
            threshold=one.get("threshold"),
            weight=one["weight"],
            most=one.get("limit"),
            position=position,
        )
        for position, one in enumerate(listed, start=1)
    )


def list_rows(hall_id: int, quarter: Period) -> Sequence[PointIndex]:
    """Return the indexes of a hall as they are in a quarter, also those that are switched off, in their order."""
    latest = (
        select(PointIndex.code, func.max(PointIndex.since).label("since"))
        .where(PointIndex.hall_id == hall_id, PointIndex.since <= quarter.first)
        .group_by(PointIndex.code)
        .subquery()
    )
    rows = db.session.scalars(
        select(PointIndex)
        .join(latest, (latest.c.code == PointIndex.code) & (latest.c.since == PointIndex.since))
        .where(PointIndex.hall_id == hall_id)
    ).all()
    order = list(PointGroup)
    return sorted(rows, key=lambda row: (order.index(row.group), row.position, row.code))


def list_indexes(hall_id: int, quarter: Period) -> list[Index]:
    """Return the indexes that count in a quarter, in their order."""
    return [Index.of(row) for row in list_rows(hall_id, quarter) if row.active]


def find_row(hall_id: int, code: str, quarter: Period) -> PointIndex | None:
    """Return an index of a hall as it is in a quarter, or None."""
    return next((row for row in list_rows(hall_id, quarter) if row.code == code), None)
