"""China's set, the default: the 34 provincial-level divisions of GB/T 2260, overseas and not stated.

The table is `divisions.csv` beside this file. Source: GB/T 2260 (codes), ISO 3166-2:CN (CN-GD); the tile positions
are this project's own.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from hallapp.core.errors import N_
from hallapp.core.i18n import ngettext
from hallapp.origins.values import OVERSEAS, UNKNOWN, Division, OriginSet, Region, Words, message, named

CODE = "cn"
_OUTER = ("710000", "810000", "820000")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChinaDivision(Division):
    """A provincial-level division with its short and full Chinese names, its English one, and its kind."""

    zh: str
    zh_full: str
    en: str
    kind: str


def make_set(home: str) -> OriginSet:
    """Return China's set for a hall in one of the divisions."""
    return OriginSet(code=CODE, home=home, divisions=DIVISIONS, regions=_REGIONS, words=_WORDS)


def _region_of(code: str) -> str:
    return {OVERSEAS: OVERSEAS, UNKNOWN: UNKNOWN, **dict.fromkeys(_OUTER, "outer")}.get(code, "mainland")


_REGIONS = (
    Region(code="mainland", namer=message(N_("Chinese mainland"))),
    Region(code="outer", namer=message(N_("Hong Kong, Macao and Taiwan"))),
    Region(code=OVERSEAS, namer=message(N_("Overseas"))),
    Region(code=UNKNOWN, namer=message(N_("Not stated"))),
)
_WORDS = Words(
    one=N_("Division"),
    many=N_("Divisions"),
    places=N_("provincial-level divisions"),
    total=N_("Divisions of the 34"),
    home=N_("provincial-level divisions of our visitors (of 34)"),
    some=N_("%(count)s of the %(all)s provincial-level divisions"),
    every=N_("all %(all)s provincial-level divisions"),
    screen_some=N_("%(count)s of the 34 provincial-level divisions"),
    screen_every=N_("all 34 provincial-level divisions"),
    reached=N_("People from %(count)s of the 34 divisions: %(when)s"),
    none=N_("No visitors from any of the %(all)s divisions."),
    ranked=N_("Divisions by people"),
    first=N_("First visit from this division"),
    sum=N_("Sum of divisions"),
    mixed=N_(
        "A group counts once on each day on which it arrived. A group of mixed origin counts "
        "once in the totals, and once in each division from which it brought people, so the "
        "groups of the divisions may add up to more than the total."
    ),
    tiles=N_("Tiles are placed roughly where the divisions are; this is a chart, not a map, and shows no boundaries."),
    lacking=lambda _origins, count: ngettext(
        "No visitors from %(num)s division.", "No visitors from %(num)s divisions.", count
    ),
    note=N_(
        "Divisions are the 34 provincial-level divisions of GB/T 2260. Overseas and not stated "
        "are listed beside them, and are part of the people and of the shares."
    ),
)


def _read() -> dict[str, ChinaDivision]:
    with (Path(__file__).parent / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: ChinaDivision(
                code=row["code"],
                iso=row["iso_3166_2"],
                region=_region_of(row["code"]),
                tile=(int(row["tile_column"]), int(row["tile_row"])) if row["tile_column"] else None,
                namer=named({"zh": row["zh"], "en": row["en"]}),
                also=(row["zh_full"],),
                zh=row["zh"],
                zh_full=row["zh_full"],
                en=row["en"],
                kind=row["kind"],
            )
            for row in csv.DictReader(file)
        }


#: Every division by its code, in code order, overseas and not stated last: 36 of them.
DIVISIONS: dict[str, ChinaDivision] = _read()


def get_division(code: str) -> ChinaDivision:
    """Return the division of a code. Raises KeyError for an unknown one."""
    return DIVISIONS[code]
