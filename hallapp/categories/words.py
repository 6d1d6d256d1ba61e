"""The numbers of people by category in words."""

from collections.abc import Iterable

from hallapp.categories.values import Counts, Family
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language


def describe(families: Iterable[Family], counts: Counts, *, people: int | None = None) -> list[tuple[str, str]]:
    """Return the name of each family that is known, and its numbers in one line.

    With the number of all `people`, those of whom the family is not known are named as well.
    """
    lang, found = language(), []
    for family in families:
        if family.number not in counts:
            continue
        numbers = [(one.name(lang), counts.get(one.number, 0)) for one in family.categories]
        if family.adds_up:
            rest = counts[family.number] - sum(people for _name, people in numbers)
            numbers.append((family.rest_name(lang) or _("Others"), rest))
        if people is not None:
            numbers.append((_("Not recorded"), people - counts[family.number]))
        found.append((family.name(lang), " · ".join(f"{name} {people}" for name, people in numbers if people) or "0"))
    return found
