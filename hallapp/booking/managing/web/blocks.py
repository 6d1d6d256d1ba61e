"""The block list: phones and organisations that cannot book online, with reason, end and history."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import blocks, phones, waiting
from hallapp.booking import queries as bookings
from hallapp.booking.managing.web.blueprint import blueprint, by, number_of
from hallapp.booking.managing.web.forms import BlockForm
from hallapp.booking.models import Booking
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import private
from hallapp.kinds.values import is_individual
from hallapp.schedule.web.current_hall import get_current_hall


@blueprint.get("/bookings/blocks")
@allow(Permission.BOOKINGS_REVIEW)
def block_list() -> ResponseReturnValue:
    """Show the entries in force and those that have ended, with a form for a new one, perhaps for a booking's group."""
    reference = request.args.get("reference")
    group = _group_of(bookings.get_booking(get_staff().hall_id, reference)) if reference else {}
    return _page(BlockForm(formdata=None, data=group), opened=bool(group))


@blueprint.post("/bookings/blocks")
@allow(Permission.BOOKINGS_REVIEW)
def add_block() -> ResponseReturnValue:
    """Block a phone or an organisation."""
    form, hall_id = BlockForm(request.form), get_staff().hall_id

    def add() -> ResponseReturnValue:
        command = blocks.AddBlock(
            hall_id=hall_id,
            phone=phones.parse(form.phone.data) if form.phone.data else None,
            organisation=form.organisation.data or None,
            reason=form.reason.data,
            until=form.until.data,
        )
        with transaction():
            blocks.add(command, by=by())
        return redirect(url_for(".block_list", done="added"), 303)

    return submit_form(form, add, lambda: _page(form))


@blueprint.post("/bookings/blocks/<number>/lift")
@allow(Permission.BOOKINGS_REVIEW)
def lift_block(number: str) -> ResponseReturnValue:
    """End an entry of the block list now; groups that it kept from an offer are offered places that are free."""
    with transaction():
        waiting.lift_block(get_current_hall(), number_of(number), by=by())
    return redirect(url_for(".block_list", done="lifted"), 303)


def _group_of(booking: Booking) -> dict[str, str]:
    name = "" if is_individual(booking.kind) else booking.organisation
    return {"phone": phones.display(booking.phone) if booking.phone else "", "organisation": name}


def _page(form: BlockForm, *, opened: bool = False) -> Response:
    hall, done = get_current_hall(), request.args.get("done", "")
    page = render_template(
        "booking/managing/blocks.html",
        form=form,
        opened=opened,
        hall=hall,
        blocks=blocks.list_in_force(hall),
        ended=blocks.list_ended(hall),
        done=done if done in ("added", "lifted") else "",
    )
    return private(page)
