"""The pictures of a report, each with its title, its sentence and its table, drawn from the report's figures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from functools import partial

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, region
from hallapp.ledger.facets import list_presented
from hallapp.periods import Period, Span, Unit
from hallapp.reports import labels, words
from hallapp.reports.figures.parts import PartFigure
from hallapp.reports.figures.service import Report
from hallapp.reports.pictures import sentences
from hallapp.reports.pictures.bars import bars
from hallapp.reports.pictures.calendar import calendar
from hallapp.reports.pictures.frame import framed
from hallapp.reports.pictures.heat_map import heat_map, hours_of
from hallapp.reports.pictures.inputs import ChartCell, ChartPart, Hour, Ranked
from hallapp.reports.pictures.png import to_png
from hallapp.reports.pictures.ranking import FIRST_ROWS, in_order, ranking
from hallapp.reports.pictures.shapes import WIDE, Drawing
from hallapp.reports.pictures.svg import to_svg
from hallapp.reports.pictures.tile_map import Measure, tile_map
from hallapp.reports.pictures.trend import trend


class Name(StrEnum):
    """The name of a picture in addresses and file names."""

    MAP = "map"
    SHARES = "map-share"
    RANKING = "ranking"
    TREND = "trend"
    CALENDAR = "calendar"
    WEEK = "week"
    PROGRAMMES = "programmes"
    KINDS = "kinds"


class ImageFormat(StrEnum):
    """The formats in which a picture can be downloaded."""

    PNG = "png"
    SVG = "svg"

    @property
    def mimetype(self) -> str:
        """Return its media type."""
        return "image/png" if self is ImageFormat.PNG else "image/svg+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A picture's numbers as a table, as text; the first column names the row.

    `links` are the address arguments of the rows behind a cell, by its row and column.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: Mapping[tuple[int, int], Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing with its title and table; `wide` is the same over the full width of a page or a slide.

    A ranking is `compared` where there is a year before to compare with; a long one has its first rows as `short`.
    """

    name: Name
    title: str
    sentence: str
    drawing: Drawing
    grid: Grid
    wide: Drawing | None = None
    short: Drawing | None = None
    compared: bool = False


def make(report: Report, name: Name) -> Picture:
    """Return one picture of a report, in the language in force."""
    return _MAKERS[name](report)


def make_all(report: Report) -> dict[str, Picture]:
    """Return every picture of a report by its name."""
    return {name.value: make(report, name) for name in list_names(report)}


def list_names(report: Report) -> list[Name]:
    """Return the pictures of a report: no map where the hall's places have none, as the ranking shows them."""
    return [name for name in Name if report.origins.has_map or name not in (Name.MAP, Name.SHARES)]


def to_file(report: Report, name: Name, form: ImageFormat) -> bytes:
    """Draw a picture on a sheet of its own: its title and sentence, the hall's name, the period."""
    picture = make(report, name)
    told = [report.hall.text("name", language()), words.period_name(report.period), words.made_at(report)]
    if report.hall.demonstration:
        told.append(_("Demonstration: made-up visitors and bookings"))
    foot = " · ".join(told)
    sheet = framed(picture.wide or picture.drawing, title=picture.title, sentence=picture.sentence, foot=foot)
    title = f"{picture.title} · {foot}"
    if form is ImageFormat.PNG:
        return to_png(sheet, title=title, description=picture.sentence)
    return to_svg(sheet, title=title, description=picture.sentence, language=language())


def file_name(report: Report, name: Name, form: ImageFormat) -> str:
    """Return the name under which a picture is saved: `lingnan-2026-11-trend.png`."""
    return words.plain_file_name(report, f"-{name}.{form}")


def calendar_of(report: Report) -> Drawing:
    """Return the days, months or years of a report."""
    return make(report, Name.CALENDAR).drawing


def _map(report: Report) -> Picture:
    return _places(report, Name.MAP, Measure.PEOPLE, _("People by place of origin"))


def _shares(report: Report) -> Picture:
    return _places(report, Name.SHARES, Measure.SHARE, _("Shares of people by place of origin"))


def _places(report: Report, name: Name, measure: Measure, title: str) -> Picture:
    rows = (
        (
            report.origins.division(figure.code).name(language()),
            formats.number(figure.visitors),
            words.percent(figure.share, figure.visitors),
            formats.number(figure.groups),
        )
        for figure in report.divisions
    )
    return Picture(
        name=name,
        title=title,
        sentence=sentences.of_map(report),
        drawing=tile_map(report, measure=measure),
        grid=Grid(head=(_(report.origins.words.one), _("People"), _("Share"), _("Groups")), rows=tuple(rows)),
    )


def _ranking(report: Report) -> Picture:
    """Against the same period a year before; for a year that is the period before."""
    a_year = report.period.unit is Unit.YEAR
    rows = [
        Ranked(
            name=report.origins.division(figure.code).name(language()),
            visitors=figure.visitors,
            before=figure.before if a_year else figure.last_year,
            beside=not figure.is_place,
        )
        for figure in report.divisions
    ]
    compared = any(row.before for row in rows)  # without an earlier period every row would count as a gain
    if not compared:
        rows = [replace(row, before=None) for row in rows]
    then = (_("A year before"), _("Change in people")) if compared else ()
    return Picture(
        name=Name.RANKING,
        title=report.origins.say(report.origins.words.ranked),
        sentence=sentences.of_ranking(rows, running=report.running),
        drawing=ranking(rows),
        wide=ranking(rows, width=WIDE),
        short=ranking(rows, most=FIRST_ROWS) if sum(row.visitors > 0 for row in rows) > FIRST_ROWS else None,
        compared=compared,
        grid=Grid(
            head=(_(report.origins.words.one), _("Rank"), _("People"), *then),
            rows=tuple(_ranked(rank, row) for rank, row in in_order(rows)),
            links=_ranking_links(report, [row.name for _rank, row in in_order(rows)]),
        ),
    )


def _ranking_links(report: Report, names: Sequence[str]) -> dict[tuple[int, int], dict[str, str]]:
    """Return links from each division's people, of this period and of the year before, to their arrivals."""
    codes = {report.origins.division(figure.code).name(language()): figure.code for figure in report.divisions}
    periods = {2: report.period}
    if report.period.unit is not Unit.SINCE_OPENING:
        periods[3] = report.period.previous() if report.period.unit is Unit.YEAR else report.period.year_before()
    return {
        (at, column): {"period": str(period), "division": codes[name]}
        for at, name in enumerate(names)
        for column, period in periods.items()
    }


def _ranked(rank: int | None, row: Ranked) -> tuple[str, ...]:
    now = (row.name, str(rank or "") if row.visitors > 0 else "", formats.number(row.visitors))
    if row.before is None:
        return now
    return (*now, formats.number(row.before), words.signed(row.visitors - row.before))


def _trend(report: Report) -> Picture:
    """Return every month up to the report's last one, as far as it is no more than the present one."""
    points = fill(report.trend)
    period, today = report.period, report.hall.today()
    marked = None if period.unit is Unit.SINCE_OPENING else (period.first.replace(day=1), period.end)
    running = bool(points) and (points[-1][0].year, points[-1][0].month) == (today.year, today.month)
    drawn = {"marked": marked, "running": running}
    return Picture(
        name=Name.TREND,
        title=_("People per month since the opening"),
        sentence=sentences.of_trend(points, marked=marked, running=running),
        drawing=trend(points, **drawn),  # type: ignore[arg-type]
        wide=trend(points, **drawn, width=WIDE),  # type: ignore[arg-type]
        grid=_years(points),
    )


def fill(months: Sequence[PartFigure]) -> list[tuple[date, int]]:
    """Return the months in a row, with zero for those without people."""
    if not months:
        return []
    people = {month.first: month.visitors for month in months}
    first, last = min(people), max(people)
    places = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    firsts = (date(place // 12, place % 12 + 1, 1) for place in places)
    return [(month, people.get(month, 0)) for month in firsts]


def _years(points: Sequence[tuple[date, int]]) -> Grid:
    """Return a year in a row, its months and their sum; months that the trend does not have are left empty."""
    people = dict(points)
    rows: list[tuple[str, ...]] = []
    links: dict[tuple[int, int], dict[str, str]] = {}
    for at, year in enumerate(sorted({first.year for first in people}, reverse=True)):
        months = [people.get(date(year, number, 1)) for number in range(1, 13)]
        cells = ("" if number is None else formats.number(number) for number in months)
        whole = formats.number(sum(number or 0 for number in months))
        rows.append((words.period_name(Period.year(year)), *cells, whole))
        links |= {(at, number): {"period": f"{year}-{number:02}"} for number in range(1, 13)}
        links[at, 13] = {"period": str(year)}
    names = (words.part_short(date(2000, number, 1), Period.year(2000)) for number in range(1, 13))
    return Grid(head=(_("Year"), *names, _("Total")), rows=tuple(rows), links=links)


def _calendar(report: Report) -> Picture:
    period, today = report.period, report.hall.today()
    cells = [
        ChartCell(
            name=words.part_name(part.first, period),
            short=_short(part.first, period),
            visitors=part.visitors,
            groups=part.groups,
            to_come=part.first > today,
        )
        for part in report.parts
    ]
    titles = {Span.DAY: _("People by day"), Span.MONTH: _("People by month"), Span.YEAR: _("People by year")}
    return Picture(
        name=Name.CALENDAR,
        title=titles[period.part],
        sentence=sentences.of_calendar(cells, undated=report.undated.visitors),
        drawing=calendar(cells, first_weekday=period.first.weekday() if period.part is Span.DAY else None),
        grid=Grid(
            head=(words.part_title(period), _("People"), _("Groups")),
            rows=tuple((cell.name, formats.number(cell.visitors), formats.number(cell.groups)) for cell in cells),
        ),
    )


def _short(first: date, period: Period) -> str:
    """Return a day's number; where days are of several months, the first of each with its month."""
    begins = first == period.first or first.day == 1
    if (
        period.part is Span.DAY
        and begins
        and (period.first.year, period.first.month) != (period.last.year, period.last.month)
    ):
        return formats.short_day(first, language())
    return words.part_short(first, period)


def _week(report: Report) -> Picture:
    cells: dict[Hour, int] = report.hours
    week = region().week
    rows = (
        (formats.clock_time(time(hour)), *(formats.number(cells.get((weekday, hour), 0)) for weekday in week))
        for hour in hours_of(cells)
    )
    links = {
        (at, place): {"period": str(report.period), "hour": str(24 * weekday + hour)}
        for at, hour in enumerate(hours_of(cells))
        for place, weekday in enumerate(week, 1)
    }
    names = (sentences.weekday_name(weekday) for weekday in week)
    return Picture(
        name=Name.WEEK,
        title=_("People by weekday and hour"),
        sentence=sentences.of_heat_map(cells, untimed=report.untimed),
        drawing=heat_map(cells),
        grid=Grid(head=(_("Hour"), *names), rows=tuple(rows), links=links),
    )


def _facet(report: Report, name: Name) -> Picture:
    """Return the parts of the facet that has a picture of this name."""
    facet, shown = next((facet, shown) for facet, shown in list_presented() if shown.plural == name)
    parts = [
        ChartPart(name=labels.part_name(facet, one.code, one.name), visitors=one.visitors, share=one.share or 0.0)
        for one in report.facets.get(facet.name, ())
    ]
    return _parts(name, _(shown.caption), _(facet.of), parts)


def _parts(name: Name, title: str, of: str, parts: Iterable[ChartPart]) -> Picture:
    parts = sorted(parts, key=lambda part: -part.visitors)
    rows = ((one.name, formats.number(one.visitors), words.percent(one.share, one.visitors)) for one in parts)
    return Picture(
        name=name,
        title=title,
        sentence=sentences.of_bars(parts),
        drawing=bars(parts),
        grid=Grid(head=(of, _("People"), _("Share")), rows=tuple(rows)),
    )


_MAKERS: dict[Name, Callable[[Report], Picture]] = {
    Name.MAP: _map,
    Name.SHARES: _shares,
    Name.RANKING: _ranking,
    Name.TREND: _trend,
    Name.CALENDAR: _calendar,
    Name.WEEK: _week,
    Name.PROGRAMMES: partial(_facet, name=Name.PROGRAMMES),
    Name.KINDS: partial(_facet, name=Name.KINDS),
}
