"""What the rows of the ledger and the filters over them are called, in the language in force."""

from collections.abc import Callable, Sequence

from flask_babel import gettext as _

from hallapp.booking.models import KIND_NAMES, OrganisationKind
from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import language
from hallapp.divisions import DIVISIONS
from hallapp.ledger.models import EventKind, Standing, Way
from hallapp.prefectures import PREFECTURES
from hallapp.reports import queries, words
from hallapp.reports.filters import UNKNOWN, Filter, Part
from hallapp.reports.parts import Region
from hallapp.reports.streams import EVENT_NAMES
from hallapp.schedule.models import Hall, Programme

_FILTER_NAMES = {
    "division": N_("Division"),
    "region": N_("Region"),
    "prefecture": N_("Prefecture"),
    "programme": N_("Programme"),
    "kind": N_("Kind of organisation"),
    "source": N_("Way"),
    "guide": N_("Guide"),
    "hour": N_("Hour"),
    "weekday": N_("Weekday"),
    "organisation": N_("Organisation"),
    "day": N_("Day"),
}


class Names:
    """The names of a hall's programmes and guides, and of all that is the same in every hall."""

    def __init__(self, hall: Hall, programmes: Sequence[Programme]) -> None:
        self.hall = hall
        self._programmes = {one.id: one.name(language()) for one in programmes}
        self._slugs = {one.slug: one.name(language()) for one in programmes}

    def programme(self, number: int) -> str:
        """What a programme is called."""
        return self._programmes[number]

    def division(self, code: str) -> str:
        """What a division is called."""
        return DIVISIONS[code].name(language())

    def kind(self, kind: OrganisationKind) -> str:
        """What a kind of organisation is called."""
        return _(KIND_NAMES[kind])

    def event(self, kind: EventKind) -> str:
        """What a desk did."""
        return _(EVENT_NAMES[kind])

    def chosen(self, wanted: Filter) -> list[tuple[str, str, str]]:
        """By what rows are chosen: the argument, what it is of, and its value."""
        found = [(part.name, _(_FILTER_NAMES[part.name]), self._value(part)) for part in wanted.parts]
        if wanted.undated:
            found.append(("day", _("Day"), _("not known, only the month")))
        elif wanted.day:
            found.append(("day", _("Day"), formats.day(wanted.day, language(), year=True)))
        return found

    def _value(self, part: Part) -> str:
        text = part.value
        names: dict[str, Callable[[], str]] = {
            "division": lambda: self.division(text),
            "region": lambda: _(words.REGION_NAMES[Region(text)]),
            "prefecture": lambda: PREFECTURES[text].name(language()),
            "programme": lambda: self._slugs[text],
            "kind": lambda: self.kind(OrganisationKind(text)),
            "source": lambda: _(words.WAY_NAMES[Way(text)]),
            "guide": lambda: self._guide(text),
            "hour": lambda: _hour(text),
            "weekday": lambda: formats.weekdays(language())[int(text)],
            "organisation": lambda: _(words.STANDING_NAMES[Standing(text)]),
        }
        return names[part.name]()

    def _guide(self, text: str) -> str:
        if text == "none":
            return _("Without a guide")
        return queries.list_guide_names(self.hall.id, [int(text)]).get(int(text), _("Unknown"))


def _hour(text: str) -> str:
    """An hour of the week."""
    if text == UNKNOWN:
        return _("not known")
    weekday, hour = divmod(int(text), 24)
    return f"{formats.weekdays(language())[weekday]} {hour:02}:00–{hour + 1:02}:00"
