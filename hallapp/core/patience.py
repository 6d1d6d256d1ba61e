"""The patience of this process with PostgreSQL: to connect, to answer a statement, and to be there at all.

The server's own timeouts do not help when it is frozen or its network is cut, so each connection keeps a deadline of
its own. A server that did not answer in time is left alone for a moment, so that requests fail at once meanwhile.
"""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.errors import OperationalError
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

#: The time in which an idle connection of the pool must show that it still works.
PING_SECONDS = 3.0
#: A connection that was in use so many seconds ago is not tested again before its next use.
_FRESH_SECONDS = 0.1
#: The time that this process waits beyond the server's own timeout before it gives up a statement.
_GRACE_SECONDS = 2.0
#: The time without any further attempt to connect after a connection has timed out.
_REST_SECONDS = 2.0
#: The factor by which statements of commands and of the worker may take longer than those of pages.
_PATIENT_TIMES = 60
_USUAL_PORT = 5432


class _Patience:
    """A note that this process is a command or a worker, whose statements may take long."""

    times = 1


def be_patient() -> None:
    """Let statements of this process take longer than those of the pages: it is a command or a worker."""
    _Patience.times = _PATIENT_TIMES


class Connection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer within `patience` seconds, 0 is for ever."""

    patience: float = 0.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer. Raises OperationalError, with the connection closed, when none comes in time."""
        try:
            return super().wait(gen, interval=interval, timeout=timeout or self.patience or None)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise OperationalError("the database server did not answer in time") from None

    def rollback(self) -> None:
        """Roll back, and keep the prepared statements unless one has failed.

        psycopg forgets them, because the rollback may have removed a table that they read. The transactions of this
        application make no tables, and each page that only reads ends with a rollback: without this, the server would
        plan every statement of every page again. After a failure they are forgotten: a statement whose column a new
        release has widened meanwhile fails until it is prepared anew.
        """
        if self.pgconn.transaction_status != TransactionStatus.INTRANS:
            super().rollback()
            return
        with self.lock:
            self.wait(self._exec_command(b"ROLLBACK"))

    @contextlib.contextmanager
    def waiting(self, seconds: float) -> Iterator[None]:
        """Limit the waiting time for each answer inside the block to a number of seconds."""
        before, self.patience = self.patience, seconds
        try:
            yield
        finally:
            self.patience = before


@dataclass(slots=True)
class Door:
    """The way to a server: connects with deadlines, and rests after a try that took too long.

    A connection that was in use a moment ago is not tried: under load that would be one more question for each
    transaction, and a server that goes away breaks connections in use all the same.

    Where it is `pooled`, a pooler such as PgBouncer stands between, and gives each transaction another connection of
    the server: nothing may be prepared or set for longer than a transaction.
    """

    connect_seconds: int
    statement_seconds: int
    pooled: bool = False
    shut_until: float = 0.0
    #: The host and port, of several, that the last connection was made to.
    found_at: tuple[str, int] | None = None

    def guard(self, engine: Engine) -> None:
        """Let an engine connect through this door, and try each of its connections before it is used."""
        event.listen(engine, "do_connect", self._connect)
        event.listen(engine, "connect", lambda _connection, record: record.info.update(is_new=True))
        event.listen(engine, "checkin", lambda _connection, record: record.info.update(left=time.monotonic()))
        event.listen(engine, "checkout", self._check)
        if self.pooled and self.statement_seconds:
            event.listen(engine, "begin", self._limit_transaction)

    def _connect(self, _dialect: Any, _record: Any, arguments: Any, parameters: dict[str, Any]) -> Connection:
        begun = time.monotonic()
        if begun < self.shut_until:
            raise OperationalError("the database server did not answer a moment ago")
        seconds = self._statement_seconds()
        given = {
            "connect_timeout": self.connect_seconds,
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 1000 * (self.connect_seconds + 15),
            **({"options": f"-c statement_timeout={seconds}s"} if seconds and not self.pooled else {}),
            **({"prepare_threshold": None} if self.pooled else {}),
            **self._nearest_first(parameters),
        }
        try:
            connection = Connection.connect(*arguments, **given)
        except OperationalError:
            if time.monotonic() - begun >= self.connect_seconds * 0.9:
                self.shut_until = time.monotonic() + _REST_SECONDS
            raise
        connection.patience = seconds + _GRACE_SECONDS if seconds else 0.0
        self.found_at = connection.info.host, connection.info.port
        return connection

    def _statement_seconds(self) -> int:
        return self.statement_seconds * _Patience.times

    def _limit_transaction(self, connection: SqlConnection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{self._statement_seconds()}s'")

    def _nearest_first(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Move the host that was found last to the front, so that a dead one before it costs no time again."""
        if "," not in str(parameters.get("host", "")):
            return parameters
        hosts, ports = (str(parameters.get(name, "")).split(",") for name in ("host", "port"))
        ports = ports if len(ports) == len(hosts) else ports[:1] * len(hosts)  # one port is that of every host
        known = list(zip(hosts, ports, strict=True))
        order = sorted(known, key=lambda each: (each[0], int(each[1] or _USUAL_PORT)) != self.found_at)
        return {**parameters, "host": ",".join(each[0] for each in order), "port": ",".join(each[1] for each in order)}

    def _check(self, connection: Connection, record: Any, _proxy: Any) -> None:
        begun = time.monotonic()
        if record.info.pop("is_new", False) or begun - record.info.get("left", 0) < _FRESH_SECONDS:
            return
        try:
            with connection.waiting(PING_SECONDS):
                autocommit = connection.autocommit
                connection.autocommit = True
                connection.execute("SELECT 1")
                connection.autocommit = autocommit
        except psycopg.Error as error:
            if time.monotonic() - begun >= PING_SECONDS * 0.9:
                self.shut_until = time.monotonic() + _REST_SECONDS
            raise DisconnectionError("the connection is broken") from error
