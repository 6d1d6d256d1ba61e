"""The page of a report: of a period from the present ledger, or of a version of a month as filed."""

from collections.abc import Mapping

from flask import Response, render_template, request

from hallapp.core.web.downloads import name_file
from hallapp.ledger.models import MonthClose
from hallapp.periods import Period, Unit
from hallapp.reports import apart, layout, tables, words
from hallapp.reports.closing import digests, month_close, signing
from hallapp.reports.exports import Format, export
from hallapp.reports.figures.service import Report
from hallapp.reports.pictures import charts
from hallapp.reports.pictures.tile_map import Measure


def render(report: Report, files: Mapping[str, str], *, version: MonthClose | None = None) -> str:
    """Render a report with the addresses of its files; a version shows nothing that was added later."""
    return render_template(
        "reports/report.html",
        report=report,
        Period=Period,
        words=words,
        signing=signing,
        tables=tables,
        layout=layout,
        charts=charts.make_all(report) if report.totals.visitors else {},
        map_shares=request.args.get("map") == Measure.SHARE,
        files=files,
        neighbours=_neighbours(report),
        version=version,
        standing=None if version else month_close.find_standing(report),
        digests=digests,
        apart=apart.list_sections(report),
    )


def send_file(report: Report, form: Format, *, version: str = "") -> Response:
    """Return a report as a file with the hall's name; programs and browsers show JSON at once."""
    response = Response(export(report, form), content_type=form.mimetype)
    ending = f"{version}.{form}"
    return name_file(
        response,
        words.file_name(report, ending),
        plain=words.plain_file_name(report, ending),
        is_shown=form is Format.JSON,
    )


def _neighbours(report: Report) -> dict[str, Period | None]:
    """Return the periods before and after, where the hall has a report for them."""
    period, hall = report.period, report.hall
    if period.unit is Unit.SINCE_OPENING:
        return {"previous": None, "next": None}
    return {
        "previous": period.previous() if period.first > report.first_day else None,
        "next": period.following() if period.end <= hall.today() else None,
    }
