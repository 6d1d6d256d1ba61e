"""Routes for public links of a report: the staff's list of them, and the page that a link opens."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import limits
from hallapp.core.database import transaction, write_if_possible
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import client_network
from hallapp.periods import Period
from hallapp.reports import apart, layout, tables, words
from hallapp.reports.exports import Format
from hallapp.reports.figures import service as figures
from hallapp.reports.figures.service import Report
from hallapp.reports.pictures import charts
from hallapp.reports.sharing import service
from hallapp.reports.sharing.web.forms import LinkForm
from hallapp.reports.web import pages
from hallapp.schedule import queries as schedule
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("sharing", __name__)

_VIEWS_A_MINUTE = 30  # of all links, from one network


@blueprint.route("/reports/links", methods=["GET", "POST"])
@allow(Permission.REPORTS_SEND)
def index() -> ResponseReturnValue:
    """Show the public links, and make one; its address is shown this once."""
    if request.method == "GET":
        return _page(LinkForm(formdata=None, data={"period": request.args.get("period", "")[:24], "days": "30"}))
    form, hall = LinkForm(request.form), get_current_hall()

    def make() -> ResponseReturnValue:
        with transaction():
            token = service.make(hall, form.to_period(), days=form.to_days(), by=get_staff().id)
        return _page(LinkForm(formdata=None), made=base_url(hall) + url_for(".show", token=token))

    return submit_form(form, make, lambda: _page(form))


@blueprint.post("/reports/links/<digest>/revoke")
@allow(Permission.REPORTS_SEND)
def revoke(digest: str) -> ResponseReturnValue:
    """End a link now."""
    with transaction():
        service.revoke(get_staff().hall_id, digest, by=get_staff().id)
    return redirect(url_for(".index", saved=1), 303)


@blueprint.get("/shared/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show the one report that a link opens."""
    report = _open(token)
    page = render_template(
        "reports/shared.html",
        report=report,
        token=token,
        words=words,
        tables=tables,
        apart=apart.list_sections(report),
        layout=layout,
        charts=charts.make_all(report) if report.totals.visitors else {},
    )
    return _hidden(Response(page))


@blueprint.get("/shared/<token>.pdf")
@public
def file(token: str) -> ResponseReturnValue:
    """Send the report as a PDF."""
    return _hidden(pages.send_file(_open(token), Format.PDF))


def _open(token: str) -> Report:
    """Return the report of a link. Raises LinkNotValid, TooManyRequests."""
    limits.count_here("shared_report", client_network(), most=_VIEWS_A_MINUTE, seconds=60)
    link = service.find(token)
    hall_id, digest, period = link.hall_id, link.digest, link.period
    if service.is_used_anew(link):
        write_if_possible(lambda: service.note_use(hall_id, digest), what="noting the use of a report's link")
    g.hall_id = hall_id  # whatever the host name says: the page is that of the report's hall
    return figures.get_report(schedule.get_hall(hall_id), Period.parse(period))


def _hidden(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(form: LinkForm, *, made: str = "") -> str:
    hall = get_current_hall()
    return render_template(
        "reports/links.html",
        form=form,
        made=made,
        hall=hall,
        links=service.list_links(hall.id),
        words=words,
        Period=Period,
    )
