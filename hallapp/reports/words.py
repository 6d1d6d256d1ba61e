"""The words of a report, in the language in force, for the page, the PDF and the exports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from hallapp.core import clock, formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.core.text import file_name as safe_name
from hallapp.ledger.facets import ORGANISATION
from hallapp.ledger.models import AdjustmentReason, Standing
from hallapp.origins.values import OriginSet
from hallapp.periods import SINCE_OPENING, Period, Span, Unit
from hallapp.reports.figures.parts import ABSENCES_IN_SUM, FirstSeen, Milestone, MilestoneKind, Signed, Sum
from hallapp.reports.figures.service import History, Report
from hallapp.schedule.models import Hall

#: Why a closed month was adjusted, as message ids.
ADJUSTMENT_NAMES: dict[AdjustmentReason, str] = {
    AdjustmentReason.LATE: N_("Reported late"),
    AdjustmentReason.TAKEN_BACK: N_("Taken back"),
    AdjustmentReason.SETTLED: N_("Conflict resolved"),
    AdjustmentReason.IMPORTED: N_("Imported"),
    AdjustmentReason.WITHDRAWN: N_("Import taken back"),
}
MINUS = "\N{MINUS SIGN}"


def period_name(period: Period) -> str:
    """Return `November 2026`, `2026` or `Since the opening`."""
    if period.unit is Unit.MONTH:
        return formats.month(period.first.year, period.first.month, language())
    if period.unit is Unit.YEAR:
        return f"{period.first.year}年" if language().startswith("zh") else str(period.first.year)
    if period.unit is Unit.QUARTER:
        return formats.quarter(period.first, language())
    if period.unit is Unit.RANGE:
        first, last = long_day(period.first), long_day(period.last)
        return first if first == last else _("%(first)s to %(last)s", first=first, last=last)
    return _("Since the opening")


def name_so_far(report: Report) -> str:
    """Return the period's name beside finished periods: `November 2026 (so far)` while it runs."""
    name = period_name(report.period)
    if not report.running or report.period.unit is Unit.SINCE_OPENING:
        return name
    return _("%(period)s (so far)", period=name)


def report_kind(period: Period) -> str:
    """Return the name of a report of this length."""
    names = {
        Unit.MONTH: _("Monthly visitor report"),
        Unit.QUARTER: _("Quarterly visitor report"),
        Unit.YEAR: _("Yearly visitor report"),
        Unit.RANGE: _("Visitor report"),
        Unit.SINCE_OPENING: _("Visitor report"),
    }
    return names[period.unit]


def totals(report: Report) -> list[tuple[str, int]]:
    """Return the four figures that come first, each with its name."""
    return [
        (_("People"), report.totals.visitors),
        (_("Groups"), report.totals.groups),
        (report.origins.say(report.origins.words.total), report.totals.divisions),
        (_("Places booked"), report.totals.booked_visitors),
    ]


class MoreTotal(NamedTuple):
    """A further figure in words, and the page behind it: calendar, bookings, or none."""

    name: str
    text: str
    behind: str = ""


def more_totals(report: Report) -> list[MoreTotal]:
    """Return the further totals."""
    found = [MoreTotal(_("Average size of a group"), formats.decimal(report.totals.average))]
    if report.totals.capacity:
        calendar = "calendar" if report.period.unit is Unit.MONTH else ""
        found += [
            MoreTotal(_("Places open"), formats.number(report.totals.capacity), calendar),
            MoreTotal(_("Use of places"), f"{report.totals.use:.1%}"),
        ]
    if report.totals.booked_visitors:
        bookings = "bookings" if report.totals.absent_visitors else ""
        absent = formats.number(report.totals.absent_visitors)
        found.append(MoreTotal(_("Booked, but did not arrive"), absent, bookings))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A period beside another one: its figures, and the difference in people and in per cent, in words.

    `since` describes changes after the close of a signed month; it is empty where there are none.
    """

    name: str
    period: Period
    then: Sum
    people: str
    percent: str
    since: str


def comparisons(report: Report) -> list[Comparison]:
    """Return the period before, and the same one a year before, where the hall was open."""
    found = []
    if report.previous is not None:
        found.append(_comparison(report, report.period.previous(), report.previous, report.previous_signed))
    if report.last_year is not None and report.period.year_before() != report.period.previous():
        found.append(_comparison(report, report.period.year_before(), report.last_year, report.last_year_signed))
    return found


def _comparison(report: Report, period: Period, then: Sum, signed_: Signed | None) -> Comparison:
    change = report.totals.visitors - then.visitors
    return Comparison(
        name=period_name(period),
        period=period,
        then=then,
        people=signed(change),
        percent=change_of(change, then.visitors),
        since=adjusted(signed_.adjustments, signed_.visitors) if signed_ and signed_.adjustments else "",
    )


def adjusted(count: int, visitors: int) -> str:
    """Return `2 adjustments since, ±0 people`: adjustments that cancel out are reported as well."""
    return ngettext(
        "%(num)s adjustment since, %(people)s people",
        "%(num)s adjustments since, %(people)s people",
        count,
        people=signed(visitors),
    )


def change_of(change: int, before: int) -> str:
    """Return a change in per cent, or that there is nothing to compare with."""
    return signed_percent(change, before) if before else _("none before")


def first_seen(origins: OriginSet, one: FirstSeen) -> str:
    """Return a first visit: `Tibet, on 5 November 2026`."""
    return _("%(division)s: %(when)s", division=origins.division(one.code).name(language()), when=_when(one))


def milestone(origins: OriginSet, one: Milestone) -> str:
    """Return `The 30,000th visitor: 5 November 2026`."""
    number = {"count": formats.number(one.number), "when": _when(one)}
    if one.kind is MilestoneKind.VISITORS:
        return _("Visitor number %(count)s: %(when)s", **number)
    return origins.say(origins.words.reached, **number)


def _when(one: FirstSeen | Milestone) -> str:
    return long_day(one.day) if one.day else period_name(Period.month(one.month.year, one.month.month))


def file_name(report: Report, ending: str) -> str:
    """Return the name of a file for people: `岭南展览馆观众来源月报2026-11.xlsx`; `ending` follows the period."""
    hall = safe_name(report.hall.text("name", language())) or report.hall.slug
    name = _("%(hall)s - %(report)s %(period)s", hall=hall, report=report_kind(report.period), period=report.period)
    return name + ending


def plain_file_name(report: Report, ending: str) -> str:
    """Return the name of a file in ASCII: `lingnan-2026-11.xlsx`."""
    return f"{report.hall.slug}-{report.period}{ending}"


def sentence(report: Report) -> str:
    """Return the period in one breath: people, groups, divisions, and the change against the period before."""
    return ("" if language().startswith("zh") else " ").join((_received(report), _compared(report))).strip()


def history_sentence(history: History) -> str:
    """Return a sentence on all months since the opening."""
    when = since_opening(history.hall, history.first_day)
    if not history.totals.visitors:
        return _("No visitors yet. A group appears here as soon as the desk admits it.")
    places = coverage(history.hall.origins, history.divisions)
    return _came(when, history.totals.visitors, history.totals.groups, places)


def since_opening(hall: Hall, first_day: date) -> str:
    """Return since when all people of a hall are counted: since its opening, or also before it."""
    day = long_day(hall.opened_on)
    if first_day < hall.opened_on:
        return _("Since the opening on %(day)s, and in the time before it", day=day)
    return _("Since the opening on %(day)s", day=day)


def people(number: int) -> str:
    """Return `1 person`, `1,284 people`."""
    return ngettext("%(count)s person", "%(count)s people", number, count=formats.number(number))


def groups(number: int) -> str:
    """Return `1 group`, `38 groups`."""
    return ngettext("%(count)s group", "%(count)s groups", number, count=formats.number(number))


def signed(number: int) -> str:
    """Return `+12`, `−3`, `±0`: a change."""
    return f"{'+' if number > 0 else MINUS if number < 0 else '±'}{formats.number(abs(number))}"


def signed_percent(change: int, before: int) -> str:
    """Return a change in per cent with one decimal and its sign; a change too small for that is `±0.0%`."""
    thousandths = (2000 * abs(change) + before) // (2 * before)
    sign = "±" if not thousandths else "+" if change > 0 else MINUS
    return f"{sign}{thousandths // 10:,}.{thousandths % 10}%"


def percent(share: float, visitors: int) -> str:
    """Return a share with one decimal; a share above zero that rounds to zero is `<0.1%`."""
    return "<0.1%" if visitors and not share else f"{share:.1%}"


def part_name(first: date, period: Period) -> str:
    """Return the name of a part of a period: a day of a month, a month of a year, a year since the opening."""
    if period.part is Span.DAY:
        return formats.day(first, language())
    whole = Period.month(first.year, first.month) if period.part is Span.MONTH else Period.year(first.year)
    return period_name(whole)


def part_short(first: date, period: Period) -> str:
    """Return the short name of a part for the corner of a tile: `5`, `11月` or `Nov`, `2026`."""
    if period.part is Span.DAY:
        return str(first.day)
    if period.part is Span.MONTH:
        return formats.short_month(first, language())
    return str(first.year)


def labelled(name: str, *figures: str) -> str:
    """Return a name with its figures: `Hunan: 12 people, 1 group`."""
    comma = "，" if language().startswith("zh") else ", "
    return name + formats.colon(language()) + comma.join(figures)


def listed(names: Iterable[str]) -> str:
    """Join names as a sentence lists them."""
    return formats.comma(language()).join(names)


def parts_title(period: Period) -> str:
    """Return the name of the parts of a period together."""
    return {Span.DAY: _("Days"), Span.MONTH: _("Months"), Span.YEAR: _("Years")}[period.part]


def part_title(period: Period) -> str:
    """Return the name of one part of a period."""
    return {Span.DAY: _("Day"), Span.MONTH: _("Month"), Span.YEAR: _("Year")}[period.part]


def check_terms(report: Report) -> list[tuple[str, int]]:
    """Return the same people counted in three ways, each with its name."""
    check = report.check
    sums = {Span.DAY: _("Sum of days"), Span.MONTH: _("Sum of months"), Span.YEAR: _("Sum of years")}
    return [
        (report.origins.say(report.origins.words.sum), check.divisions),
        (sums[report.period.part], check.parts),
        (_("Arrival ledger"), check.ledger),
    ]


def check_verdict(report: Report) -> str:
    """Return the result of the check."""
    if report.check.agrees:
        return _("The three counts agree.")
    return _("The counts differ. Do not send this report; ask your administrator to recount the ledger.")


def made_at(report: Report) -> str:
    """Return the time at which the figures were read."""
    local = clock.local(report.made_at, report.hall.time_zone)
    return _("Made on %(day)s at %(time)s", day=long_day(local.date()), time=formats.clock_time(local.time()))


def notes(report: Report) -> list[str]:
    """Return the notes on the method."""
    return [*_usual_notes(report), *_notes_of(report)]


def _notes_of(report: Report) -> Iterable[str]:
    """Return the notes for this report only."""
    yield from _notes_on_absences(report)
    yield from _notes_on_comparisons(report)
    named = (one for one in report.facets.get(ORGANISATION, ()) if one.code != Standing.UNNAMED)
    if any(one.groups for one in named):
        yield _(
            "A first visit is the first day on which an organisation of this name ever arrived, "
            "imported years included. Individuals and imported monthly totals name no organisation."
        )
    if report.undated.visitors:
        yield _(
            "For %(people)s of them only the month is known, from imported figures: they count in "
            "the month, but in none of its days.",
            people=people(report.undated.visitors),
        )
    if report.untimed:
        yield _(
            "Imported figures have no hour: %(people)s are not shown in any hour of the week.",
            people=people(report.untimed),
        )


def _notes_on_absences(report: Report) -> Iterable[str]:
    if not report.totals.booked_visitors:
        return
    if report.absence_method == ABSENCES_IN_SUM:
        yield _(
            "Booked, but did not arrive: this month was filed with the earlier method, all places "
            "booked in past times minus all people who used a booked place in the month. It may be "
            "inexact where people came on another day, or from another place of origin, than they "
            "had booked."
        )
        return
    yield _(
        "Booked, but did not arrive: for each booking whose time has passed, the people booked "
        "minus those of the booking who arrived, on any day and from any place of origin. They "
        "count on the day that was booked."
    )
    if report.filed.months and report.period.unit is not Unit.MONTH:
        yield _("Closed months count with the number that was filed, so that months add up to longer periods.")
    if report.filed.absences_in_sum:
        yield ngettext(
            "%(num)s month of it was filed with the earlier method: all places booked, minus all "
            "people who used a booked place in the month.",
            "%(num)s months of it were filed with the earlier method: all places booked, minus all "
            "people who used a booked place in the month.",
            report.filed.absences_in_sum,
        )


def _notes_on_comparisons(report: Report) -> Iterable[str]:
    """Return which compared periods begin before the opening, and adjustments of compared months after their close."""
    for one in comparisons(report):
        if one.period.first < report.hall.opened_on:
            yield _opened_within(one.period, report.hall)
        if one.since:
            yield _("%(period)s is compared as it was signed: %(since)s.", period=one.name, since=one.since)


def _opened_within(period: Period, hall: Hall) -> str:
    words = {"period": period_name(period), "day": long_day(hall.opened_on)}
    return _("The hall was not open for all of %(period)s: it opened on %(day)s.", **words)


def _usual_notes(report: Report) -> list[str]:
    zone = report.hall.time_zone
    return [
        _(
            "People are counted when they arrive, as the desk enters them in the arrival ledger. "
            "Entries that the desk takes back are deducted on the day of the original entry. Booked "
            "places are shown for comparison only."
        ),
        _("Days begin and end at midnight of the hall's local time (%(zone)s), and so do months and years.", zone=zone),
        report.origins.say(report.origins.words.mixed),
        report.origins.say(report.origins.words.note),
        *([report.origins.say(report.origins.words.tiles)] if report.origins.has_map else []),
    ]


def _received(report: Report) -> str:
    name = period_name(report.period)
    if not report.totals.visitors:
        if report.period == SINCE_OPENING:
            return _("No visitors yet.")
        return (
            _("No visitors yet in %(period)s.", period=name)
            if report.running
            else _("No visitors in %(period)s.", period=name)
        )
    if report.period == SINCE_OPENING:
        when = since_opening(report.hall, report.first_day)
    else:
        when = _("So far in %(period)s", period=name) if report.running else _("In %(period)s", period=name)
    return _came(when, report.totals.visitors, report.totals.groups, coverage(report.origins, report.totals.divisions))


def coverage(origins: OriginSet, divisions: int) -> str:
    """Return from how many places of a set people came: `12 of the 16 Bundesländer`; nothing for none."""
    if not divisions:
        return ""
    return origins.say(origins.words.every if divisions == len(origins.places) else origins.words.some, count=divisions)


def _came(when: str, visitors: int, group_count: int, places: str) -> str:
    values = {"when": when, "people": people(visitors), "groups": groups(group_count)}
    if not places:
        return _("%(when)s, %(people)s arrived in %(groups)s.", **values)
    return _("%(when)s, %(people)s arrived in %(groups)s, from %(divisions)s.", divisions=places, **values)


def _compared(report: Report) -> str:
    blank = "" if language().startswith("zh") else " "
    return blank.join(filter(None, (_compared_before(report), _before_opening(report), _compared_year(report))))


def _before_opening(report: Report) -> str:
    """Warn that the period before, with which the sentence compares, begins before the opening."""
    if report.previous is None:
        return ""
    before = report.period.previous()
    return _opened_within(before, report.hall) if before.first < report.hall.opened_on else ""


def _compared_year(report: Report) -> str:
    """Compare with the same period a year before, if that is more informative than the previous period."""
    then = report.last_year
    if then is None or report.running or not then.visitors or not report.totals.visitors:
        return ""
    name = period_name(report.period.year_before())
    change = report.totals.visitors - then.visitors
    if not change:
        return _("That is as many people as a year before, in %(period)s.", period=name)
    words = {"period": name, "people": people(then.visitors), "change": signed_percent(change, then.visitors)}
    return _("A year earlier, in %(period)s, it was %(people)s (%(change)s since then).", **words)


def _compared_before(report: Report) -> str:
    if report.period == SINCE_OPENING:
        return ""
    if report.previous is None:
        return _(
            "The hall opened on %(day)s, so there is nothing earlier to compare with.",
            day=long_day(report.hall.opened_on),
        )
    before = report.previous.visitors
    name = period_name(report.period.previous())
    if not before and not report.totals.visitors:
        return _("%(period)s had no visitors either.", period=name)
    if not before:
        return _("There were no visitors in %(period)s to compare with.", period=name)
    if report.running:
        return _("All of %(period)s had %(people)s.", period=name, people=people(before))
    return _changed(report.totals.visitors - before, before, name)


def _changed(change: int, before: int, name: str) -> str:
    if not change:
        return _("That is as many people as in %(period)s.", period=name)
    words = {"people": people(abs(change)), "period": name, "change": signed_percent(change, before)}
    if change > 0:
        return _("That is %(people)s more than in %(period)s (%(change)s).", **words)
    return _("That is %(people)s fewer than in %(period)s (%(change)s).", **words)


def moment(at: datetime, time_zone: str) -> str:
    """Return `3 December 2026, 09:30` on a hall's clock."""
    local = clock.local(at, time_zone)
    return f"{long_day(local.date())}{' ' if language().startswith('zh') else ', '}{formats.clock_time(local.time())}"


#: The names of other numbers than visitors that a proof compares, by `closing.verify.Measure`.
_MEASURES = {"audience": N_("Online audience"), "audience minutes": N_("Online audience, minutes")}


def deviation_part(origins: OriginSet, part: str | date | None, measure: str = "") -> str:
    """Return a division by its code, a day, or the people of whom only the month is known; with what was counted."""
    if part is None:
        return _("Only the month is known")
    name = formats.day(part, language(), year=True) if isinstance(part, date) else origins.name(part, language())
    return f"{_(_MEASURES[measure])} · {name}" if measure in _MEASURES else name


def long_day(day: date) -> str:
    """Return `21 November 2026`."""
    return formats.long_day(day, language())
