"""Reports that are made up whole, without a database: everything that a report can say, the same each time."""

import random
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hallapp.kinds.standard import FIRST
from hallapp.ledger.facet_parts import Name
from hallapp.ledger.facets import KIND, ORGANISATION, PREFECTURE, PROGRAMME, TIME
from hallapp.ledger.models import AdjustmentReason, MonthClose, Standing, Way
from hallapp.origins.china import DIVISIONS
from hallapp.periods import Period, Span, Unit
from hallapp.reports.figures.parts import (
    ABSENCES_BY_BOOKING,
    NOTHING,
    AdjustmentFigure,
    Check,
    DivisionFigure,
    FacetFigure,
    Figures,
    Filed,
    FirstSeen,
    Milestone,
    MilestoneKind,
    PartFigure,
    Sum,
    Totals,
    share,
)
from hallapp.reports.figures.service import Report
from hallapp.schedule.models import Hall

OPENED = date(2017, 12, 5)
DIGEST = "9f2c4e1ab07d36584419c0de7752aa10b3f8e6d5c41729006e8fbb5ad0317c64"
PROGRAMMES = (
    ("常设展导览", "Guided tour of the permanent exhibition"),
    ("自行参观", "Self-guided visit"),
    ("讲座", "Lecture"),
)
GUIDES = ("陈思远", "Lin Ruoxi", "黄嘉怡", "欧阳文昊")


def hall(**facts: Any) -> Hall:
    """A hall that is in no database."""
    known: dict[str, Any] = {
        "id": 1,
        "slug": "lingnan",
        "name": {"zh": "岭南展览馆", "en": "Lingnan Exhibition Hall"},
        "opened_on": OPENED,
        "time_zone": "Asia/Shanghai",
        "phone": "020-8123 4567",
        "demonstration": False,
        "languages": "zh,en",
        "country": "CN",
    }
    return Hall(**{**known, **facts})


def report(
    period: Period,
    *,
    visitors: int = 3_412,
    programmes: Sequence[tuple[str, str]] = PROGRAMMES,
    guides: Sequence[str] = GUIDES,
    closed: bool = False,
    compared: bool = True,
    facts: dict[str, Any] | None = None,
    **changes: Any,
) -> Report:
    """A report of so many people, by a chance that is the same each time; `changes` replace what it says."""
    chance = random.Random(f"{period} {visitors}")
    found = figures(chance, period, visitors=visitors, programmes=programmes, guides=guides, compared=compared)
    known = {field.name: getattr(found, field.name) for field in fields(Figures)}
    made_at = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)
    close = MonthClose(id=1, month=period.first, version=1, digest=DIGEST, visitors=visitors, closed_at=made_at)
    told: dict[str, Any] = {
        "hall": hall(**(facts or {})),
        "period": period,
        "made_at": made_at,
        "running": period.unit is Unit.SINCE_OPENING,
        "first_day": OPENED,
        "close": close if closed else None,
        **known,
    }
    return Report(**{**told, **changes})


def figures(
    chance: random.Random,
    period: Period,
    *,
    visitors: int,
    programmes: Sequence[tuple[str, str]],
    guides: Sequence[str],
    compared: bool,
) -> Figures:
    """Figures whose parts add up."""
    by_division = _spread(chance, visitors, [400 * 0.82**place for place in range(34)] + [6, 3])
    divisions = _divisions(chance, by_division, visitors=visitors, compared=compared, unit=period.unit)
    parts = _parts(chance, period, visitors)
    by_hour = _spread(chance, visitors, [chance.choice((0, 1, 3, 8)) for _ in range(7 * 8)])
    kinds = _spread(chance, visitors, [9, 7, 6, 5, 4, 3, 2, 1, 1, 0.1, 0.02, 0][: len(FIRST)])
    sources = _spread(chance, visitors, [9, 3, 1, 2, 0, 4, 0][: len(Way)])
    led = _spread(chance, visitors, [*(1 + 1 / (1 + place) for place in range(len(guides))), 2])
    by_programme = _spread(chance, visitors, [1 / (1 + place) for place in range(len(programmes))])
    standing = _spread(chance, visitors, [5, 3, 2])
    return Figures(
        totals=Totals(
            visitors=visitors,
            groups=_groups(visitors),
            booked_visitors=visitors * 9 // 10,
            absent_visitors=visitors // 17,
            capacity=visitors * 2,
            divisions=sum(1 for one in divisions if one.visitors and one.is_place),
        ),
        previous=Sum(visitors * 7 // 8, _groups(visitors * 7 // 8)) if compared else None,
        last_year=Sum(visitors * 3 // 4, _groups(visitors * 3 // 4))
        if compared and period.unit is not Unit.YEAR
        else None,
        divisions=divisions,
        parts=parts,
        undated=NOTHING,
        facets={
            PROGRAMME: _facet(
                visitors,
                by_programme,
                [Name(code=f"programme-{place}", zh=zh, en=en) for place, (zh, en) in enumerate(programmes)],
            ),
            KIND: _facet(visitors, kinds, list(FIRST)),
            "source": _facet(visitors, sources, list(Way)),
            "guide": _facet(
                visitors,
                led,
                [*(Name(code=str(place), zh=name, en=name) for place, name in enumerate(guides, start=1)), "none"],
            ),
            ORGANISATION: _facet(visitors, standing, list(Standing)),
            TIME: (
                *(
                    FacetFigure(code=str(24 * (place // 8) + 9 + place % 8), visitors=people)
                    for place, people in enumerate(by_hour)
                    if people
                ),
                FacetFigure(code="unknown", visitors=0),
            ),
            PREFECTURE: (),
        },
        firsts=(FirstSeen(code="540000", month=date(2026, 11, 1), day=date(2026, 11, 12)),) if visitors else (),
        milestones=(
            (
                Milestone(kind=MilestoneKind.VISITORS, number=30_000, month=date(2026, 11, 1), day=date(2026, 11, 5)),
                Milestone(kind=MilestoneKind.DIVISIONS, number=34, month=date(2026, 11, 1), day=None),
            )
            if visitors
            else ()
        ),
        trend=_trend(chance, period),
        adjustments=(
            (
                AdjustmentFigure(
                    month=date(2026, 10, 1),
                    reason=AdjustmentReason.LATE,
                    visitors=38,
                    made_on=date(2026, 11, 2),
                ),
                AdjustmentFigure(
                    month=date(2026, 9, 1),
                    reason=AdjustmentReason.WITHDRAWN,
                    visitors=-1_204,
                    made_on=date(2026, 11, 20),
                ),
            )
            if visitors
            else ()
        ),
        filed=Filed(months=0, visitors=0, adjusted=0),
        absence_method=ABSENCES_BY_BOOKING,
        check=Check(divisions=visitors, parts=sum(part.visitors for part in parts), ledger=visitors),
    )


def _facet(visitors: int, people: Sequence[int], parts: Sequence[Name | str]) -> tuple[FacetFigure, ...]:
    return tuple(
        FacetFigure(
            code=part.code if isinstance(part, Name) else str(part),
            name=part if isinstance(part, Name) else None,
            visitors=number,
            groups=_groups(number),
            share=share(number, visitors),
        )
        for part, number in zip(parts, people, strict=True)
    )


def _divisions(
    chance: random.Random, people: Sequence[int], *, visitors: int, compared: bool, unit: Unit
) -> tuple[DivisionFigure, ...]:
    """The home province first, then as chance will have it."""
    order = ["440000", *chance.sample([code for code in list(DIVISIONS)[:34] if code != "440000"], 33)]
    by_code = dict(zip([*order, *list(DIVISIONS)[34:]], people, strict=True))
    return tuple(
        DivisionFigure(
            code=code,
            visitors=by_code[code],
            groups=_groups(by_code[code]),
            share=share(by_code[code], visitors),
            before=by_code[code] * chance.choice((5, 8, 11)) // 8 if compared else None,
            last_year=by_code[code] * chance.choice((0, 6, 9)) // 8 if compared and unit is not Unit.YEAR else None,
        )
        for code in DIVISIONS
    )


def _parts(chance: random.Random, period: Period, visitors: int) -> tuple[PartFigure, ...]:
    firsts = _firsts(period)
    weights = [
        0 if first.weekday() == 0 and period.part is Span.DAY else chance.choice((2, 3, 5, 8)) for first in firsts
    ]
    people = _spread(chance, visitors, weights)
    return tuple(
        PartFigure(first=first, visitors=n, groups=_groups(n)) for first, n in zip(firsts, people, strict=True)
    )


def _firsts(period: Period) -> list[date]:
    if period.part is Span.YEAR:
        return [date(year, 1, 1) for year in range(OPENED.year, 2027)]
    days = [period.first + timedelta(days=number) for number in range((period.end - period.first).days)]
    return days if period.part is Span.DAY else [day for day in days if day.day == 1]


def _trend(chance: random.Random, period: Period) -> tuple[PartFigure, ...]:
    last = min(period.last, date(2026, 12, 1))
    months = range(12 * OPENED.year + OPENED.month - 1, 12 * last.year + last.month)
    firsts = [date(place // 12, place % 12 + 1, 1) for place in months]
    people = [chance.randint(600, 4_000) * (0 if first.year == 2020 and first.month < 6 else 1) for first in firsts]
    return tuple(
        PartFigure(first=first, visitors=n, groups=_groups(n)) for first, n in zip(firsts, people, strict=True)
    )


def _spread(chance: random.Random, whole: int, weights: Sequence[float]) -> list[int]:
    """A whole in parts about as the weights say, with some chance in it."""
    shaken = [weight * chance.uniform(0.7, 1.3) for weight in weights]
    parts = [int(whole * weight / (sum(shaken) or 1)) for weight in shaken]
    parts[max(range(len(parts)), key=shaken.__getitem__)] += whole - sum(parts)
    return parts


def _groups(people: int) -> int:
    return -(-people // 27)
