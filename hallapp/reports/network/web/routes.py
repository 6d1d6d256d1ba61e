"""Routes for the figures of several halls, and for the accounts of other halls that may read those of one."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import find_staff, get_staff
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.periods import SINCE_OPENING, Period, PeriodUnknown
from hallapp.reports import layout, words
from hallapp.reports.network import files, service
from hallapp.reports.network.service import Network
from hallapp.reports.network.web.forms import ReaderForm
from hallapp.reports.pictures import sentences
from hallapp.reports.pictures.tile_map import tile_map
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("network", __name__)


@blueprint.app_template_global("reads_several_halls")
def reads_several_halls() -> bool:
    """Return whether the signed-in person may read the totals of another hall."""
    staff = find_staff()
    return staff is not None and len(service.list_readable(staff.id)) > 1


@blueprint.get("/network")
@allow(Permission.REPORTS_READ)
def index() -> ResponseReturnValue:
    """Show the halls in the present year."""
    return _page(_read(Period.year(get_current_hall().today().year)))


@blueprint.get("/network/<period:period>")
@allow(Permission.REPORTS_READ)
def show(period: Period) -> ResponseReturnValue:
    """Show the halls in a period."""
    return _page(_read(period))


@blueprint.get("/network/<period:period>.<any(csv,pdf):form>")
@allow(Permission.REPORTS_READ)
def file(period: Period, form: str) -> ResponseReturnValue:
    """Send the figures of the halls as a file."""
    network = _read(period)
    if form == "pdf":
        response = Response(files.to_pdf(network), content_type="application/pdf")
    else:
        response = Response(files.to_csv(network), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=f"halls-{period}.{form}")
    return response


@blueprint.route("/admin/staff/network", methods=["GET", "POST"])
@allow(Permission.STAFF_MANAGE)
def readers() -> ResponseReturnValue:
    """Show who of other halls may read this hall's totals, and add an account."""
    form = ReaderForm(request.form)
    if request.method == "GET":
        return _readers_page(ReaderForm(formdata=None))

    def add() -> ResponseReturnValue:
        with transaction():
            service.grant(get_staff().hall_id, form.name.data, by=get_staff().id)
        return redirect(url_for(".readers", saved=1), 303)

    return submit_form(form, add, lambda: _readers_page(form))


@blueprint.post("/admin/staff/network/<number>/remove")
@allow(Permission.STAFF_MANAGE)
def remove(number: str) -> ResponseReturnValue:
    """Close this hall's totals to an account of another hall."""
    with transaction():
        service.revoke(get_staff().hall_id, get_number(number), by=get_staff().id)
    return redirect(url_for(".readers", saved=1), 303)


def _read(period: Period) -> Network:
    """Return the figures of the halls that the signed-in person may read. Raises PeriodUnknown, PeriodNotBegun."""
    if period == SINCE_OPENING:  # each hall has an opening of its own
        raise PeriodUnknown(str(period))
    return service.get_network(service.list_readable(get_staff().id), period)


def _page(network: Network) -> str:
    return render_template(
        "reports/network.html",
        network=network,
        today=max(one.hall.today() for one in network.halls),
        files=files,
        words=words,
        layout=layout,
        sentences=sentences,
        tile_map=tile_map,
        Period=Period,
    )


def _readers_page(form: ReaderForm) -> str:
    hall = get_current_hall()
    return render_template("reports/network_readers.html", form=form, readers=service.list_readers(hall.id), hall=hall)
