"""The kinds of a hall, held in the process until they change."""

from sqlalchemy import select

from hallapp.core.database import db
from hallapp.core.facts import Facts
from hallapp.kinds import standard
from hallapp.kinds.models import OrganisationKind
from hallapp.kinds.values import Kind, Kinds


def list_kinds(hall_id: int, *, version: int | None = None) -> Kinds:
    """Return all kinds of a hall; `version` is that of its facts, where the caller has read it."""
    return _KINDS.get(hall_id, version=version)


def _load(hall_id: int) -> Kinds:
    query = (
        select(OrganisationKind.code, OrganisationKind.name, OrganisationKind.active)
        .where(OrganisationKind.hall_id == hall_id)
        .order_by(OrganisationKind.position, OrganisationKind.code)
    )
    rows = db.session.execute(query).all()
    # A hall that the version before made, while machines were renewed one by one, has no rows yet.
    kinds = [Kind(code=code, names=names, active=active) for code, names, active in rows]
    return Kinds(kinds or [Kind(code=code) for code in standard.FIRST])


_KINDS = Facts(_load)
