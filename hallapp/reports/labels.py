"""Names of the facets' parts in the language in force: the only place that turns a code into words."""

from collections.abc import Callable
from typing import Any

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.kinds.values import standard_name
from hallapp.ledger.facet_parts import Categories, Countries, Hours, OrganisationKinds, Place, Places, Words
from hallapp.ledger.facets import Choice, Facet
from hallapp.origins import world


def part_name(facet: Facet, code: str, name: Place | None = None) -> str:
    """Return the name of a part of a facet; `name` is the stored one where the hall itself named it."""
    parts = facet.parts
    if name:
        return name.name(language())
    if parts and code == parts.nothing:
        return _(parts.nothing_name)
    namer = _NAMERS.get(type(parts))
    return namer(parts, code) if namer else _("Unknown")


def chosen_name(hall_id: int, choice: Choice, text: str) -> str:
    """Return the name of the value of an address argument."""
    if choice.grouping:
        return choice.grouping.name_of(hall_id, text, language())
    parts = choice.facet.parts
    return part_name(choice.facet, text, parts.find_name(hall_id, text) if parts else None)


def _hour(_parts: Any, code: str) -> str:
    weekday, hour = divmod(int(code), 24)
    return f"{formats.weekdays(language())[weekday]} {formats.hour_span(hour)}"


_NAMERS: dict[type, Callable[[Any, str], str]] = {
    OrganisationKinds: lambda _parts, code: standard_name(code, language()),  # the hall chose no other name
    Categories: lambda _parts, _code: _("Others"),  # the rest of a family, to which the hall gave no name
    Words: lambda parts, code: _(parts.names[code]),
    Places: lambda parts, code: parts.places[code].name(language()),
    Countries: lambda _parts, code: world.country_name(code, language()),
    Hours: _hour,
}
