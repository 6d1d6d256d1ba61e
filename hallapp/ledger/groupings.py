"""Parts of a facet taken together: divisions by region, hours by weekday."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hallapp.core.errors import N_
from hallapp.divisions import DIVISIONS, OVERSEAS, UNKNOWN

_OUTER = ("710000", "810000", "820000")


class Region(StrEnum):
    """The four regions that people come from."""

    MAINLAND = "mainland"
    OUTER = "outer"  # Hong Kong, Macao and Taiwan
    OVERSEAS = "overseas"
    UNKNOWN = "unknown"


#: The names of the four regions, as message ids.
REGION_NAMES: dict[Region, str] = {
    Region.MAINLAND: N_("Chinese mainland"),
    Region.OUTER: N_("Hong Kong, Macao and Taiwan"),
    Region.OVERSEAS: N_("Overseas"),
    Region.UNKNOWN: N_("Not stated"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """Codes of a facet's parts by the name of their group in addresses.

    `of` is the name of the attribute, as a message id; `names` are those of the groups, None where they are weekdays.
    """

    name: str
    of: str
    codes: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str] | None = None


def region_of(code: str) -> Region:
    """Return the region in which a division lies."""
    apart = {OVERSEAS: Region.OVERSEAS, UNKNOWN: Region.UNKNOWN, **dict.fromkeys(_OUTER, Region.OUTER)}
    return apart.get(code, Region.MAINLAND)


REGIONS = Grouping(
    name="region",
    of=N_("Region"),
    codes={region.value: tuple(code for code in DIVISIONS if region_of(code) is region) for region in Region},
    names={region.value: name for region, name in REGION_NAMES.items()},
)
#: 0 is Monday.
WEEKDAYS = Grouping(
    name="weekday",
    of=N_("Weekday"),
    codes={str(day): tuple(str(24 * day + hour) for hour in range(24)) for day in range(7)},
)
