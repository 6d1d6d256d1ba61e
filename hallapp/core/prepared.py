"""Statements of SQLAlchemy Core that are compiled once and then go to the driver directly.

A booking or an arrival sends a dozen small statements, and SQLAlchemy spends two to four times as long on one of them
as the driver does. A `Prepared` statement is written like any other; only its execution is shorter:

    _NAMES = Prepared(select(Hall.slug).where(Hall.id.in_(bindparam("ids", expanding=True))))
    _NAMES.rows({"ids": [1, 2]})

It runs in the transaction of the session, and its errors are those of SQLAlchemy. What it changes is not seen by
entities that the session has loaded before. Default values of Python are not filled in.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Engine, Executable, PoolProxiedConnection
from sqlalchemy.exc import DBAPIError

from hallapp.core import database
from hallapp.core.database import db

Values = Mapping[str, Any]
Process = Callable[[Any], Any]
_NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class _Form:
    """The text of a statement for one database and certain parameters, and how values go in and come out.

    `given` are the parameters by their own names, `lists` those of which each holds one value of a list.
    """

    text: str
    positions: Sequence[str] | None
    constants: Values
    given: tuple[tuple[str, Process | None], ...]
    lists: tuple[tuple[str, tuple[str, ...], Process | None], ...]
    results: tuple[tuple[int, Process], ...]

    def values(self, given: Values) -> Any:
        """Return the driver's parameters."""
        found = dict(self.constants)
        for name, process in self.given:
            found[name] = process(given[name]) if process else given[name]
        for name, places, process in self.lists:
            some = [process(one) for one in given[name]] if process else list(given[name])
            some += (some[-1:] or [None]) * (len(places) - len(some))
            found.update(zip(places, some, strict=True))
        return found if self.positions is None else [found[name] for name in self.positions]

    def read(self, rows: list[Any]) -> list[tuple[Any, ...]]:
        """Return rows of the driver with the values of Python."""
        if not self.results:
            return rows
        read = []
        for row in rows:
            values = list(row)
            for number, process in self.results:
                values[number] = process(values[number])
            read.append(tuple(values))
        return read


class Prepared:
    """A statement of Core, or a function that makes one for the application's kind of database."""

    def __init__(self, statement: Executable | Callable[[], Executable]) -> None:
        self._statement = statement
        self._compiled: dict[tuple[str, ...], tuple[Any, Any, tuple[str, ...]]] = {}
        self._forms: dict[tuple[Any, ...], _Form] = {}

    def rows(self, given: Values = _NOTHING) -> list[tuple[Any, ...]]:
        """Run it in the session's transaction and return its rows."""
        connection = database.connection()
        form = self._form(connection.dialect, given)
        found, _count = send(connection, form.text, form.values(given))
        return form.read(found)

    def run(self, *rows: Values) -> int:
        """Run it once for each of some sets of values; return how many rows of the database were concerned."""
        connection = database.connection()
        form = self._form(connection.dialect, rows[0])
        many = [form.values(row) for row in rows]
        _found, count = send(connection, form.text, many[0] if len(many) == 1 else many, many=len(many) > 1)
        return count

    def look(self, given: Values = _NOTHING) -> list[tuple[Any, ...]]:
        """Return its rows as they are now; where the session is in no transaction, none is begun for them."""
        if db.session().in_transaction():
            return self.rows(given)
        engine = db.engine
        form = self._form(engine.dialect, given)
        with _without_transaction(engine) as connection:
            found, _count = send(connection, form.text, form.values(given))
        return form.read(found)

    def _form(self, dialect: Dialect, given: Values) -> _Form:
        names = (dialect.name, *given)
        compiled = self._compiled.get(names) or self._compile(names, dialect)
        lists = compiled[2]
        key = (*names, *(_room(len(given[name])) for name in lists)) if lists else names
        return self._forms.get(key) or self._expand(key, dialect, given, *compiled)

    def _compile(self, names: tuple[str, ...], dialect: Dialect) -> tuple[Any, Any, tuple[str, ...]]:
        statement: Any = self._statement() if callable(self._statement) else self._statement
        compiled = statement.compile(dialect=dialect, column_keys=list(names[1:]), for_executemany=True)
        if compiled.prefetch:
            raise TypeError(f"values are missing: {', '.join(column.name for column in compiled.prefetch)}")
        lists = tuple(name for name, bound in compiled.binds.items() if bound.expanding)
        self._compiled[names] = statement, compiled, lists
        return self._compiled[names]

    def _expand(
        self, key: tuple[Any, ...], dialect: Dialect, given: Values, statement: Any, compiled: Any, lists: Sequence[str]
    ) -> _Form:
        filled = {
            **given,
            **{name: [*given[name]] + [None] * (_room(len(given[name])) - len(given[name])) for name in lists},
        }
        state = compiled.construct_expanded_state(filled)
        processes = {
            name: bound.type.dialect_impl(dialect).bind_processor(dialect) for name, bound in compiled.binds.items()
        }
        placed = {name: tuple(state.parameter_expansion[name]) for name in lists}
        of_lists = {place for places in placed.values() for place in places}
        constants = {
            name: processes[name](value) if processes.get(name) else value
            for name, value in state.parameters.items()
            if name not in given and name not in of_lists
        }
        columns = statement.column_descriptions if statement.is_select else statement.returning_column_descriptions
        read = ((number, _reading(column["type"], dialect)) for number, column in enumerate(columns))
        form = self._forms[key] = _Form(
            text=state.statement,
            positions=state.positiontup,
            constants=constants,
            given=tuple((name, processes[name]) for name in state.parameters if name in given),
            lists=tuple((name, placed[name], processes[name]) for name in lists),
            results=tuple((number, process) for number, process in read if process),
        )
        return form


def _room(length: int) -> int:
    """Return the number of places for a list: a power of two, so that few forms of a statement are needed."""
    return 1 << max(0, length - 1).bit_length()


def _reading(kind: Any, dialect: Dialect) -> Process | None:
    process: Process | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return process


@dataclass(frozen=True, slots=True)
class _Lone:
    """A connection of the pool on which each statement is a transaction of its own."""

    connection: PoolProxiedConnection
    dialect: Dialect
    dispatch: Any

    def invalidate(self, error: BaseException) -> None:
        """Let the pool make another connection in its place."""
        self.connection.invalidate(error)


@contextmanager
def _without_transaction(engine: Engine) -> Iterator[_Lone]:
    is_postgresql = engine.dialect.name == "postgresql"  # SQLite's connections begin no transaction by themselves
    try:
        pooled = engine.raw_connection()
    except engine.dialect.loaded_dbapi.Error as error:
        raise _as_raised_elsewhere(error, engine.dialect, "", is_lost=True) from error
    driver: Any = pooled.driver_connection
    try:
        if is_postgresql:
            driver.autocommit = True
        yield _Lone(pooled, engine.dialect, engine.dispatch)
    finally:
        if is_postgresql and not driver.closed:
            driver.autocommit = False
        pooled.close()


def send(connection: Any, text: str, values: Any, *, many: bool = False) -> tuple[list[Any], int]:
    """Execute a statement; return its rows and their number. Those who listen to SQLAlchemy's statements hear of it.

    Raises:
        DBAPIError: of the kind that SQLAlchemy itself raises, without the values, which may be personal.
    """
    dialect = connection.dialect
    try:
        cursor = connection.connection.cursor()
        for listener in connection.dispatch.before_cursor_execute:
            listener(connection, cursor, text, values, None, many)
        (dialect.do_executemany if many else dialect.do_execute)(cursor, text, values)
        return cursor.fetchall() if cursor.description else [], cursor.rowcount
    except dialect.loaded_dbapi.Error as error:
        is_lost = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
        if is_lost:
            connection.invalidate(error)
        raise _as_raised_elsewhere(error, dialect, text, is_lost=is_lost) from error


def _as_raised_elsewhere(error: Exception, dialect: Dialect, text: str, *, is_lost: bool) -> BaseException:
    """Return the error that SQLAlchemy makes of an error of the driver, which passes it on as it is in this module."""
    return DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=dialect,
    )
