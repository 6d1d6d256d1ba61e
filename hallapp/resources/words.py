"""Resources in words."""

from collections.abc import Iterable

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import has_plural, language
from hallapp.core.texts import Texts
from hallapp.resources.values import Quantities, ResourceFacts


def unit(one: ResourceFacts) -> str:
    """Return the unit in the reader's language, empty where there is none.

    A unit of another language is not shown: a measure word belongs to the grammar of its own language.
    """
    base = language().partition("_")[0]
    return Texts({code: word for code, word in one.unit.items() if code.partition("_")[0] == base})(language())


def amount(one: ResourceFacts, count: int) -> str:
    """Return a quantity with its unit, such as “12 sets”; a language that needs a measure word has a general one.

    A hall writes the unit in the plural, if its language has one: 1 is then shown without it.
    """
    word = "" if count == 1 and has_plural(language()) else unit(one)
    return _("%(count)s %(unit)s", count=count, unit=word) if word else _("%(count)s", count=count)


def describe(resources: Iterable[ResourceFacts], held: Quantities) -> list[tuple[str, str]]:
    """Return the name and the quantity of each resource that a booking has."""
    return [(one.name(language()), amount(one, held[one.number])) for one in resources if held.get(one.number)]


def in_one_line(resources: Iterable[ResourceFacts], held: Quantities) -> str:
    """Return what a booking has in one line, such as “Headsets 12 sets · Session room 1”; empty for nothing."""
    return " · ".join(_("%(name)s %(amount)s", name=name, amount=count) for name, count in describe(resources, held))


def rule(one: ResourceFacts) -> str:
    """Return how many of a resource a group may have, or has by rule."""
    most = amount(one, one.per_booking)
    if one.people_each == 1:
        return _("%(most)s for each person", most=most)
    if one.people_each:
        return _("%(most)s for every %(people)s people or part of them", most=most, people=one.people_each)
    return _("%(most)s per booking", most=most)
