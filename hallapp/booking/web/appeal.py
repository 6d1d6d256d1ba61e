"""The page on which an organiser appeals against a pause after no-shows; its link is private."""

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from hallapp.booking import appeals, queries
from hallapp.booking.models import Booking
from hallapp.booking.web import limiting
from hallapp.core.database import transaction
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.access import public
from hallapp.core.web.fields import without_controls
from hallapp.core.web.forms import RefusableForm, submit_form
from hallapp.core.web.responses import csrf, private

blueprint = Blueprint("appeal", __name__)
WORDS_MOST = 1_000


class AppealForm(RefusableForm):
    """The reason of an organiser in their own words."""

    words = TextAreaField(
        _l("Why did your group not come, or what is wrong with our record?"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Please write a few words.")),
            Length(max=WORDS_MOST, message=_l("Please shorten this to %(max)d characters.")),
            without_controls,
        ],
    )


@blueprint.get("/visits/<key>/appeal")
@public
def appeal(key: str) -> ResponseReturnValue:
    """Show the form of an appeal, or what became of it; without a pause the page of the booking has the rest."""
    booking = _open(key)
    if appeals.find_pause(booking) is None and appeals.find_appeal(booking) is None:
        return redirect(url_for("booking.visit", key=key), 303)
    return _page(booking, AppealForm(formdata=None))


@blueprint.post("/visits/<key>/appeal")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@public
def submit(key: str) -> ResponseReturnValue:
    """Take the appeal."""
    booking, form = _open(key), AppealForm(request.form)

    def appeal_now() -> ResponseReturnValue:
        limiting.count_appeal(booking)
        with transaction():
            appeals.make(queries.get_booking_by_key(key), form.words.data)
        return redirect(url_for(".appeal", key=key), 303)

    return submit_form(form, appeal_now, lambda: _page(_open(key), form))


def _open(key: str) -> Booking:
    booking = queries.get_booking_by_key(key)
    g.hall_id = booking.hall_id  # on a shared service the page looks like the booking's own hall
    return booking


def _page(booking: Booking, form: AppealForm) -> Response:
    made = appeals.find_appeal(booking)
    return private(
        render_template(
            "booking/appeal.html",
            booking=booking,
            hall=booking.hall,
            form=form,
            pause=appeals.find_pause(booking),
            appeal=made,
            # Another contact of the same organisation learns that there is an appeal, and not its words.
            own=made is not None and made.booking_id == booking.id,
            most=WORDS_MOST,
        )
    )
