"""Routes for the group's feedback page, the desk's printed code for it, and the guide's own feedback."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, abort, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import Booking
from hallapp.booking.queries import get_booking
from hallapp.booking.signals import details_erased
from hallapp.core import qr
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import attempt
from hallapp.feedback import keys, queries, service
from hallapp.feedback.errors import FeedbackGiven
from hallapp.feedback.models import STAR_NAMES
from hallapp.feedback.trend import MONTHS, trend_of
from hallapp.feedback.web.forms import FeedbackForm
from hallapp.guides.queries import find_guide_of_staff
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("feedback", __name__)
details_erased.connect(service.erase)

LINES = 50


@blueprint.get("/feedback/<key>")
@public
def ask(key: str) -> ResponseReturnValue:
    """Show two questions and a comment field, or why there are none."""
    booking = _open(key)

    def show_questions() -> ResponseReturnValue:
        try:
            service.check(booking)
        except FeedbackGiven:  # no obstacle: the page thanks the group
            return render_template("feedback/thanks.html", booking=booking)
        return _page(key, booking, FeedbackForm(formdata=None))

    return attempt(show_questions, _closed_page)


@blueprint.post("/feedback/<key>")
@public
def give(key: str) -> ResponseReturnValue:
    """Store the group's feedback; a second submit only shows the thanks."""
    booking = _open(key)
    form = FeedbackForm(request.form)
    form.offer()
    if not form.validate():
        return _page(key, booking, form), 422

    def store() -> ResponseReturnValue:
        with suppress(FeedbackGiven), transaction():
            service.give(_open(key), form.to_command())
        return redirect(url_for(".ask", key=key), 303)

    return attempt(store, _closed_page)


@blueprint.get("/desk/feedback/<reference>")
@allow(Permission.DESK_ADMIT)
def paper(reference: str) -> ResponseReturnValue:
    """Show a code to print, which leads a group to its feedback page."""
    hall = get_current_hall()
    booking = get_booking(get_staff().hall_id, reference)
    address = f"{base_url(hall)}{url_for('.ask', key=keys.make(booking.reference, _secrets()))}"
    return render_template(
        "feedback/paper.html", hall=hall, booking=booking, address=address, symbol=qr.draw(address, level=qr.A_SEVENTH)
    )


@blueprint.get("/guide/feedback")
@allow(Permission.OWN_GROUPS)
def my_groups() -> ResponseReturnValue:
    """Show the feedback of the groups that the signed-in guide has led."""
    hall, staff = get_current_hall(), get_staff()
    guide = find_guide_of_staff(staff.hall_id, staff.id)
    shown: dict[str, Any] = {"hall": hall, "guide": guide, "stars": STAR_NAMES}
    if guide:
        shown |= {
            "figures": queries.get_figures(hall.id, guide_id=guide.id),
            "trend": trend_of(queries.list_months(hall.id, limit=MONTHS, guide_id=guide.id)),
            "entries": queries.list_feedback(hall.id, limit=LINES, guide_id=guide.id),
        }
    return render_template("feedback/my_groups.html", **shown)


def _open(key: str) -> Booking:
    """Return the booking of a key, and use its hall for the page. 404 for a key that was not signed here."""
    reference = keys.find_reference(key, _secrets())
    if reference is None:
        abort(404)
    booking = queries.get_booking_by_reference(reference)
    g.hall_id = booking.hall_id
    return booking


def _closed_page(error: DomainError) -> str:
    return render_template("feedback/closed.html", message=translate(error))


def _page(key: str, booking: Booking, form: FeedbackForm) -> str:
    form.offer()
    return render_template("feedback/ask.html", key=key, booking=booking, form=form)


def _secrets() -> tuple[str, ...]:
    secrets: tuple[str, ...] = current_app.config["SETTINGS"].secret_keys
    return secrets
