"""Changes of a row, recorded in the audit trail with the values before and after."""

from datetime import date, time
from enum import StrEnum
from typing import Any

from hallapp.accounts.service import record
from hallapp.core.database import db
from hallapp.core.texts import Texts


def apply(row: Any, values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Set the columns of a row, and give `before` and `after` of those that changed, as JSON values; {} for none."""
    before = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    for name, value in values.items():
        setattr(row, name, value)
    return compare(before, {name: values[name] for name in before})


def compare(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the differences of two states for the audit trail; {} where they are equal."""
    before, after = _by_language(before, after), _by_language(after, before)
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not names:
        return {}
    return {
        "before": {name: _plain(before[name]) for name in names if name in before},
        "after": {name: _plain(after[name]) for name in names if name in after},
    }


def _by_language(values: dict[str, Any], others: dict[str, Any]) -> dict[str, Any]:
    """Return the values with a fact of its own for a text in each language of both states, such as `name_en`."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Texts):
            languages = dict.fromkeys([*value, *others.get(name, ())])
            found |= {f"{name}_{language}": value.get(language, "") for language in languages}
        else:
            found[name] = value
    return found


def note(*, hall_id: int, by: int | None, action: str, subject: str, detail: dict[str, dict[str, Any]]) -> None:
    """Write it into the audit trail, unless nothing changed."""
    if detail:
        record(hall_id=hall_id, staff_id=by, action=action, subject=subject, detail=detail)
    db.session.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple):
        return "; ".join(str(one) for one in value)
    return value.isoformat() if isinstance(value, date) else value
