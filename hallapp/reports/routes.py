"""HTTP of this room: the way in, the report of a period, and its files."""

from flask import Blueprint, Response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter, ValidationError

from hallapp.accounts.models import Role
from hallapp.core.access import allow
from hallapp.reports import figures, layout, tables, words
from hallapp.reports.errors import PeriodUnknown
from hallapp.reports.exports import Format, export
from hallapp.reports.figures import Report
from hallapp.reports.periods import SINCE_OPENING, Period, Unit
from hallapp.reports.pictures import album
from hallapp.reports.pictures.tile_map import Measure
from hallapp.schedule.web import get_current_hall

blueprint = Blueprint("reports", __name__)
FORMATS = ",".join(form.value for form in Format)


class MonthConverter(BaseConverter):
    """A month in an address: `2026-11`."""

    regex = r"\d{4}-\d{2}"

    def to_python(self, value: str) -> Period:
        """The period of a name; no page where there is none."""
        try:
            return Period.parse(value)
        except PeriodUnknown:
            raise ValidationError from None

    def to_url(self, value: Period | str) -> str:
        """The name of a period."""
        return str(value)


class YearConverter(MonthConverter):
    """A year in an address: `2026`."""

    regex = r"\d{4}"


@blueprint.record_once
def _add_converters(state: BlueprintSetupState) -> None:
    state.app.url_map.converters.update(month=MonthConverter, year=YearConverter)


@blueprint.get("/reports")
@allow(Role.MANAGER)
def index() -> ResponseReturnValue:
    """The way in: every month since the opening."""
    history = figures.get_history(get_current_hall())
    scale = layout.Scale.of_times(part.visitors for _, months in history.years for part in months if part)
    return render_template(
        "reports/index.html", history=history, words=words, layout=layout, scale=scale, Period=Period
    )


@blueprint.get("/reports/<month:period>", endpoint="month")
@blueprint.get("/reports/<year:period>", endpoint="year")
@blueprint.get("/reports/since-opening", endpoint="since_opening", defaults={"period": SINCE_OPENING})
@allow(Role.MANAGER)
def show(period: Period) -> ResponseReturnValue:
    """The report of a month, of a year, or since the opening."""
    report = figures.get_report(get_current_hall(), period)
    return render_template(
        "reports/report.html",
        report=report,
        Period=Period,
        words=words,
        tables=tables,
        layout=layout,
        album=album.make_all(report) if report.totals.visitors else {},
        map_shares=request.args.get("map") == Measure.SHARE,
        files={form: url_for(f"reports.{period.unit}_file", period=period, form=form) for form in Format},
        neighbours=_neighbours(report),
    )


@blueprint.get(f"/reports/<month:period>.<any({FORMATS}):form>", endpoint="month_file")
@blueprint.get(f"/reports/<year:period>.<any({FORMATS}):form>", endpoint="year_file")
@blueprint.get(
    f"/reports/since-opening.<any({FORMATS}):form>", endpoint="since_opening_file", defaults={"period": SINCE_OPENING}
)
@allow(Role.MANAGER)
def file(period: Period, form: str) -> ResponseReturnValue:
    """The same figures as a file."""
    report = figures.get_report(get_current_hall(), period)
    response = Response(export(report, Format(form)), content_type=Format(form).mimetype)
    if form != Format.JSON:
        response.headers.set("Content-Disposition", "attachment", filename=words.file_name(report, form))
    return response


def _neighbours(report: Report) -> dict[str, Period | None]:
    """The periods before and after, where the hall has a report for them."""
    period, hall = report.period, report.hall
    if period.unit is Unit.SINCE_OPENING:
        return {"previous": None, "next": None}
    return {
        "previous": period.previous() if period.first > hall.opened_on else None,
        "next": period.following() if period.end <= hall.today() else None,
    }
