"""Names of ledger rows and filters, in the language in force."""

from collections.abc import Sequence

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.kinds.queries import list_kinds
from hallapp.ledger.facets import WAY_NAMES
from hallapp.ledger.models import EventKind, Way
from hallapp.reports import labels
from hallapp.reports.drilldown.filters import Filter
from hallapp.reports.lists.streams import EVENT_NAMES
from hallapp.schedule.models import Hall, Programme


class Names:
    """The names of a hall's programmes and kinds, and of all that is the same in every hall."""

    def __init__(self, hall: Hall, programmes: Sequence[Programme]) -> None:
        self.hall = hall
        self._kinds = list_kinds(hall.id)
        self._programmes = {one.id: one.name(language()) for one in programmes}

    def programme(self, number: int) -> str:
        """Return the name of a programme."""
        return self._programmes[number]

    def division(self, code: str) -> str:
        """Return the name of a division."""
        return self.hall.origins.name(code, language())

    def kind(self, code: str) -> str:
        """Return the name of a kind of organisation."""
        return self._kinds.name(code)

    def way(self, way: Way) -> str:
        """Return the name of a way into the ledger."""
        return _(WAY_NAMES[way])

    def event(self, kind: EventKind) -> str:
        """Return the name of a desk action."""
        return _(EVENT_NAMES[kind])

    def chosen(self, wanted: Filter) -> list[tuple[str, str, str]]:
        """Return the chosen filters: the argument, its name, and its value."""
        found = [
            (part.name, _(part.choice.of), labels.chosen_name(self.hall.id, part.choice, part.value))
            for part in wanted.parts
        ]
        if wanted.undated:
            found.append(("day", _("Day"), _("not known, only the month")))
        elif wanted.day:
            found.append(("day", _("Day"), formats.day(wanted.day, language(), year=True)))
        return found
