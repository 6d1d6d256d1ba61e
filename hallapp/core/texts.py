"""Texts that a hall writes in each of its languages: one value that holds them all, and the column that stores it.

A model declares `name: Mapped[Texts] = texts_column(120)`, and a page asks for `hall.name(language)`. So a language is
a key of the stored value, no column: any language of the catalogues can be offered without a change of the tables.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

from sqlalchemy import Column, String, Text, TypeDecorator, event, inspect, text, update
from sqlalchemy.orm import ColumnProperty, MappedColumn, mapped_column

from hallapp.core.database import Model

LONG = 2_000  # characters of a text without a limit of its own
_MOST_READ = 1_000  # texts in all their languages that a process keeps as they were read


class Texts(Mapping[str, str]):
    """A text in several languages, in the hall's order; immutable. It has no empty texts."""

    __slots__ = ("_by_language",)

    def __init__(self, by_language: Mapping[str, str] | None = None) -> None:
        self._by_language = {language: words for language, words in (by_language or {}).items() if words}

    def __call__(self, language: str, preferred: Iterable[str] = ()) -> str:
        """Return the text in a reader's language, else in the nearest one that there is; empty if there is none.

        The nearest is another script of the same language (zh for zh_Hant), then the first of `preferred`, then the
        first in which there is a text.
        """
        own = self._by_language
        if language in own:
            return own[language]
        base = language.partition("_")[0]
        related = (one for one in own if one.partition("_")[0] == base)
        order = (*related, *(one for one in preferred if one in own), *own)
        return own[order[0]] if order else ""

    def updated(self, changes: Mapping[str, str]) -> "Texts":
        """Return these texts with some languages changed; those that are not named stay."""
        return Texts({**self._by_language, **changes})

    def replaced(self, texts: Mapping[str, str], offered: Iterable[str]) -> "Texts":
        """Return new texts for the languages that a hall offers; texts in its other languages stay."""
        languages = tuple(offered)
        kept = {language: words for language, words in self._by_language.items() if language not in languages}
        return Texts({**texts, **kept})

    def stripped(self) -> "Texts":
        """Return these texts without space around them."""
        return Texts({language: words.strip() for language, words in self._by_language.items()})

    def __getitem__(self, language: str) -> str:
        return self._by_language[language]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_language)

    def __len__(self) -> int:
        return len(self._by_language)

    def __hash__(self) -> int:
        return hash(frozenset(self._by_language.items()))

    def __repr__(self) -> str:
        return f"Texts({self._by_language!r})"


class TextsType(TypeDecorator[Texts]):
    """Stores `Texts` as a JSON object in a text, which databases can compare; `most` limits each language."""

    impl = Text
    cache_ok = True

    def __init__(self, most: int = LONG) -> None:
        super().__init__()
        self.most = most

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Any) -> Any:
        """Return the JSON object."""
        return json.dumps(dict(Texts(value)), ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Any) -> Texts:
        """Return the stored texts."""
        return _read(value) if value else _NONE


@lru_cache(maxsize=_MOST_READ)
def _read(stored: str) -> Texts:
    """Return stored texts. Every page reads a row with some twenty of them, which hardly ever change."""
    return Texts(json.loads(stored))


_NONE = Texts()


def texts_column(most: int = LONG) -> MappedColumn[Any]:
    """Return a column of texts in several languages; a new row has none."""
    return mapped_column(TextsType(most), default=Texts, server_default=text("'{}'"))


_names: dict[type, list[str]] = {}


@event.listens_for(Model, "attribute_instrument", propagate=True)
def _take_mappings(model: type, name: str, attribute: Any) -> None:
    """Let a row take a plain dictionary where it has texts."""
    found = attribute.property
    if isinstance(found, ColumnProperty) and isinstance(found.columns[0].type, TextsType):
        _names.setdefault(model, []).append(name)
        event.listen(attribute, "set", lambda _row, value, _old, _initiator: Texts(value), retval=True)


@event.listens_for(Model, "init", propagate=True)
def _begin_without_texts(row: Any, _args: Any, values: dict[str, Any]) -> None:
    for name in _names.get(type(row), ()):
        values.setdefault(name, Texts())


class Former(NamedTuple):
    """A column that only the version before reads: its type, the attribute in its place, and its value from there.

    `empty` is the default that the database itself has for it.
    """

    name: str
    kind: Any
    attribute: str
    value: Callable[[Any], Any]
    empty: Any = None


def former_texts(*, empty: Any = None, **lengths: tuple[int, int] | None) -> Iterator[Former]:
    """Yield the two former columns of each text, such as `name_zh` and `name_en`; the lengths are None for no limit."""
    for name, limits in lengths.items():
        for number, language in enumerate(("zh", "en")):
            most = limits[number] if limits else None
            kind = String(most) if most else Text()
            yield Former(f"{name}_{language}", kind, name, partial(_former_text, language, most), empty)


def mirror(model: type[Model], formers: Iterable[Former]) -> None:
    """Write attributes of a model into their former columns too.

    The version before this one reads only those, and both serve side by side while machines are renewed one by one. To
    be removed in the next version, and the columns in the one after it (docs/scaling.md).
    """
    table: Any = model.__table__
    known = tuple(formers)
    for one in known:
        value = _of_new_row(one, inspect(model).attrs[one.attribute].columns[0].key)
        table.append_column(Column(one.name, one.kind, nullable=False, default=value, server_default=one.empty))

    def write(_mapper: Any, connection: Any, row: Any) -> None:
        state = inspect(row)
        changed = [one for one in known if state.attrs[one.attribute].history.has_changes()]
        if changed:
            keys = [column == getattr(row, column.key) for column in table.primary_key]
            values = {one.name: one.value(getattr(row, one.attribute)) for one in changed}
            connection.execute(update(table).where(*keys).values(values))

    event.listen(model, "after_update", write)


def _of_new_row(former: Former, key: str) -> Callable[[Any], str]:
    """Return the default by which an INSERT writes a former column, from the value that it has for the column `key`."""

    def find(context: Any) -> str:
        return former.value(context.get_current_parameters()[key])

    return find


def _former_text(language: str, most: int | None, texts: Texts) -> str:
    return texts.get(language, "")[:most]
