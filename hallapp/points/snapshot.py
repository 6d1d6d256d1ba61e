"""The statements of a closed quarter as JSON: the indexes that were in force, and the records of each person.

The form is stable, because digests are made of it: a part is only added under a new name.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from hallapp.core.texts import Texts
from hallapp.periods import Period
from hallapp.points.models import PointGroup
from hallapp.points.values import Index, Record, Statement, make_statements


def write(quarter: Period, indexes: Sequence[Index], statements: Iterable[Statement]) -> dict[str, Any]:
    """Return statements as JSON values; lines without records are left out."""
    return {
        "quarter": str(quarter),
        "indexes": [_written(index) for index in indexes],
        "people": {
            str(one.staff_id): {
                "points": one.points,
                "lines": {
                    line.index.code: {
                        "points": line.points,
                        "records": [[record.day.isoformat(), record.what, record.count] for record in line.records],
                    }
                    for line in one.lines
                    if line.records
                },
            }
            for one in statements
        },
    }


def read_indexes(figures: Mapping[str, Any]) -> list[Index]:
    """Return the indexes that were in force."""
    return [
        Index(**{**one, "group": PointGroup(one["group"]), "name": Texts(one["name"])}) for one in figures["indexes"]
    ]


def read(figures: Mapping[str, Any]) -> dict[int, Statement]:
    """Return the statements by person."""
    records = {
        (int(staff_id), code): [Record(date.fromisoformat(day), what, count) for day, what, count in line["records"]]
        for staff_id, person in figures["people"].items()
        for code, line in person["lines"].items()
    }
    return make_statements(read_indexes(figures), records, map(int, figures["people"]))


def _written(index: Index) -> dict[str, Any]:
    values = {name: getattr(index, name) for name in Index.__slots__}
    return values | {"group": index.group.value, "name": dict(index.name)}
