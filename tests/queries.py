"""Statements that reach the database, for tests of how many a page or a service needs."""

from typing import Any

from sqlalchemy import event

from hallapp.core.database import db


class Queries:
    """Collects the statements that are sent to the database within a `with` block."""

    def __enter__(self) -> "Queries":
        self.sent: list[str] = []
        event.listen(db.engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(db.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.sent.append(statement)

    @property
    def number(self) -> int:
        """How many there were."""
        return len(self.sent)
