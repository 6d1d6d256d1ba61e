"""An origin set of a hall's own, read from a CSV file: one place in each row, in the order of reports.

The columns are `code`, `name` (for readers of every language) or `name_en`, `name_zh` and so on, and, where wanted,
`region` (likewise `region_en` …) and `column` and `row`, the place on the tile map, from 0. All faults of a file are
reported together, each with its row; a file with a fault changes nothing.
"""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hallapp.core.errors import N_
from hallapp.origins.errors import FileFault, OriginsFileRefused
from hallapp.origins.values import (
    APART,
    OVERSEAS,
    UNKNOWN,
    Division,
    Namer,
    OriginSet,
    Region,
    Words,
    message,
    named,
)

PREFIX = "own-"
FILE_MOST = 256 * 1024  # bytes
PLACES_MOST = 300
NAME_MOST = 60
TILES_MOST = 24  # columns and rows of a tile map
_SHOWN_MOST = 20
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,7}")
_HEADING = re.compile(r"(name|region)(?:_([a-z]{2,3}(?:_[a-z]{4})?))?")
_WORDS = Words(
    one=N_("Place of origin"),
    many=N_("Places of origin"),
    places=N_("places of origin"),
    note=N_(
        "Places of origin are those that the hall counts by. Visitors from abroad and people whose origin is not "
        "stated are listed beside them, and are part of the people and of the shares."
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row of the file. The names are by language; the key `*` is the name for all others."""

    code: str
    names: Mapping[str, str]
    region: Mapping[str, str]
    tile: tuple[int, int] | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Place":
        """Return the place of a stored row."""
        return cls(**{**row, "tile": tuple(row["tile"]) if row["tile"] else None})

    def stored(self) -> dict[str, Any]:
        """Return the row to store."""
        return asdict(self)


def code_of(places: Sequence[Place]) -> str:
    """Return the code under which a hall stores these places: equal places have an equal code."""
    content = json.dumps([place.stored() for place in places], sort_keys=True, ensure_ascii=False)
    return f"{PREFIX}{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def make_set(code: str, home: str, places: Sequence[Place]) -> OriginSet:
    """Return the set of these places."""
    numbers = _number_regions(places)
    divisions = {
        one.code: Division(
            code=one.code, region=numbers.get(_key(one.region), "all"), tile=one.tile, namer=_namer(one.names)
        )
        for one in places
    }
    apart = {
        OVERSEAS: Division(code=OVERSEAS, region=OVERSEAS, namer=message(N_("Abroad"))),
        UNKNOWN: Division(code=UNKNOWN, region=UNKNOWN, namer=message(N_("Not stated"))),
    }
    names = {_key(one.region): one.region for one in places}
    regions = [Region(code=number, namer=_namer(names[key])) for key, number in numbers.items()]
    if any(one.region == "all" for one in divisions.values()):
        regions.append(Region(code="all", namer=message(N_("Other places") if numbers else N_("All places"))))
    return OriginSet(
        code=code,
        home=home,
        divisions=divisions | apart,
        regions=(*regions, *(Region(code=one.code, namer=one.namer) for one in apart.values())),
        words=_WORDS,
    )


def read_file(content: bytes) -> list[Place]:
    """Return the places of a file. Raises OriginsFileRefused with every fault of it."""
    rows = _rows(content)
    heads = [_heading(cell) for cell in rows[0]]
    missing = [name for name in ("code", "name") if name not in [head.partition("_")[0] for head in heads]]
    if missing:
        raise _refused(FileFault(1, N_("The column “%(name)s” is missing."), name=missing[0]))
    unknown = [cell for cell, head in zip(rows[0], heads, strict=True) if not head and cell.strip()]
    if unknown:
        raise _refused(FileFault(1, N_("The column “%(name)s” is not known."), name=unknown[0][:40]))
    found: list[tuple[int, Place]] = []
    faults: list[FileFault] = []
    for number, cells in enumerate(rows[1:], 2):
        values = dict(zip(heads, (cell.strip() for cell in cells), strict=False))
        if not any(values.values()):
            continue
        try:
            found.append((number, _place(number, values)))
        except OriginsFileRefused as refused:
            faults += refused.faults
    faults += _faults_together(found)
    if not found and not faults:
        faults.append(FileFault(2, N_("The file has no place.")))
    if len(found) > PLACES_MOST:
        faults.append(FileFault(PLACES_MOST + 2, N_("A set has at most %(most)s places."), most=PLACES_MOST))
    if faults:
        raise OriginsFileRefused(sorted(faults, key=lambda fault: fault.at)[:_SHOWN_MOST])
    return [place for _number, place in found]


def too_large() -> FileFault:
    """Return the fault of a file that is too large."""
    return FileFault(1, N_("The file is larger than %(most)s KB."), most=FILE_MOST // 1024)


def _rows(content: bytes) -> list[list[str]]:
    if len(content) > FILE_MOST:
        raise _refused(too_large())
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused(FileFault(1, N_("The file is not UTF-8 text. Save it as “CSV UTF-8”."))) from None
    if "\0" in text:
        raise _refused(FileFault(1, N_("The file is not UTF-8 text. Save it as “CSV UTF-8”.")))
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)  # a spreadsheet in German writes semicolons
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise _refused(FileFault(1, N_("The file is not a CSV table (%(error)s)."), error=str(error))) from None
    if not rows:
        raise _refused(FileFault(1, N_("The file is empty.")))
    return rows


def _heading(cell: str) -> str:
    """Return the column that a heading names; an empty text for an unknown one."""
    text = cell.strip().casefold().replace("-", "_")
    return text if text in ("code", "column", "row") or _HEADING.fullmatch(text) else ""


def _place(number: int, values: Mapping[str, str]) -> Place:
    code = values.get("code", "")
    faults = []
    if not _CODE.fullmatch(code):
        wrong = N_("“%(text)s” is no code: use 1 to 8 letters, digits, dots and hyphens.")
        faults.append(FileFault(number, wrong, text=code[:40]))
    elif code.casefold() in APART or code.casefold() in ("all",):
        faults.append(FileFault(number, N_("The code “%(text)s” is in use already for other people."), text=code))
    names, region = _by_language(values, "name"), _by_language(values, "region")
    if not names:
        faults.append(FileFault(number, N_("The name is missing.")))
    for text in (*names.values(), *region.values()):
        if len(text) > NAME_MOST or not text.isprintable():
            faults.append(FileFault(number, N_("A name has at most %(most)s characters, in one line."), most=NAME_MOST))
            break
    tile = _tile(values.get("column", ""), values.get("row", ""))
    if isinstance(tile, str):
        faults.append(FileFault(number, tile, most=TILES_MOST - 1))
    if faults:
        raise OriginsFileRefused(faults)
    return Place(code=code, names=names, region=region, tile=None if isinstance(tile, str) else tile)


def _by_language(values: Mapping[str, str], name: str) -> dict[str, str]:
    found = {}
    for head, text in values.items():
        match = _HEADING.fullmatch(head)
        if match and match[1] == name and text:
            found[match[2] or "*"] = text
    return found


def _tile(column: str, row: str) -> tuple[int, int] | str | None:
    """Return the place on the tile map, None without one, or what is wrong with it."""
    if not column and not row:
        return None
    if not (column.isascii() and column.isdigit() and row.isascii() and row.isdigit()):
        return N_("Column and row of the tile map are both whole numbers from 0 to %(most)s, or both empty.")
    tile = int(column[:4]), int(row[:4])
    if max(tile) >= TILES_MOST:
        return N_("Column and row of the tile map are both whole numbers from 0 to %(most)s, or both empty.")
    return tile


def _faults_together(found: Sequence[tuple[int, Place]]) -> Iterable[FileFault]:
    """Yield what several rows may not share: a code, a name, a tile."""
    seen: dict[tuple[str, Any], int] = {}
    for number, place in found:
        keys: list[tuple[str, Any]] = [("code", place.code.casefold())]
        keys += [("name", pair) for pair in place.names.items()]
        keys += [("tile", place.tile)] if place.tile else []
        for key in keys:
            if key in seen:
                yield FileFault(number, _SHARED[key[0]], row=seen[key])
            else:
                seen[key] = number
    tiled = Counter(bool(place.tile) for _number, place in found)
    if tiled[True] and tiled[False]:
        number = next(number for number, place in found if not place.tile)
        yield FileFault(number, N_("Give every place a column and a row, or none."))


_SHARED = {
    "code": N_("This code is in row %(row)s already."),
    "name": N_("This name is in row %(row)s already."),
    "tile": N_("This column and row of the tile map are in row %(row)s already."),
}


def _key(region: Mapping[str, str]) -> str:
    return "\n".join(f"{language}:{name}" for language, name in sorted(region.items()))


def _number_regions(places: Iterable[Place]) -> dict[str, str]:
    """Return a code for each region, by its names, in the order of the file."""
    keys = dict.fromkeys(_key(one.region) for one in places if one.region)
    return {key: f"region-{number}" for number, key in enumerate(keys, 1)}


def _namer(names: Mapping[str, str]) -> Namer:
    by_language, other = named({key: name for key, name in names.items() if key != "*"}), names.get("*")
    own = {key for key in names if key != "*"}

    def name(language: str) -> str:
        if other and language not in own and language.split("_")[0] not in own:
            return other
        return by_language(language)

    return name


def _refused(fault: FileFault) -> OriginsFileRefused:
    return OriginsFileRefused([fault])
