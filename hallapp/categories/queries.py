"""The families of categories of a hall, held in the process until they change."""

from sqlalchemy import select

from hallapp.categories.models import Category
from hallapp.categories.values import CategoryFacts, Family
from hallapp.core.database import db
from hallapp.core.facts import Facts


def list_families(hall_id: int, *, version: int | None = None) -> tuple[Family, ...]:
    """Return all families of a hall in its order, hidden ones too; `version` is that of its facts, where known."""
    return _FAMILIES.get(hall_id, version=version)


def _load(hall_id: int) -> tuple[Family, ...]:
    columns = (getattr(Category, name) for name in _COLUMNS)
    rows = db.session.execute(
        select(*columns).where(Category.hall_id == hall_id).order_by(Category.position, Category.number)
    ).all()
    return tuple(
        Family(
            number=row.number,
            names=row.name,
            rest=row.rest,
            adds_up=row.adds_up,
            required=row.required,
            hidden=row.hidden,
            categories=tuple(
                CategoryFacts(number=one.number, names=one.name, hidden=one.hidden)
                for one in rows
                if one.family == row.number
            ),
        )
        for row in rows
        if row.family is None
    )


_COLUMNS = ("number", "family", "name", "rest", "adds_up", "required", "hidden")
_FAMILIES = Facts(_load)
