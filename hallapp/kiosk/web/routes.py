"""Routes for the kiosk: show a pass, confirm the number, see where to go. A refusal never shows its reason."""

from functools import partial
from typing import Any
from uuid import uuid4

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.core import limits
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.web.access import allow, allow_device, open_in_draft, public
from hallapp.core.web.filesets import FileSet
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import allow_wasm
from hallapp.desk.web.forms import fields_of, text_of
from hallapp.devices import queries as devices
from hallapp.devices.models import DeviceKind
from hallapp.devices.web import current_device
from hallapp.kiosk import service
from hallapp.kiosk.web import forms, words
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("kiosk", __name__)

#: The files that the page needs, also offline.
FILES = FileSet(
    page="/kiosk",
    names=(
        *("vendor/pico/pico.min.css", "css/base.css", "css/kiosk.css"),
        *("js/kiosk.js", "js/desk-camera.js", "js/desk-scanner.js", "js/ours.js", "js/people.js", "js/started.js"),
        *("js/timely.js", "icon.svg", "vendor/zxing-wasm/reader.js", "vendor/zxing-wasm/zxing_reader.wasm"),
    ),
)
FILES.serve_with(blueprint)
LIMIT_SECONDS = 5 * 60
LIMIT_LOOK_UPS = 60  # the number of invalid codes from one kiosk


@blueprint.get("/kiosk")
@allow(Permission.DESK_ADMIT)
@allow_device(DeviceKind.KIOSK)
def start() -> ResponseReturnValue:
    """Show the start page for the next group."""
    current_device.note_seen(DeviceKind.KIOSK)
    return _keep(_page("start"))


@blueprint.post("/kiosk/look-up")
@allow(Permission.DESK_ADMIT)
@allow_device(DeviceKind.KIOSK)
def look_up() -> ResponseReturnValue:
    """Look up the group of a scanned pass; other texts find nothing."""
    actor, keys = current_device.get_actor(DeviceKind.KIOSK), current_app.config["SETTINGS"].secret_keys
    code = text_of(fields_of(request), "code")

    def show_group() -> ResponseReturnValue:
        try:
            found = service.find_group(actor.hall_id, code, today=get_current_hall().today(), keys=keys)
        except DomainError:
            # Only a code that opened nothing is counted, so that the pass of the next group is always read.
            with transaction():
                limits.hit("kiosk", f"{actor.hall_id} {actor.staff_id}", limit=LIMIT_LOOK_UPS, seconds=LIMIT_SECONDS)
            raise
        return _page("group", group=found, code=code, event_id=str(uuid4()))

    return attempt(show_group, _to_the_counter)


@blueprint.post("/kiosk/arrivals")
@allow(Permission.DESK_ADMIT)
@allow_device(DeviceKind.KIOSK)
def arrivals() -> ResponseReturnValue:
    """Admit the group as it was confirmed."""
    actor, keys = current_device.get_actor(DeviceKind.KIOSK), current_app.config["SETTINGS"].secret_keys

    def let_in() -> ResponseReturnValue:
        with transaction():
            done = service.let_in(forms.to_let_in(fields_of(request), actor), keys=keys)
        return _page("done", done=done, where=devices.get_words(actor.hall_id))

    return attempt(let_in, _to_the_counter)


@blueprint.get("/kiosk/shell")
@allow(Permission.DESK_ADMIT)
@allow_device(DeviceKind.KIOSK)
def shell() -> ResponseReturnValue:
    """Show the page for a start offline, which sends groups to the counter and admits no one."""
    return _page("offline")


@blueprint.get("/kiosk/sw.js")
@public
@open_in_draft
def service_worker() -> ResponseReturnValue:
    """Show the service worker, which keeps the shell and the files."""
    return FILES.serve_worker()


def _to_the_counter(_refusal: DomainError) -> str:
    """Return the same page for every obstacle, so that it reveals nothing about a group."""
    return _page("counter")


def _page(step: str, **shown: Any) -> str:
    allow_wasm()
    FILES.use()
    hall = get_current_hall()
    return render_template(
        "kiosk/kiosk.html",
        step=step,
        words=words,
        hall=hall,
        hall_name=lambda language: hall.text("name", language),
        where_to=lambda where: lambda language: where.kiosk.get(language, ""),
        namer_of=lambda code: partial(hall.origins.name, code),
        **shown,
    )


def _keep(page: str) -> ResponseReturnValue:
    """Let the tablet be the kiosk for as long again."""
    device = current_device.find_device(DeviceKind.KIOSK)
    response = current_app.make_response(page)
    return current_device.keep(response, device) if device else response
