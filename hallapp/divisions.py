"""The 34 provincial-level divisions of GB/T 2260, overseas and not stated: code, ISO 3166-2 code, names, tile position.

The table is `divisions.csv` beside this file. Source: GB/T 2260 (codes), ISO 3166-2:CN (CN-GD); the tile positions
are this project's own.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

OVERSEAS = "overseas"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """One place that visitors come from. `tile` is (column, row) on the tile map, None for the two that have none."""

    code: str
    iso: str
    zh: str
    zh_full: str
    en: str
    kind: str
    tile: tuple[int, int] | None

    def name(self, language: str) -> str:
        """Return the name in a reader's language, `zh` or `en`."""
        return self.zh if language.startswith("zh") else self.en


def _read() -> dict[str, Division]:
    with (Path(__file__).parent / "divisions.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Division(
                code=row["code"],
                iso=row["iso_3166_2"],
                zh=row["zh"],
                zh_full=row["zh_full"],
                en=row["en"],
                kind=row["kind"],
                tile=(int(row["tile_column"]), int(row["tile_row"])) if row["tile_column"] else None,
            )
            for row in csv.DictReader(file)
        }


#: Every division by its code, in code order, overseas and not stated last: 36 of them.
DIVISIONS: dict[str, Division] = _read()


def get_division(code: str) -> Division:
    """Return the division of a code. Raises KeyError for an unknown one."""
    return DIVISIONS[code]
