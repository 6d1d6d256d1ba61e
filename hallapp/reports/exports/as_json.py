"""A report for programs: all its figures, with numbers as numbers and shares as parts of 1."""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.ledger.facets import Presentation, Section, list_presented
from hallapp.origins.values import OVERSEAS, UNKNOWN
from hallapp.periods import Period, Span
from hallapp.reports import tables, words
from hallapp.reports.figures.goals import Goal
from hallapp.reports.figures.parts import PartFigure, Signed, Sum, TalkNumbers
from hallapp.reports.figures.service import Report
from hallapp.reports.tables import Table

#: The name of one part of a period, the name of several, and the length of the date prefix that names it.
_PARTS = {Span.DAY: ("day", "days", 10), Span.MONTH: ("month", "months", 7), Span.YEAR: ("year", "years", 4)}


def to_json(report: Report) -> bytes:
    """Return the report as an object in the language in force, all divisions in the order of the hall's set."""
    body = {
        **_head(report),
        "totals": _totals(report),
        "previous": _then(report, report.previous, report.previous_signed, year_before=False),
        "last_year": _then(report, report.last_year, report.last_year_signed, year_before=True),
        "divisions": _divisions(report),
        **_parts(report),
        **_tables(report),
        **_landmarks(report),
        "check": _check(report),
        "absences": {"method": report.absence_method, "months_by_earlier_method": report.filed.absences_in_sum},
        **_goal(report.goal),
        **_audience(report),
        **_talks(report),
        "notes": words.notes(report),
    }
    return json.dumps(body, ensure_ascii=False, indent=2).encode() + b"\n"


def _head(report: Report) -> dict[str, Any]:
    close = report.close
    return {
        "hall": report.hall.slug,
        "hall_name": report.hall.text("name", language()),
        report.period.unit.value: str(report.period),
        "closed": report.closed,
        "closed_at": _instant(report, close.closed_at) if close else None,
        "digest": close.digest if close else None,
        "adjusted_since": report.later,
        "adjustments_since": report.later_count,
        "running": report.running,
        "made_at": _instant(report, report.made_at),
        "time_zone": report.hall.time_zone,
        "sentence": words.sentence(report),
    }


def _instant(report: Report, instant: Any) -> str:
    return clock.local(instant, report.hall.time_zone).isoformat(timespec="seconds")


def _totals(report: Report) -> dict[str, Any]:
    totals = report.totals
    apart = {figure.code: figure.visitors for figure in report.beside}
    return {
        "visitors": totals.visitors,
        "groups": totals.groups,
        "booked_visitors": totals.booked_visitors,
        "divisions": totals.divisions,
        "overseas_visitors": apart.get(OVERSEAS, 0),
        "unknown_visitors": apart.get(UNKNOWN, 0),
        "absent_visitors": totals.absent_visitors,
        "capacity": totals.capacity,
        "use_of_capacity": totals.use,
        "average_group": totals.average,
    }


def _then(report: Report, then: Sum | None, signed: Signed | None, *, year_before: bool) -> dict[str, Any] | None:
    if then is None:
        return None
    period: Period = report.period.year_before() if year_before else report.period.previous()
    return {
        period.unit.value: str(period),
        **_sum(then),
        **_signed(signed),
    }


def _signed(signed: Signed | None) -> dict[str, Any]:
    """Return the adjustments of a compared closed month since its close; nothing for other periods."""
    if signed is None:
        return {}
    return {"signed": True, "adjusted_since": signed.visitors, "adjustments_since": signed.adjustments}


def _sum(sum_: Sum) -> dict[str, int]:
    return {"visitors": sum_.visitors, "groups": sum_.groups}


def _divisions(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "code": f.code,
            "iso": report.origins.division(f.code).iso or None,
            "name": report.origins.division(f.code).name(language()),
            "visitors": f.visitors,
            "groups": f.groups,
            "share": f.share,
            "previous_visitors": f.before,
            "last_year_visitors": f.last_year,
        }
        for f in report.divisions
    ]


def _parts(report: Report) -> dict[str, Any]:
    one, many, length = _PARTS[report.period.part]
    return {
        many: _spans(report.parts, one, length),
        "undated": _sum(report.undated),
        "trend": _spans(report.trend, "month", 7),
    }


def _spans(parts: Iterable[PartFigure], name: str, length: int) -> list[dict[str, Any]]:
    return [{name: part.first.isoformat()[:length], "visitors": part.visitors, "groups": part.groups} for part in parts]


def _tables(report: Report) -> dict[str, Any]:
    found: dict[str, Any] = {"regions": _rows(tables.of_regions(report), "code", "name", "visitors", "share")}
    for facet, shown in list_presented():
        if shown.section is Section.TIMETABLE:
            found |= _timetable(report, shown)
        elif facet.name in report.facets:
            shares = ["share"] if shown.shares else []
            keys = ("code", "name", "visitors", "groups", *shares)
            found[shown.plural] = _rows(tables.of_facet(report, facet), *keys)
    return found


def _timetable(report: Report, shown: Presentation) -> dict[str, Any]:
    hours = [
        {"weekday": weekday + 1, "hour": hour, "visitors": people} for (weekday, hour), people in report.hours.items()
    ]
    return {shown.plural: hours, "untimed_visitors": report.untimed}


def _rows(table: Table, *keys: str) -> list[dict[str, Any]]:
    return [{key: getattr(row, key) for key in keys} for row in table.rows]


def _landmarks(report: Report) -> dict[str, Any]:
    return {
        "first_seen": [
            {"division": one.code, "month": _month(one.month), "day": _day(one.day)} for one in report.firsts
        ],
        "milestones": [
            {"kind": one.kind.value, "number": one.number, "month": _month(one.month), "day": _day(one.day)}
            for one in report.milestones
        ],
        "adjustments": [
            {
                "month": _month(one.month),
                "reason": one.reason.value,
                "reason_name": _(words.ADJUSTMENT_NAMES[one.reason]),
                "visitors": one.visitors,
                "made_on": one.made_on.isoformat(),
            }
            for one in report.adjustments
        ],
        "filed": {
            "months": report.filed.months,
            "visitors": report.filed.visitors,
            "adjusted": report.filed.adjusted,
            "adjustments": report.filed.adjustments,
        },
    }


def _month(first: date) -> str:
    return first.isoformat()[:7]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _goal(goal: Goal | None) -> dict[str, Any]:
    """Return the goal of a year with its forecast, or why there is none; nothing where no goal is set."""
    if goal is None:
        return {}
    made = goal.forecast
    return {
        "goal": {
            "year": goal.year,
            "visitors": goal.wanted,
            "reached": goal.visitors,
            "share": goal.share,
            "forecast": made
            and {"visitors": made.visitors, "low": made.low, "high": made.high, "method": made.method.value},
            "no_forecast": goal.no_forecast and goal.no_forecast.value,
        }
    }


def _audience(report: Report) -> dict[str, Any]:
    """Return the audience of online programmes, which no other figure includes; nothing without one."""
    audience = report.audience
    if audience is None:
        return {}
    return {
        "audience": {
            "people": audience.people,
            "minutes": audience.minutes,
            "divisions": [
                {"code": one.code, "people": one.people, "minutes": one.minutes} for one in audience.divisions
            ],
            "sessions": [
                {
                    "programme": one.programme,
                    "name": one.name(language()),
                    "day": one.day.isoformat(),
                    "starts": one.starts,
                    "people": one.people,
                    "minutes": one.minutes,
                    "peak": one.peak or None,
                }
                for one in audience.sessions
            ],
            "agrees": audience.agrees,
            "changed_since": report.later_audience,
        }
    }


def _talks(report: Report) -> dict[str, Any]:
    """Return the talks with hosts; nothing without one. Only guests at the hall are also visitors."""
    talks = report.talks
    if talks is None:
        return {}
    return {
        "talks": {
            **_talk_numbers(talks.total),
            "visitors": talks.visitors,
            "hosts": [{"code": one.host, "name": one.name, **_talk_numbers(one)} for one in talks.hosts],
            "agrees": talks.agrees,
            "changed_since": report.later_talks,
        }
    }


def _talk_numbers(of: TalkNumbers) -> dict[str, int]:
    names = ("held", "on_site", "phone", "online", "missed", "cancelled")
    return {name: getattr(of, name) for name in names}


def _check(report: Report) -> dict[str, Any]:
    check = report.check
    return {
        "divisions": check.divisions,
        _PARTS[report.period.part][1]: check.parts,
        "ledger": check.ledger,
        "agrees": check.agrees,
    }
