"""Find my booking: by its reference and the end of its phone number, or by a link that is sent to its contact.

The answers tell nothing to strangers: a wrong reference and a wrong phone number are refused alike, and the page says
the same whether a message was sent or not.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.booking import queries, reference
from hallapp.booking.web import limiting
from hallapp.core.database import transaction
from hallapp.core.web.access import public
from hallapp.core.web.forms import submit_form
from hallapp.messages import links
from hallapp.messages.errors import BookingNotFound
from hallapp.messages.web.finding_forms import LinkForm, ReferenceForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("finding", __name__)


@blueprint.get("/find")
@public
def find() -> ResponseReturnValue:
    """Show both ways to a booking whose link was lost."""
    return _page(ReferenceForm(formdata=None), LinkForm(formdata=None))


@blueprint.post("/find")
@public
def submit() -> ResponseReturnValue:
    """Open the booking of a reference and a phone's end, or send links to a contact."""
    return _send_links() if "contact" in request.form else _open()


def _open() -> ResponseReturnValue:
    form = ReferenceForm(request.form)

    def act() -> ResponseReturnValue:
        typed = reference.tidy(form.reference.data)
        limiting.count_find(typed)
        booking = queries.find_booking_by_phone_end(get_current_hall().id, typed, form.phone_end.digits)
        if booking is None:
            raise BookingNotFound
        return redirect(url_for("booking.visit", key=booking.key), 303)

    return submit_form(form, act, lambda: _page(form, LinkForm(formdata=None)))


def _send_links() -> ResponseReturnValue:
    form = LinkForm(request.form)

    def act() -> ResponseReturnValue:
        email, phone = form.address()
        limiting.count_links_to(email or str(phone))
        with transaction():
            links.send_links(get_current_hall(), email=email, phone=phone)
        return redirect(url_for(".find", sent=1), 303)

    return submit_form(form, act, lambda: _page(ReferenceForm(formdata=None), form))


def _page(by_reference: ReferenceForm, by_link: LinkForm) -> str:
    return render_template(
        "messages/find.html",
        by_reference=by_reference,
        by_link=by_link,
        texts=links.can_text(),
        sent="sent" in request.args,
    )
