"""The numbers of people by category in words."""

from collections.abc import Iterable

from hallapp.categories.values import Counts, Family
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language


def describe(families: Iterable[Family], counts: Counts) -> list[tuple[str, str]]:
    """Return the name of each family that is known, and its numbers in one line."""
    lang, found = language(), []
    for family in families:
        if family.number not in counts:
            continue
        numbers = [(one.name(lang), counts.get(one.number, 0)) for one in family.categories]
        if family.adds_up:
            rest = counts[family.number] - sum(people for _name, people in numbers)
            numbers.append((family.rest_name(lang) or _("Others"), rest))
        found.append((family.name(lang), " · ".join(f"{name} {people}" for name, people in numbers if people) or "0"))
    return found
