"""The database: one declarative base, one column type for instants, and the one place that commits."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_migrate import Migrate
from flask_migrate import upgrade as _upgrade
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    FromClause,
    Index,
    MetaData,
    TypeDecorator,
    bindparam,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InvalidRequestError, NoResultFound, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from hallapp.core import clock, metrics
from hallapp.core.logs import log
from hallapp.core.patience import Door
from hallapp.settings import SettingsError

try:
    import fcntl
except ImportError:  # this system has no such lock: SQLite's own busy timeout has to do
    fcntl = None  # type: ignore[assignment]

BUSY_TIMEOUT_MS = 10_000
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "secure_delete=ON",  # what is deleted is overwritten with zeros
    f"busy_timeout={BUSY_TIMEOUT_MS}",
)
_CONNECTION = "hallapp_connection"
_WAITS = "hallapp_waits"
_DURABLE, _PASSING = "FULL", "NORMAL"  # whether SQLite waits for the disk at each commit
#: Classes of SQLSTATE: the connection broke, resources are short, an operator intervened, the system failed.
_AWAY_CLASSES = ("08", "53", "57", "58")
_AWAY_STATES = ("25006",)  # the server accepts no writes, as a standby does


class Base(DeclarativeBase):
    """The declarative base of every table; constraints have names, so that migrations can name them too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Rows stay readable after the commit; transaction() expires them all before the next one.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
# Flask-SQLAlchemy makes its model class at run time, which a type checker cannot follow: for it, this is the base.
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
migrate = Migrate(db=db, directory=str(Path(__file__).parent.parent / "migrations"), render_as_batch=True)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. SQLite would give naive values back; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert a value for the database. Raises ValueError for a naive instant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert a value from the database; the result is time zone aware with either driver."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_type(enum: type[StrEnum], *, length: int = 20) -> Enum:
    """Return a column type that stores a StrEnum by its value, as text."""
    return Enum(
        enum, native_enum=False, length=length, create_constraint=False, values_callable=lambda e: [m.value for m in e]
    )


def index_where_set(column: str) -> Index:
    """Return an index of the rows in which a column is set: it costs nothing where it is not."""
    condition = text(f"{column} IS NOT NULL")
    return Index(None, column, sqlite_where=condition, postgresql_where=condition)


class DatabaseAway(Exception):
    """Nothing can be written into the database now: its folder is read-only, or its disk is full."""


def is_away(error: BaseException) -> bool:
    """Return whether an error means that the database cannot be used now, and not that a statement is wrong."""
    if isinstance(error, DatabaseAway | OperationalError | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state[:2] in _AWAY_CLASSES or state in _AWAY_STATES


@contextmanager
def transaction(*, durable: bool = True) -> Iterator[Session]:
    """Begin a write transaction; commit at the end, roll back on any exception.

    Only routes and commands call it; services flush at most. Objects that the session had loaded before are loaded
    again inside, so that no decision uses a stale row. Transactions do not nest: a second one inside the first raises
    RuntimeError. If it is not `durable`, the commit does not wait for the disk, and a power failure may undo it.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transaction() does not nest")
    session.rollback()
    session.expire_all()
    with writers_queue(db.engine):
        session.info["writing"] = True
        try:
            session.info[_CONNECTION] = session.connection(
                execution_options={"hallapp_write": _DURABLE if durable else _PASSING}
            )
            if not durable and db.engine.dialect.name == "postgresql":
                session.execute(text("SET LOCAL synchronous_commit TO OFF"))
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False
            session.info.pop(_CONNECTION, None)


def connection() -> Connection:
    """Return the connection of the session's transaction, for prepared statements on tables.

    What they change is not seen by entities that the session has loaded before.
    """
    session = db.session()
    known: Connection | None = session.info.get(_CONNECTION)
    return session.connection() if known is None or known.closed else known


def write_if_possible(act: Callable[[], object], *, what: str) -> None:
    """Do something in a transaction of its own that a page can do without, such as noting that it was read.

    Where nothing can be written now, a line of the log says what was left, and the page shows what is there.
    """
    try:
        with transaction():
            act()
    except (SQLAlchemyError, DatabaseAway) as error:
        if not is_away(error):
            raise
        log.warning(
            "%s: not now, because nothing can be written (%s)", what, type(getattr(error, "orig", error)).__name__
        )


def upgrade(revision: str = "head") -> None:
    """Bring the tables up to a revision; needs an application context."""
    _upgrade(revision=revision)


def hold_names(*names: str) -> None:
    """Lock these names against other transactions until this one ends; needs a transaction.

    This replaces a row lock where the row does not exist yet: PostgreSQL locks the hash of each name, always in the
    same order. SQLite has only one writer at a time anyway.
    """
    if db.engine.dialect.name != "postgresql":
        return
    digests = (hashlib.sha256(name.encode()).digest() for name in names)
    numbers = sorted({int.from_bytes(digest[:8], signed=True) for digest in digests})
    connection().execute(_HOLD_NUMBERS, {"numbers": numbers})


_HOLD_NUMBERS = select(
    func.pg_advisory_xact_lock(
        func.unnest(bindparam("numbers", type_=postgresql.ARRAY(BigInteger))).column_valued("number")
    )
)


def hold(row: Base) -> None:
    """Lock a row that was read before, until the end of the transaction, and load its present state.

    Raises:
        NoResultFound: another transaction has deleted it in the meantime.
    """
    try:
        db.session.refresh(row, with_for_update=True)
    except InvalidRequestError:
        raise NoResultFound from None


def now() -> datetime:
    """The present instant by the database's clock, which is the same for every host that shares the database.

    Times that one host writes and another one compares, such as the end of a claim, use this clock.
    """
    if db.engine.dialect.name == "postgresql":
        return db.session.execute(select(func.clock_timestamp())).scalar_one()
    return clock.now()


def number_rows(table: str, count: int) -> Sequence[int]:
    """Return the ids of so many rows that are about to be inserted into a table, in order; needs a transaction."""
    connecting = connection()
    if connecting.dialect.name == "postgresql":
        given = connecting.exec_driver_sql(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", (table, count)
        )
        return given.scalars().all()
    newest = connecting.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table}").scalar_one()  # noqa: S608
    return range(newest + 1, newest + 1 + count)  # no one else writes before this transaction ends


def get_size() -> int:
    """Return how many bytes the database takes on its disk."""
    if db.engine.dialect.name == "postgresql":
        return int(db.session.execute(select(func.pg_database_size(func.current_database()))).scalar_one())
    return int(
        db.session.execute(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")).scalar_one()
    )


def read_snapshot() -> None:
    """Read a consistent state of the database from here until the next transaction().

    Several reads then agree with one another while others write. Objects that the session had loaded before are loaded
    again. Raises RuntimeError inside transaction().
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("read_snapshot() does not stand inside transaction()")
    session.rollback()
    if db.engine.dialect.name == "postgresql":  # on SQLite every transaction already reads one consistent state
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


@contextmanager
def writers_queue(engine: Engine) -> Iterator[None]:
    """Let one writer in at a time, in the order of their coming.

    SQLite's own waiting polls and can starve a writer. An exclusive lock on a file beside the database makes the kernel
    queue the writers fairly. PostgreSQL needs no queue, and a system without fcntl has none.
    """
    if fcntl is None or engine.dialect.name != "sqlite":
        yield
        return
    try:
        descriptor = os.open(f"{engine.url.database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DatabaseAway(f"nothing can be written: {error.strerror}") from None
    try:
        with metrics.waiting("writers"):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def init_app(app: Flask) -> None:
    """Bind the database to an application and prepare its engine.

    Raises:
        SettingsError: where the folder of an embedded database cannot be made.
    """
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        metrics.watch(db.engine)
        if db.engine.dialect.name == "postgresql":
            settings = app.config["SETTINGS"]
            door = Door(
                connect_seconds=settings.connect_seconds,
                statement_seconds=settings.statement_seconds,
                pooled=settings.pooled,
            )
            door.guard(db.engine)
        else:
            _make_folder(Path(db.engine.url.database or "").parent)
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"HALL_INSTANCE or HALL_DATABASE_URL: cannot make the folder {folder}: {error}") from None


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions itself: `_begin_sqlite` does
    for pragma in (*_PRAGMAS, f"synchronous={_DURABLE}"):
        connection.execute(f"PRAGMA {pragma}")
    record.info[_WAITS] = _DURABLE


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at the start of a write transaction: upgrading a read lock later fails under load."""
    writing = connection.get_execution_options().get("hallapp_write")
    if writing and connection.info[_WAITS] != writing:
        connection.exec_driver_sql(f"PRAGMA synchronous={writing}")
        connection.info[_WAITS] = writing
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@event.listens_for(Session, "before_flush")
def _only_in_a_transaction(session: Session, _context: object, _instances: object) -> None:
    if not session.info.get("writing"):
        raise RuntimeError("changes are flushed inside transaction() only")


def upsert(
    table: FromClause | type[Base], values: Sequence[Mapping[str, Any]] | Mapping[str, Any] | None = None
) -> Any:
    """Return an INSERT of the database's own dialect, with `on_conflict_do_update` and `…_do_nothing`.

    Without values it takes its rows when it is executed.
    """
    dialect = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    return statement if values is None else statement.values(values)


__all__ = [
    "Base",
    "DatabaseAway",
    "Model",
    "UtcDateTime",
    "connection",
    "db",
    "enum_type",
    "get_size",
    "hold",
    "hold_names",
    "init_app",
    "is_away",
    "migrate",
    "now",
    "number_rows",
    "read_snapshot",
    "transaction",
    "upgrade",
    "upsert",
    "write_if_possible",
    "writers_queue",
]
