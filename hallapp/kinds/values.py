"""The kinds of a hall as plain values."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, String, func, or_, type_coerce

from hallapp.core.i18n import force_locale, gettext, language
from hallapp.core.texts import Texts
from hallapp.kinds.standard import INDIVIDUAL, NAMES

#: The codes of a hall's own kinds of individuals begin with this, so that a code alone says what it is of.
_INDIVIDUALS = f"{INDIVIDUAL}-"


def is_individual(code: str) -> bool:
    """Return whether a kind is of individuals, who have no organisation: their name may be a person's."""
    return code == INDIVIDUAL or code.startswith(_INDIVIDUALS)


def individual_in_sql(column: Any) -> ColumnElement[bool]:
    """Return `is_individual` of a column."""
    code = type_coerce(column, String)
    return or_(code == INDIVIDUAL, func.substr(code, 1, len(_INDIVIDUALS)) == _INDIVIDUALS)


def standard_name(code: str, reader: str) -> str:
    """Return the standard name of a kind in a language; its code where it is no standard kind."""
    if code not in NAMES:
        return code
    if reader == language():
        return gettext(NAMES[code])
    with force_locale(reader):
        return gettext(NAMES[code])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of organisation, as `models.OrganisationKind` describes it; `names` are the hall's own."""

    code: str
    names: Texts = field(default_factory=Texts)
    active: bool = True

    def name(self, reader: str) -> str:
        """Return the name in a reader's language."""
        return self.names(reader) or standard_name(self.code, reader)

    def in_languages(self, languages: Iterable[str]) -> Texts:
        """Return the names in these languages."""
        return Texts({reader: self.name(reader) for reader in languages})


class Kinds(Mapping[str, Kind]):
    """The kinds of a hall by their codes, in its order, those that are no longer offered too; immutable."""

    __slots__ = ("_by_code",)

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._by_code = {kind.code: kind for kind in kinds}

    def __getitem__(self, code: str) -> Kind:
        return self._by_code[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_code)

    def __len__(self) -> int:
        return len(self._by_code)

    def __hash__(self) -> int:
        return hash(tuple(self._by_code.values()))

    @property
    def offered(self) -> tuple[Kind, ...]:
        """Return the kinds that groups can still be of."""
        return tuple(kind for kind in self._by_code.values() if kind.active)

    def is_offered(self, code: str) -> bool:
        """Return whether a new group can be of this kind."""
        return code in self._by_code and self._by_code[code].active

    def name(self, code: str) -> str:
        """Return the name of a kind in the language in force; its code where the hall has no such kind."""
        return self._by_code.get(code, Kind(code=code)).name(language())
