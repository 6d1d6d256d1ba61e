"""What of a migration the code before it could not live with, found in the migration's source."""

import ast
import re
from collections.abc import Iterator

#: Operations that take something away, or ask more of a row than code before them knows.
_REFUSED = (
    *("drop_column", "drop_table", "rename_table"),
    *("create_unique_constraint", "create_check_constraint", "create_foreign_key", "create_exclude_constraint"),
)
_REFUSED_SQL = re.compile(r"\b(DROP\s+(TABLE|COLUMN)|RENAME\s+(TO|COLUMN)|SET\s+NOT\s+NULL|ADD\s+CONSTRAINT)\b", re.I)
_DECLARATION = "announced_in"


def announced_in(source: str) -> str | None:
    """The version whose changelog has announced the removals of this migration, where it declares one."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and _names(statement.targets) == [_DECLARATION]:
            value = ast.literal_eval(statement.value)
            return str(value)
    return None


def offences(source: str) -> list[str]:
    """What this migration does to the code before it, a phrase each; `downgrade` is not looked at."""
    body = [part for part in ast.parse(source).body if getattr(part, "name", "") != "downgrade"]
    calls = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    return [found for call in calls for found in _of_call(call)]


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in _REFUSED:
        yield name
    elif name == "create_index" and _is(given.get("unique"), wanted=True):
        yield "create_index(unique=True)"
    elif name == "alter_column":
        kept = {"type_"} if _is_wider(given) else set()
        yield from (f"alter_column({each})" for each in ("new_column_name", "type_") if each in given.keys() - kept)
        if _is(given.get("nullable"), wanted=False):
            yield "alter_column(nullable=False)"
    elif name == "add_column":
        yield from _of_new_column(call)
    yield from _of_sql(call)


def _is_wider(given: dict[str | None, ast.expr]) -> bool:
    """Whether a text may be longer than before, which code before it does not notice."""
    before, after = (_length(given.get(name)) for name in ("existing_type", "type_"))
    return 0 < before < after


def _length(node: ast.expr | None) -> int:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "String"):
        return 0
    given = {keyword.arg: keyword.value for keyword in node.keywords}.get("length")
    return int(given.value) if isinstance(given, ast.Constant) and isinstance(given.value, int) else 0


def _of_new_column(call: ast.Call) -> Iterator[str]:
    """A column that must have a value but has no default of the server's: the code before does not give it one."""
    for node in ast.walk(call):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "Column":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            if _is(given.get("nullable"), wanted=False) and "server_default" not in given:
                yield "add_column without server_default"


def _of_sql(call: ast.Call) -> Iterator[str]:
    texts = (argument.value for argument in call.args if isinstance(argument, ast.Constant))
    yield from (found[0].upper() for text in texts if (found := _REFUSED_SQL.search(str(text))))


def _is(value: ast.expr | None, *, wanted: bool) -> bool:
    return isinstance(value, ast.Constant) and value.value is wanted


def _names(targets: list[ast.expr]) -> list[str]:
    return [target.id for target in targets if isinstance(target, ast.Name)]
