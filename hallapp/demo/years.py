"""The demonstration's years on paper: the months from the opening until hallapp came, as an imported file has them."""

import hashlib
from collections.abc import Iterator
from datetime import date
from math import pi, sin
from random import Random

from hallapp.demo.story import SEED
from hallapp.ledger import history
from hallapp.ledger.history import NewRow
from hallapp.ledger.models import Span
from hallapp.origins.china import DIVISIONS
from hallapp.schedule.models import Hall

NAME = "2017–2026年纸质登记汇总"
#: People in a usual month, at the opening and before hallapp was used: the story continues from there.
_AT_FIRST, _AT_LAST = 150, 1_300
_QUIET_YEARS = {2020: 0.25, 2021: 0.6, 2022: 0.35}
_KINDS = (
    *("party",) * 5,
    *("school",) * 3,
    *("company",) * 3,
    *("government",) * 2,
    "union",
    "training",
)
#: The frequency of a division in ten thousand; the other divisions appear only a few times in all the years.
_OFTEN = {"440000": 6_100, "450000": 600, "430000": 500, "350000": 420, "360000": 360, "420000": 300, "810000": 220}
_SELDOM = 52
_A_GROUP = 24


def fill(hall: Hall, *, until: date, by: int) -> None:
    """Import the months from the opening up to, but not including, the month of a day; the same ones every time."""
    digest = hashlib.sha256(f"{NAME} {until:%Y-%m}".encode()).hexdigest()
    made = history.begin(hall.id, name=NAME, digest=digest, staff_id=by)
    history.add_rows(made, _rows(hall, until.replace(day=1)))
    history.count(made)


def _rows(hall: Hall, until: date) -> Iterator[NewRow]:
    chance = Random(SEED)  # noqa: S311 — the same years every time
    programmes = hall.programmes[:2]
    number = 0
    months = list(_months(hall.opened_on.replace(day=1), until))
    for place, month in enumerate(months, start=1):
        usual = _AT_FIRST + (_AT_LAST - _AT_FIRST) * (place / len(months)) ** 2
        usual *= (1 + 0.1 * sin((month.month - 4) * pi / 6)) * _QUIET_YEARS.get(month.year, 1)
        for division in DIVISIONS:
            expected = usual * _OFTEN.get(division, _SELDOM) / 10_000
            people = round(chance.gauss(expected, expected / 8)) if expected > _A_GROUP else 0
            if not people and chance.random() < expected / _A_GROUP:
                people = chance.randint(_A_GROUP // 2, _A_GROUP * 3 // 2)
            if people > 0:
                number += 1
                yield NewRow(
                    number=number,
                    span=Span.MONTH,
                    first=month,
                    division=division,
                    programme_id=chance.choice(programmes).id,
                    kind=chance.choice(_KINDS),
                    visitors=people,
                    groups=max(1, round(people / _A_GROUP)),
                )


def _months(first: date, until: date) -> Iterator[date]:
    for place in range(12 * first.year + first.month - 1, 12 * until.year + until.month - 1):
        yield date(place // 12, place % 12 + 1, 1)
