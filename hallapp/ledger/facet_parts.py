"""The parts of a facet: the listed ones of a report, their order, and their names in addresses and files.

A figure names a part by the text in `figure.part`. A report, an address and a file name it by a code, which is the same
text unless a class below says otherwise. The name of a part on a page depends on the reader's language;
`reports/labels.py` chooses it by the class of the parts.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqlalchemy import select

from hallapp.categories.queries import list_families
from hallapp.categories.values import CategoryFacts, Family
from hallapp.core.database import db
from hallapp.core.errors import N_
from hallapp.core.texts import Texts
from hallapp.guides.models import Guide
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import Kind
from hallapp.ledger.figures import NOTHING, Amount
from hallapp.origins import world
from hallapp.schedule import hall_facts
from hallapp.schedule import queries as schedule

HOURS = 7 * 24
_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """The name of a programme, a guide or a category when the figures were made; `code` is its word in exports.

    `others` has the names in further languages, if the hall gave any.
    """

    code: str
    zh: str
    en: str
    others: Texts = field(default_factory=Texts)

    @classmethod
    def of(cls, code: str, names: Texts) -> "Name":
        """Return a name in every language in which the hall gave one."""
        others = Texts({language: name for language, name in names.items() if language not in ("zh", "en")})
        return cls(code=code, zh=names("zh"), en=names("en"), others=others)

    def name(self, language: str) -> str:
        """Return the name in a reader's language, else in Chinese or English."""
        return self.others.get(language) or (self.zh if language.startswith("zh") else self.en)


class Place(Protocol):
    """A place with a name in each language."""

    def name(self, language: str) -> str:
        """Return the name in a reader's language."""


class ListedPart(NamedTuple):
    """One part as a report lists it; `name` is recorded where the hall itself gave it and may change it."""

    code: str
    amount: Amount
    name: Name | None = None


class Parts(Protocol):
    """The common interface of the parts of every facet."""

    #: The code and the name (a message id) of the people who are of no part; None where there are none.
    nothing: str | None = None
    nothing_name: str = ""

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the parts of a report in their order; `found` holds the amounts by the text in `figure.part`."""

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the text in `figure.part` for a code in an address, or None."""
        return next((part.code for part in self.list_parts(hall_id, {}) if part.code == code), None)

    def find_name(self, hall_id: int, code: str) -> Place | None:
        """Return the name that a part has in this hall alone at present, or None where all halls share it."""
        return None

    def file_code(self, code: str) -> str:
        """Return the code of a part in tables and spreadsheets."""
        return code


@dataclass(frozen=True)
class Words(Parts):
    """Parts that are the same in every hall, in this order, with the message ids of their names.

    A report lists all of them, or, if they are `many`, those with people.
    """

    names: Mapping[str, str]
    many: bool = False

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List all of them, or those with people."""
        parts = (ListedPart(code, found.get(code, NOTHING)) for code in self.names)
        return (part for part in parts if part.amount.visitors or not self.many)

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the code itself where there is such a part."""
        return code if code in self.names else None


@dataclass(frozen=True)
class Places(Parts):
    """Places by their codes. A report lists those with people, by code."""

    places: Mapping[str, Place]

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the places with people."""
        return (ListedPart(code, amount) for code, amount in sorted(found.items()) if amount.visitors)

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the code itself where there is such a place."""
        return code if code in self.places else None


class Divisions(Parts):
    """The divisions of the hall's origin set, in its order."""

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List all of them."""
        return (ListedPart(code, found.get(code, NOTHING)) for code in hall_facts.get_hall(hall_id).origins.divisions)

    def find_name(self, hall_id: int, code: str) -> Place | None:
        """Return the division, which has the name."""
        return hall_facts.get_hall(hall_id).origins.division(code)


class Countries(Parts):
    """The countries of people from abroad, most people first."""

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the countries with people."""
        known = sorted(found.items(), key=lambda entry: (-entry[1].visitors, entry[0]))
        return (ListedPart(code, amount) for code, amount in known if amount.visitors)

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the code itself where there is such a country."""
        return code if code in world.list_codes() else None


class Categories(Parts):
    """The families of categories of a hall in its order, each with its categories.

    The code of a family is its number, and a family has the people of whom its categories are known. The code of a
    category is `family.category`. A family that adds up ends with `family.rest`, the people in none of its categories.
    A hidden family or category is listed where people are counted in it.
    """

    REST = "rest"

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the families with their categories; nothing for a hall that has defined none."""
        for family in list_families(hall_id):
            known = found.get(str(family.number), NOTHING)
            if family.hidden and not known.visitors:
                continue
            code = str(family.number)
            yield ListedPart(code, known, _name_of(code, family.names))
            rest = known.visitors
            for one in family.categories:
                amount = found.get(str(one.number), NOTHING)
                rest -= amount.visitors
                if amount.visitors or not one.hidden:
                    code = f"{family.number}.{one.number}"
                    yield ListedPart(code, amount, _name_of(code, one.names))
            if family.adds_up:
                code = f"{family.number}.{self.REST}"
                yield ListedPart(code, Amount(rest, 0, 0), _name_of(code, family.rest))

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the number of a category, or of a family; the rest of a family has no rows of its own."""
        found = self._find(hall_id, code)
        return str(found.number) if found else None

    def find_name(self, hall_id: int, code: str) -> Name | None:
        """Return the present name of a category or a family."""
        found = self._find(hall_id, code)
        return _name_of(code, found.names) if found else None

    def _find(self, hall_id: int, code: str) -> Family | CategoryFacts | None:
        families = list_families(hall_id)
        mine = {f"{family.number}.{one.number}": one for family in families for one in family.categories}
        return mine.get(code) or next((family for family in families if str(family.number) == code), None)


def _name_of(code: str, names: Texts) -> Name | None:
    return Name.of(code, names) if names else None


class Programmes(Parts):
    """The hall's programmes, in its own order. The figures know a programme by its id, reports by its short name."""

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the programmes that the hall offers, and those that it gave up but that visitors came for."""
        for programme in schedule.list_all_programmes(hall_id):
            amount = found.get(str(programme.id), NOTHING)
            if programme.active or amount.visitors:
                yield ListedPart(programme.slug, amount, Name.of(programme.slug, programme.name))

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the id of the programme with a short name."""
        programmes = schedule.list_all_programmes(hall_id)
        return next((str(programme.id) for programme in programmes if programme.slug == code), None)

    def find_name(self, hall_id: int, code: str) -> Name | None:
        """Return the name of the programme with a short name."""
        programmes = (one for one in schedule.list_all_programmes(hall_id) if one.slug == code)
        return next((Name.of(code, one.name) for one in programmes), None)


class OrganisationKinds(Parts):
    """The kinds of organisation of a hall, in its order. Retired ones are listed where people are counted in them.

    A name is recorded where the hall chose it: figures filed without one keep the standard name.
    """

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the kinds, and last those of people of whose kind the hall has no row."""
        kinds = list_kinds(hall_id)
        for kind in (*kinds.values(), *(Kind(code=code, active=False) for code in sorted(found.keys() - kinds.keys()))):
            amount = found.get(kind.code, NOTHING)
            if kind.active or amount.visitors:
                yield ListedPart(kind.code, amount, _name_of(kind.code, kind.names))

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the code itself where there is such a kind."""
        return code if code in list_kinds(hall_id) else None

    def find_name(self, hall_id: int, code: str) -> Place | None:
        """Return the kind, which has the name."""
        return list_kinds(hall_id).get(code)


class Guides(Parts):
    """The guides by their numbers, most people first, and last the people without a guide."""

    #: The text in `figure.part` for the people without a guide.
    NOBODY = "0"
    nothing = "none"
    nothing_name = N_("Without a guide")

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the guides with people, and the people without a guide even where there are none."""
        led = {int(part): amount for part, amount in found.items() if part != self.NOBODY and amount.visitors}
        names = _list_guide_names(hall_id, led)
        for number, amount in sorted(led.items(), key=lambda entry: (-entry[1].visitors, entry[0])):
            yield ListedPart(str(number), amount, _guide_name(number, names[number]))
        yield ListedPart(self.nothing, found.get(self.NOBODY, NOTHING))

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the number of a guide; whether there is such a guide is not looked up."""
        if code == self.nothing:
            return self.NOBODY
        return code if _NUMBER.fullmatch(code) and code != self.NOBODY else None

    def find_name(self, hall_id: int, code: str) -> Name | None:
        """Return the present name of a guide."""
        names = _list_guide_names(hall_id, [int(code)]) if code != self.nothing else {}
        return next((_guide_name(number, name) for number, name in names.items()), None)

    def file_code(self, code: str) -> str:
        """Return the number of a guide; the people without a guide have no code."""
        return "" if code == self.nothing else code


class Hours(Parts):
    """The hours of the week with people, from 0 (Monday from midnight) to 167, and last the unknown hour."""

    #: The text in `figure.part` for the people whose hour is not known.
    UNKNOWN = ""
    nothing = "unknown"
    nothing_name = N_("not known")

    def list_parts(self, hall_id: int, found: Mapping[str, Amount]) -> Iterable[ListedPart]:
        """List the hours with people, and the unknown hour even where it has none."""
        known = sorted((int(part), amount) for part, amount in found.items() if part != self.UNKNOWN)
        yield from (ListedPart(str(hour), amount) for hour, amount in known if amount.visitors)
        yield ListedPart(self.nothing, found.get(self.UNKNOWN, NOTHING))

    def find_part(self, hall_id: int, code: str) -> str | None:
        """Return the hour itself where a week has such an hour."""
        if code == self.nothing:
            return self.UNKNOWN
        return code if _NUMBER.fullmatch(code) and int(code) < HOURS else None

    def file_code(self, code: str) -> str:
        """Return the weekday (1 is Monday) and the hour of the day: `1/09`."""
        if code == self.nothing:
            return ""
        weekday, hour = divmod(int(code), 24)
        return f"{weekday + 1}/{hour:02}"


def _guide_name(number: int, name: str) -> Name:
    return Name(code=str(number), zh=name, en=name)


def _list_guide_names(hall_id: int, ids: Collection[int]) -> Mapping[int, str]:
    if not ids:
        return {}
    rows = db.session.execute(select(Guide.id, Guide.name).where(Guide.hall_id == hall_id, Guide.id.in_(ids)))
    return {number: name for number, name in rows}  # noqa: C416 — a row is no pair for the types
