"""The calendars of guides and of the hall: the pages on which staff make their addresses, and the calendars."""

import hashlib

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.limits import Limit
from hallapp.core.web.access import allow, public
from hallapp.core.web.responses import client_network
from hallapp.core.web.rownumbers import get_number
from hallapp.guides import feeds, queries
from hallapp.guides.models import Guide
from hallapp.guides.web.blueprint import blueprint
from hallapp.schedule import queries as schedule
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import get_current_hall

#: How often one network may ask for calendars in an hour; a calendar program asks every few minutes at most.
LIMIT_PER_NETWORK = 240


@blueprint.get("/calendars/<number>/<token>.ics")
@public
def calendar_feed(number: str, token: str) -> ResponseReturnValue:
    """Send a calendar to the program that knows its address."""
    limits.count(Limit(what="calendar feed", subject=client_network(), most=LIMIT_PER_NETWORK))
    hall_id = get_number(number)
    feed = feeds.find_feed(hall_id, token) or abort(404)
    g.hall_id = hall_id
    hall = schedule.get_hall(hall_id)
    return send_calendar(feeds.render(hall, feed, language=hall.language_codes[0]), "groups.ics")


def send_calendar(content: bytes, name: str) -> Response:
    """Return a calendar for the program that asks for it again and again; an unchanged one is not sent twice."""
    response = Response(content, mimetype="text/calendar")
    response.headers["Content-Disposition"] = f"inline; filename={name}"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.make_conditional(request)
    return response


@blueprint.get("/guide/calendar")
@allow(Permission.OWN_GROUPS)
def my_calendar() -> ResponseReturnValue:
    """Show the signed-in guide whether there is a calendar of their groups."""
    return _page([_get_mine()], make="guides.make_my_calendar", withdraw="guides.withdraw_my_calendar", back="mine")


@blueprint.post("/guide/calendar")
@allow(Permission.OWN_GROUPS)
def make_my_calendar() -> ResponseReturnValue:
    """Make a new address of the signed-in guide's calendar, and show it this once."""
    return _renew(_get_mine(), back="my_calendar")


@blueprint.post("/guide/calendar/withdraw")
@allow(Permission.OWN_GROUPS)
def withdraw_my_calendar() -> ResponseReturnValue:
    """End the calendar of the signed-in guide."""
    return _withdraw(_get_mine(), back="my_calendar")


@blueprint.get("/admin/feeds", endpoint="calendar_feeds")
@allow(Permission.GUIDES_ASSIGN)
def index() -> ResponseReturnValue:
    """Show the calendars of the hall and of its guides."""
    owners = [None, *(guide for guide in queries.list_guides(get_staff().hall_id) if guide.active)]
    return _page(owners, make="guides.make_calendar", withdraw="guides.withdraw_calendar", back="index")


@blueprint.post("/admin/feeds")
@allow(Permission.GUIDES_ASSIGN)
def make_calendar() -> ResponseReturnValue:
    """Make a new address of a calendar, and show it this once."""
    return _renew(_get_chosen(), back="calendar_feeds")


@blueprint.post("/admin/feeds/withdraw")
@allow(Permission.GUIDES_ASSIGN)
def withdraw_calendar() -> ResponseReturnValue:
    """End a calendar."""
    return _withdraw(_get_chosen(), back="calendar_feeds")


def _get_mine() -> Guide:
    staff = get_staff()
    guide = queries.find_guide_of_staff(staff.hall_id, staff.id)
    return guide if guide and guide.active else abort(404)


def _get_chosen() -> Guide | None:
    """Return the guide that a form names, or None for the hall itself."""
    typed = request.form.get("guide", "")
    return queries.get_guide(get_staff().hall_id, get_number(typed)) if typed else None


def _page(owners: list[Guide] | list[Guide | None], **endpoints: str) -> str:
    hall = get_current_hall()
    return render_template(
        "guides/calendar_feeds.html", hall=hall, owners=owners, feeds=feeds.list_feeds(hall.id), **endpoints
    )


def _renew(guide: Guide | None, *, back: str) -> ResponseReturnValue:
    hall, guide_id = get_current_hall(), guide.id if guide else None
    hall_id, site = hall.id, base_url(hall)
    with transaction():
        token = feeds.renew(hall_id, guide_id, by=get_staff().id)
    address = site + url_for(".calendar_feed", number=hall_id, token=token)
    return render_template("guides/calendar_link.html", hall=hall, guide=guide, address=address, back=back)


def _withdraw(guide: Guide | None, *, back: str) -> ResponseReturnValue:
    guide_id = guide.id if guide else None
    with transaction():
        feeds.withdraw(get_staff().hall_id, guide_id, by=get_staff().id)
    return redirect(url_for(f".{back}"), 303)
