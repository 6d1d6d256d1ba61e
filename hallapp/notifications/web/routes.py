"""The outbox for managers: the delivery of each message, and sending again a message that was given up."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt
from hallapp.core.web.rownumbers import find_number, get_number
from hallapp.notifications import kinds, queries, service, texts
from hallapp.notifications.models import Fate, OutboxMessage
from hallapp.notifications.web import forms
from hallapp.notifications.web.forms import OutboxForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("outbox", __name__)

PAGE = 50


@blueprint.get("/admin/outbox")
@allow(Permission.MESSAGES_MANAGE)
def index() -> ResponseReturnValue:
    """Show a page of the outbox; `before` and `after` in the address are numbers of messages to continue at."""
    hall, form = get_current_hall(), OutboxForm(request.args)
    shown = {
        "hall": hall,
        "form": form,
        "given_up": queries.count_given_up(hall.id),
        "held": queries.count_held(hall.id),
        **dict.fromkeys(("messages", "newer", "older")),
    }
    if not form.validate():
        return _render("index", **shown), 422
    before, after = _number("before"), _number("after")
    wanted = form.to_wanted(hall.time_zone)
    found = list(queries.list_wanted(hall.id, wanted, limit=PAGE + 1, before=before, after=after))
    more = len(found) > PAGE
    messages = (found[-PAGE:] if after else found[:PAGE]) if more else found
    if messages:
        newer = messages[0].id if before or (after and more) else None
        older = messages[-1].id if after or more else None
        shown |= {"messages": messages, "newer": newer, "older": older}
    return _render("index", **shown)


@blueprint.get("/admin/outbox/<number>")
@allow(Permission.MESSAGES_MANAGE)
def message(number: str) -> ResponseReturnValue:
    """Show one message: recipient, text, delivery."""
    return _message_page(_get(number))


@blueprint.post("/admin/outbox/<number>/send-again")
@allow(Permission.MESSAGES_MANAGE)
def send_again(number: str) -> ResponseReturnValue:
    """Let a message that was given up, or put off, be tried again at once."""
    staff = get_staff()

    def send() -> ResponseReturnValue:
        with transaction():
            found = _get(number)
            service.send_again(found)
            accounts.record(
                hall_id=found.hall_id, staff_id=staff.id, action="message_sent_again", subject=f"outbox {found.id}"
            )
        return redirect(url_for(".message", number=number, again=1), 303)

    return attempt(send, lambda error: _message_page(_get(number), refusal=translate(error)))


@blueprint.post("/admin/outbox/<number>/copy")
@allow(Permission.MESSAGES_MANAGE)
def send_copy(number: str) -> ResponseReturnValue:
    """Send a message that was sent once more, as a copy."""
    staff = get_staff()

    def send() -> ResponseReturnValue:
        with transaction():
            found = _get(number)
            copy = service.send_copy(found)
            accounts.record(
                hall_id=found.hall_id, staff_id=staff.id, action="message_sent_again", subject=f"outbox {found.id}"
            )
        return redirect(url_for(".message", number=copy.id, again=1), 303)

    return attempt(send, lambda error: _message_page(_get(number), refusal=translate(error)))


@blueprint.post("/admin/outbox/release")
@allow(Permission.MESSAGES_MANAGE)
def release() -> ResponseReturnValue:
    """Let all held text messages be tried again."""
    staff = get_staff()
    with transaction():
        texts.release(staff.hall_id, by=staff.id)
    return redirect(url_for(".index", released=1), 303)


def masked(recipient: str) -> str:
    """Mask an address or a number, so that it can only be recognised."""
    name, at, host = recipient.rpartition("@")
    if at:
        return f"{name[:1]}…@{host}"
    return f"{recipient[:3]}…{recipient[-4:]}" if len(recipient) > 8 else "…"


def _get(number: str) -> OutboxMessage:
    """Return a message of this hall; 404 for any other."""
    return queries.get_message(get_staff().hall_id, get_number(number))


def _message_page(found: OutboxMessage, *, refusal: str | None = None) -> str:
    # A link for the staff opens an account, perhaps one with more permissions than the reader has.
    kind = kinds.find_kind(found.kind)
    secret = kind is not None and kind.secret
    return _render(
        "message",
        hall=get_current_hall(),
        message=found,
        secret=secret,
        copy=queries.find_copy(found),
        can_copy=found.fate is Fate.SENT and not secret,
        can_send=found.fate is Fate.HELD or (found.fate in (Fate.WAITING, Fate.GIVEN_UP) and found.attempts > 0),
        refusal=refusal,
    )


def _render(name: str, **shown: object) -> str:
    return render_template(
        f"notifications/{name}.html",
        masked=masked,
        kind_name=forms.kind_name,
        fates=forms.FATE_NAMES,
        channels=forms.CHANNEL_NAMES,
        holds=forms.HOLD_NAMES,
        deliveries=forms.DELIVERY_NAMES,
        **shown,
    )


def _number(name: str) -> int | None:
    asked = request.args.get(name, "")
    return find_number(asked)
