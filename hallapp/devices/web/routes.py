"""The devices of a hall, for its managers; and the address that makes a browser one of them."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff, sign_out_here
from hallapp.core import limits, qr
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import client_network, error_answer
from hallapp.core.web.rownumbers import get_number
from hallapp.devices import queries, service
from hallapp.devices.models import SHORT_KIND_NAMES, Device
from hallapp.devices.service import Given
from hallapp.devices.web import current_device
from hallapp.devices.web.forms import DeviceForm, WordsForm
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("devices", __name__)

LIMIT_SECONDS = 5 * 60
LIMIT_PER_NETWORK = 60


@blueprint.get("/admin/devices")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the devices in use, a form for one more, and their texts."""
    return _page()


@blueprint.post("/admin/devices")
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Add a device, and show its link this once."""
    form, staff = DeviceForm(request.form), get_staff()

    def add_device() -> ResponseReturnValue:
        with transaction():
            given = service.add(form.to_command(hall_id=staff.hall_id, by=staff.id))
        return _link_page(given)

    return submit_form(form, add_device, lambda: _page(form))


@blueprint.post("/admin/devices/words")
@allow(Permission.SETTINGS_CHANGE)
def save_words() -> ResponseReturnValue:
    """Save the texts of the devices."""
    form, staff = WordsForm(request.form), get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            service.save_words(form.to_command(hall_id=staff.hall_id, by=staff.id))
        return redirect(url_for(".index", saved=1, _anchor="words"), 303)

    return submit_form(form, save, lambda: _page(words=form))


@blueprint.post("/admin/devices/<number>/link")
@allow(Permission.SETTINGS_CHANGE)
def renew(number: str) -> ResponseReturnValue:
    """Make a new link for a device, and show it this once."""
    with transaction():
        given = service.renew(_get(number), by=get_staff().id)
    return _link_page(given)


@blueprint.post("/admin/devices/<number>/revoke")
@allow(Permission.SETTINGS_CHANGE)
def revoke(number: str) -> ResponseReturnValue:
    """Take a device back; it opens nothing from its next request on."""
    with transaction():
        service.revoke(_get(number), by=get_staff().id)
    return redirect(url_for(".index"), 303)


@blueprint.get("/devices/<token>")
@public
def open_link(token: str) -> ResponseReturnValue:
    """Let this browser be the device whose link it is, and go to its page; a session of the staff ends there."""
    with transaction():
        limits.hit("device link", client_network(), limit=LIMIT_PER_NETWORK, seconds=LIMIT_SECONDS)
    device = service.find_by_token(token)
    if device is None:
        message = _("This link no longer works. Ask a manager of the hall for a new one.")
        return error_answer(404, "not_found", _("Not found"), message)
    sign_out_here()  # the person who set up the tablet must not leave their session to its visitors
    return current_device.keep(make_response(redirect(f"/{device.kind.value}", 303)), device)


def _get(number: str) -> Device:
    return queries.get_device(get_staff().hall_id, get_number(number))


def _page(form: DeviceForm | None = None, words: WordsForm | None = None) -> str:
    hall = get_current_hall()
    return render_template(
        "devices/index.html",
        hall=hall,
        devices=queries.list_devices(hall.id),
        kind_names=SHORT_KIND_NAMES,
        form=form or DeviceForm(formdata=None),
        words=words or WordsForm.of(queries.get_words(hall.id)),
    )


def _link_page(given: Given) -> str:
    link = f"{base_url(get_current_hall())}{url_for('.open_link', token=given.token)}"
    symbol = qr.draw(link, level=qr.A_SEVENTH)
    return render_template("devices/link.html", device=given.device, link=link, symbol=symbol)
