"""Routes for this room: the way in, the report of a period, and its files."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.downloads import name_file
from hallapp.periods import Period
from hallapp.periods.web.converters import MonthConverter, PeriodConverter
from hallapp.reports import layout, words, year_sheet
from hallapp.reports.exports import Format
from hallapp.reports.figures import service as figures
from hallapp.reports.mailing import sending
from hallapp.reports.web import pages
from hallapp.reports.web.forms import RangeForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("reports", __name__)
FORMATS = ",".join(form.value for form in Format)


@blueprint.record_once
def _add_converters(state: BlueprintSetupState) -> None:
    state.app.url_map.converters.update(period=PeriodConverter, month=MonthConverter)


@blueprint.get("/reports")
@allow(Permission.REPORTS_READ)
def index() -> ResponseReturnValue:
    """Show the way in: every month since the opening."""
    return _index(RangeForm())


def _index(form: RangeForm) -> str:
    hall = get_current_hall()
    unsendable = sending.find_unsendable(hall)
    history = figures.get_history(hall)
    scale = layout.Scale.of_times(part.visitors for _, months in history.years for part in months if part)
    return render_template(
        "reports/index.html",
        history=history,
        form=form,
        words=words,
        layout=layout,
        scale=scale,
        Period=Period,
        unsendable=translate(unsendable) if unsendable else None,
    )


@blueprint.get("/reports/range")
@allow(Permission.REPORTS_READ)
def choose() -> ResponseReturnValue:
    """Redirect from two days to the report of their range, or show the errors of the days."""
    form = RangeForm(request.args)
    if not form.validate():
        return _index(form), 422
    return redirect(url_for("reports.show", period=form.to_period()), 303)


@blueprint.get("/reports/<period:period>")
@allow(Permission.REPORTS_READ)
def show(period: Period) -> ResponseReturnValue:
    """Show the report of a period."""
    report = figures.get_report(get_current_hall(), period)
    return pages.render(report, {form: url_for("reports.file", period=period, form=form) for form in Format})


@blueprint.get("/reports/<period:period>/sheet")
@allow(Permission.REPORTS_READ)
def sheet(period: Period) -> ResponseReturnValue:
    """Show the figures for which museums are asked every year."""
    report = figures.get_report(get_current_hall(), period)
    return render_template("reports/sheet.html", report=report, lines=year_sheet.list_lines(report), words=words)


@blueprint.get("/reports/<period:period>/sheet.xlsx")
@allow(Permission.REPORTS_READ)
def sheet_file(period: Period) -> ResponseReturnValue:
    """Send these figures as a workbook."""
    report = figures.get_report(get_current_hall(), period)
    response = Response(year_sheet.to_xlsx(report), content_type=Format.XLSX.mimetype)
    ending = f"-{_('Reporting sheet')}.xlsx"
    return name_file(
        response, words.file_name(report, ending), plain=words.plain_file_name(report, "-reporting-sheet.xlsx")
    )


@blueprint.get(f"/reports/<period:period>.<any({FORMATS}):form>")
@allow(Permission.REPORTS_READ)
def file(period: Period, form: str) -> ResponseReturnValue:
    """Send the figures as a file."""
    return pages.send_file(figures.get_report(get_current_hall(), period), Format(form))
