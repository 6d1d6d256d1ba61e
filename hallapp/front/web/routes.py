"""The first page of a hall: its description, next free times, and rounded figures of its closed months."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from hallapp.accounts.web.session import is_staff_here
from hallapp.core.i18n import language
from hallapp.core.web import public_pages
from hallapp.core.web.access import open_in_draft, public
from hallapp.core.web.responses import KEY_PATHS
from hallapp.front.listing import describe
from hallapp.profile.queries import list_notices_on, list_pictures
from hallapp.profile.service import HALL
from hallapp.reports import publishing_words as words
from hallapp.reports.publishing import find_received
from hallapp.reports.rounding import BASE
from hallapp.reports.web.publishing import keep_published
from hallapp.schedule import queries as schedule
from hallapp.schedule.addresses import base_url
from hallapp.schedule.hours import find_hours
from hallapp.schedule.models import Programme, Slot
from hallapp.schedule.web.current_hall import find_public_hall, get_current_hall, keep_slots_ahead

blueprint = Blueprint("home", __name__)
#: Addresses for staff and devices only.
_FOR_STAFF = ("/admin", "/bookings", "/desk", "/reports", "/account", "/sign-in", "/kiosk", "/screen", "/today")


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Show the hall's first page, which is the same for everybody but the staff."""
    hall = None if is_staff_here() else find_public_hall()
    return public_pages.answer(_page, hall_id=hall.id) if hall else _page()


@blueprint.get("/robots.txt")
@public
@open_in_draft
def robots() -> ResponseReturnValue:
    """Ask search engines to leave out private pages, and name the list of the others."""
    hall = get_current_hall()
    closed = ("/",) if hall.draft else (*KEY_PATHS, *_FOR_STAFF)
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    if not hall.draft:
        lines.append(f"Sitemap: {base_url(hall)}/sitemap.xml")
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> ResponseReturnValue:
    """List the pages for everybody, in each language of the hall."""
    hall = get_current_hall()
    pages = [f"{base_url(hall)}{path}?lang={code}" for path in ("/", "/book") for code in hall.language_codes]
    return Response(render_template("front/sitemap.xml", pages=pages), mimetype="application/xml")


def _page() -> str:
    hall = get_current_hall()
    keep_slots_ahead(hall)
    keep_published(hall)
    programmes, received = schedule.list_programmes(hall.id), find_received(hall)
    pictures, hours, site = list_pictures(hall.id), find_hours(hall), base_url(hall)
    return render_template(
        "front/home.html",
        hall=hall,
        programmes=programmes,
        free=_next_free(programmes),
        received=received,
        revised=received and words.revised(received, hall.time_zone),
        base=BASE,
        pictures=pictures,
        site=site,
        facts=describe(hall, site=site, language=language(), hours=hours, picture=pictures.get(HALL)),
        notices=list_notices_on(hall.id, hall.today()),
        hours=hours,
    )


def _next_free(programmes: Sequence[Programme]) -> dict[int, list[Slot]]:
    """Return the next free times of each programme, by its id."""
    slots = schedule.list_next_free(programmes)
    return {programme_id: list(found) for programme_id, found in groupby(slots, key=lambda slot: slot.programme_id)}
