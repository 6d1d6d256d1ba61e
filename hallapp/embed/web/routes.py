"""The pages that other websites show in an iframe, and the settings page that allows them to.

Browsers send no cookie of ours into an iframe of another site (`SameSite=Lax`, or third-party cookies are blocked). So
these pages need none: they show what is free, and each time leads to the booking page in a window of its own.
"""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.choices import Wish, offer
from hallapp.booking.web.page import advance_hall
from hallapp.core.database import transaction
from hallapp.core.web import public_pages
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import submit_form
from hallapp.embed import service
from hallapp.embed.web.forms import SitesForm
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import find_public_hall, get_current_hall, get_facts_version

blueprint = Blueprint("embed", __name__)


@blueprint.get("/embed/availability")
@public
def availability() -> ResponseReturnValue:
    """Show the days on which a programme has free places; `?programme=` chooses it."""
    return _answer("availability")


@blueprint.get("/embed/book")
@public
def book() -> ResponseReturnValue:
    """Show the free times of a day; each leads to the booking page in a new window."""
    return _answer("book")


@blueprint.route("/admin/embed", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def settings() -> ResponseReturnValue:
    """Show which websites may show the pages, and what they put into theirs."""
    hall_id, by = get_current_hall().id, get_staff().id
    if request.method == "GET":
        return _settings_page(SitesForm(data={"sites": "\n".join(service.list_sites(hall_id))}))
    form = SitesForm(request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            service.save_sites(hall_id, form.sites.data, by=by)
        return redirect(url_for(".settings", saved=1), 303)

    return submit_form(form, save, lambda: _settings_page(form))


def _answer(view: str) -> Response:
    """Answer with a page that the websites of the hall may frame; without any it can only be opened by itself."""
    hall = find_public_hall() or abort(404)
    sites = service.list_sites(hall.id)
    g.frame_ancestors = " ".join(sites)
    return public_pages.answer(lambda: _render(view), hall_id=hall.id, variant=" ".join(sites))


def _render(view: str) -> str:
    hall = get_current_hall()
    advance_hall(hall)
    wish = Wish(
        programme=request.args.get("programme"),
        day=request.args.get("day"),
        slot_id=None,
        slot_asked=False,
        people=0,
    )
    choices = offer(hall, wish, version=get_facts_version())
    return render_template(
        f"embed/{view}.html", hall=hall, choices=choices, sites=service.list_sites(hall.id), site=base_url(hall)
    )


def _settings_page(form: SitesForm) -> str:
    hall = get_current_hall()
    return render_template(
        "embed/settings.html", form=form, sites=service.list_sites(hall.id), site=base_url(hall), hall=hall
    )
