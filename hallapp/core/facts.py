"""Facts that hardly change, such as a hall's policy, held in this process until their version changes.

Each hall has a version in the database, a random number. Every transaction that writes a row of a watched table gives
the hall a new one just before it commits, so facts and version become visible together, on every host. Nobody has to
remember that: `watch` is called once, beside the model.

A room holds its facts like this; what `load` returns must be immutable, such as a frozen dataclass, and no entity:

    _policies = Facts(_load_policy)    # _load_policy(hall_id) reads the database
    policy = _policies.get(hall_id)    # one statement reads the version; the facts are loaded only if it has changed

Where a request reads other rows anyway, it can ask for the version in the same statement (`version_of`) and pass it.
The version must be read before the facts: then facts are never older than the version under which they are held. For
the same reason `load` selects columns: an entity that the session already has may be older than the version.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, ScalarSelect, bindparam, cast, event, func, literal_column, or_, select
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, SessionTransaction, mapped_column, object_session

from hallapp.core.database import Base, Model, db, upsert
from hallapp.core.prepared import Prepared

Value = TypeVar("Value")

_EVERY_HALL = 0
_VERSION_BITS = 60  # the sum of two fits into the database's largest integer
_MOST_HALLS = 256
_CHANGED = "hallapp_changed_facts"
_watched: set[str] = set()


class FactVersion(Model):
    """The version of a hall's facts: a random number, so that a restored database never repeats one.

    `hall_id` 0 means all halls: a statement that changes many rows at once may concern any of them.
    """

    __tablename__ = "fact_version"

    hall_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


class Facts(Generic[Value]):
    """Facts that `load` reads for a hall, held for the halls that were asked for most recently."""

    def __init__(self, load: Callable[[int], Value]) -> None:
        self._load = load
        self._lock = Lock()
        self._held: OrderedDict[int, tuple[int, Value]] = OrderedDict()

    def get(self, hall_id: int, *, version: int | None = None) -> Value:
        """Return the facts of a hall; `version` is its version, where the caller has read it in this transaction.

        A transaction that has changed facts itself reads them from the database, and holds nothing before it commits.
        """
        if db.session().info.get(_CHANGED):
            return self._load(hall_id)
        if version is None:
            version = read_version(hall_id)
        found = self._held.get(hall_id)
        if found is not None and found[0] == version:
            return found[1]
        value = self._load(hall_id)
        if version:  # a hall without a version has none until the first change
            self._hold(hall_id, version, value)
        return value

    def _hold(self, hall_id: int, version: int, value: Value) -> None:
        with self._lock:
            self._held[hall_id] = version, value
            self._held.move_to_end(hall_id)
            if len(self._held) > _MOST_HALLS:
                self._held.popitem(last=False)


def watch(*models: type[Base], hall: str = "hall_id") -> None:
    """Treat the rows of these models as facts of the hall whose id is in the attribute `hall`."""
    for model in models:
        _watched.add(model.__table__.name)  # type: ignore[attr-defined]
        for happening in ("after_insert", "after_update", "after_delete"):
            event.listen(model, happening, _noting(hall))


def renew(hall_id: int) -> None:
    """Give a hall a new version with this transaction, where facts follow from rows that change too often to watch."""
    _note(db.session(), hall_id)


def version_of(hall_id: Any) -> ScalarSelect[int]:
    """Return the version of a hall as a part of another statement; `hall_id` is a parameter or a column."""
    # Not `IN`: its list would be written into the statement anew each time.
    concerned = or_(FactVersion.hall_id == literal_column(str(_EVERY_HALL)), FactVersion.hall_id == hall_id)
    return select(cast(func.coalesce(func.sum(FactVersion.version), 0), BigInteger)).where(concerned).scalar_subquery()


def read_version(hall_id: int) -> int:
    """Return the version of a hall; 0 where its facts have never changed since the table was made."""
    return int(_VERSION.look({"hall": hall_id})[0][0])


_VERSION = Prepared(select(version_of(bindparam("hall"))))


def _noting(hall: str) -> Callable[[Any, Any, Any], None]:
    def note(_mapper: Any, _connection: Any, row: Any) -> None:
        session = object_session(row)
        if session is not None:
            _note(session, getattr(row, hall))

    return note


def _note(session: Session, hall_id: int) -> None:
    session.info.setdefault(_CHANGED, set()).add(hall_id)


@event.listens_for(Session, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    """Note a statement that changes rows without loading them; the rows may be of any hall."""
    if not state.is_select and getattr(getattr(state.statement, "table", None), "name", None) in _watched:
        _note(state.session, _EVERY_HALL)


@event.listens_for(Session, "before_commit")
def _renew_versions(session: Session) -> None:
    """Give new versions last of all: so these rows, which all writers of a hall share, are locked for a moment only.

    The end of a savepoint is not the last of it.
    """
    if session.in_nested_transaction():
        return
    session.flush()
    for hall_id in sorted(session.info.get(_CHANGED, ())):
        row = {"hall_id": hall_id, "version": secrets.randbits(_VERSION_BITS) + 1}
        statement = upsert(FactVersion, row)
        session.execute(
            statement.on_conflict_do_update(index_elements=["hall_id"], set_={"version": statement.excluded.version})
        )


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, ended: SessionTransaction) -> None:
    """Forget the noted changes when the whole transaction has ended: a savepoint that is undone takes back a part."""
    if ended.parent is None:
        session.info.pop(_CHANGED, None)
