"""Parts of a facet taken together: divisions by region, hours by weekday."""

from collections.abc import Mapping
from typing import Protocol

from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.schedule import hall_facts


class Grouping(Protocol):
    """Groups of a facet's parts. `name` is their argument in addresses, `of` its name as a message id."""

    name: str
    of: str

    def codes_of(self, hall_id: int) -> Mapping[str, tuple[str, ...]]:
        """Return the codes of the parts of each group."""

    def name_of(self, hall_id: int, group: str, language: str) -> str:
        """Return the name of a group in a reader's language."""


class Regions(Grouping):
    """The regions of the hall's origin set."""

    name = "region"
    of = N_("Region")

    def codes_of(self, hall_id: int) -> Mapping[str, tuple[str, ...]]:
        """Return the divisions of each region."""
        return hall_facts.get_hall(hall_id).origins.by_region()

    def name_of(self, hall_id: int, group: str, language: str) -> str:
        """Return the name of a region."""
        return hall_facts.get_hall(hall_id).origins.region_name(group, language)


class Weekdays(Grouping):
    """The weekdays; 0 is Monday."""

    name = "weekday"
    of = N_("Weekday")

    def codes_of(self, hall_id: int) -> Mapping[str, tuple[str, ...]]:
        """Return the hours of the week that lie in each day."""
        return _HOURS

    def name_of(self, hall_id: int, group: str, language: str) -> str:
        """Return the name of a weekday."""
        return formats.weekdays(language)[int(group)]


_HOURS = {str(day): tuple(str(24 * day + hour) for hour in range(24)) for day in range(7)}
REGIONS = Regions()
WEEKDAYS = Weekdays()
