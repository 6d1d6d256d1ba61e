"""Add, rename, order and retire the kinds of organisation of a hall; none is ever deleted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from sqlalchemy import select

from hallapp.accounts import service as accounts
from hallapp.core.database import db, hold_names
from hallapp.core.text import plain
from hallapp.core.texts import Texts
from hallapp.kinds import errors, standard
from hallapp.kinds.models import CODE_LENGTH, OrganisationKind
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import Kind, standard_name
from hallapp.schedule.changes import apply
from hallapp.schedule.models import Hall
from hallapp.schedule.starter import hall_created

KINDS_MOST = 60
_OF_CODE = re.compile(r"[^a-z0-9]+")
Rows = dict[str, OrganisationKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveKind:
    """The command that adds or renames a kind; a new one has no `code`.

    `names` are those in these `languages`; names in other languages stay. `of_individuals` makes a new kind one of
    people without an organisation.
    """

    hall: Hall
    by: int | None
    code: str | None = None
    names: Texts
    languages: tuple[str, ...]
    of_individuals: bool = False


def listen() -> None:
    """Give each new hall the kinds of its country."""
    hall_created.connect(_give_kinds)


def save(command: SaveKind) -> str:
    """Store the names of a kind and return its code.

    A standard kind with its standard names, or with none, has no names of its own: it is called in each language as the
    catalogues call it.

    Raises:
        KindMissing: the hall has no such kind.
        KindNameMissing, KindNameTaken: for the names.
        TooManyKinds: the hall has enough of them.
    """
    rows = _hold(command.hall)
    if command.code is not None and command.code not in rows:
        raise errors.KindMissing
    before = rows[command.code].name if command.code else Texts()
    names = before.replaced(command.names.stripped(), command.languages)
    if command.code and all(standard_name(command.code, one) == names[one] for one in names):
        names = Texts()
    code = command.code or _new_code(names, rows, of_individuals=command.of_individuals)
    if not names and code not in standard.NAMES:
        raise errors.KindNameMissing
    _check_names(Kind(code=code, names=names), rows, command.languages)
    row = rows.get(code) or _add(command.hall.id, code, rows)
    detail = apply(row, {"name": names})
    if command.code is None:
        row.active = True
    if detail:
        _record(row, command.by, "kind_saved", detail)
    return code


def offer(hall: Hall, code: str, *, by: int | None) -> None:
    """Offer a kind again that was retired, or a standard kind that the hall has not had. Raises KindMissing."""
    rows = _hold(hall)
    if code not in rows and code not in standard.NAMES:
        raise errors.KindMissing
    if code not in rows:
        _check_names(Kind(code=code), rows, hall.language_codes)
    row = rows.get(code) or _add(hall.id, code, rows)
    if apply(row, {"active": True}):
        _record(row, by, "kind_offered")


def retire(hall: Hall, code: str, *, by: int | None) -> None:
    """Offer a kind no longer; bookings and figures keep it. Raises KindMissing, KindNeeded."""
    row = _hold(hall).get(code)
    if row is None:
        raise errors.KindMissing
    if code == standard.INDIVIDUAL:
        raise errors.KindNeeded
    if apply(row, {"active": False}):
        _record(row, by, "kind_retired")


def move(hall: Hall, code: str, *, up: bool, by: int | None) -> None:
    """Exchange a kind with its neighbour in the order of the hall. Raises KindMissing."""
    rows = _hold(hall)
    if code not in rows:
        raise errors.KindMissing
    order = list(rows)
    at = order.index(code)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(order):
        return
    order[at], order[other] = order[other], order[at]
    for position, one in enumerate(order):
        rows[one].position = position
    _record(rows[code], by, "kind_moved")


def list_unused(hall: Hall) -> list[Kind]:
    """Return the standard kinds that a hall has not had."""
    return [Kind(code=code) for code in standard.NAMES if code not in list_kinds(hall.id)]


def _give_kinds(hall: Hall, **_more: Any) -> None:
    _add_all(hall.id, standard.list_codes(hall.country))
    db.session.flush()


def _hold(hall: Hall) -> Rows:
    """Return the rows of a hall in its order, with nobody else changing them; see `queries` for a hall without any."""
    hold_names(f"organisation kinds {hall.id}")
    query = select(OrganisationKind).where(OrganisationKind.hall_id == hall.id)
    ordered = query.order_by(OrganisationKind.position, OrganisationKind.code)
    rows = list(db.session.scalars(ordered)) or _add_all(hall.id, standard.FIRST)
    return {row.code: row for row in rows}


def _add_all(hall_id: int, codes: Iterable[str]) -> list[OrganisationKind]:
    rows = [OrganisationKind(hall_id=hall_id, code=code, position=at) for at, code in enumerate(codes)]
    db.session.add_all(rows)
    return rows


def _add(hall_id: int, code: str, rows: Rows) -> OrganisationKind:
    if len(rows) >= KINDS_MOST:
        raise errors.TooManyKinds(most=KINDS_MOST)
    last = max((row.position for row in rows.values()), default=-1)
    row = OrganisationKind(hall_id=hall_id, code=code, position=last + 1, active=False)
    db.session.add(row)
    return row


def _new_code(names: Mapping[str, str], rows: Rows, *, of_individuals: bool) -> str:
    """Return an unused code made of the English name, which programs and files show, or of a number.

    Codes of kinds of individuals begin with that of individuals, and no others do.
    """
    said = _OF_CODE.sub("-", names.get("en", "").casefold()).strip("-")
    start = f"{standard.INDIVIDUAL}-" if of_individuals else ""
    if not start and (not said or said.startswith(standard.INDIVIDUAL)):
        start = "kind-"
    base = f"{start}{said}"[:CODE_LENGTH].strip("-")
    taken = rows.keys() | standard.NAMES.keys()
    short = base[: CODE_LENGTH - 3].strip("-")  # room for a number
    codes = chain([base] if said else [], (f"{short}-{number}" for number in count(2)))
    return next(code for code in codes if code not in taken)


def _check_names(kind: Kind, rows: Rows, languages: Iterable[str]) -> None:
    others = [Kind(code=row.code, names=row.name) for row in rows.values() if row.code != kind.code]
    for reader in languages:
        name = kind.name(reader)
        if any(_compared(name) == _compared(other.name(reader)) for other in others):
            raise errors.KindNameTaken(name=name)


def _compared(name: str) -> str:
    return " ".join(plain(name).casefold().split())


def _record(row: OrganisationKind, by: int | None, action: str, detail: dict[str, Any] | None = None) -> None:
    db.session.flush()
    accounts.record(hall_id=row.hall_id, staff_id=by, action=action, subject=f"kind {row.code}", detail=detail or {})
