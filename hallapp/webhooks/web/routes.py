"""The administrators' pages of webhooks: their settings, and the log of what was sent."""

import json
from http import HTTPStatus

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.signals import details_erased
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import N_
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.webhooks import queries, service
from hallapp.webhooks.models import EVENT_NAMES, OUTCOME_NAMES, EventKind, Outcome, Webhook
from hallapp.webhooks.web.forms import WebhookForm

blueprint = Blueprint("webhooks", __name__)

details_erased.connect(service.erase_of)

SHOWN = 100
#: The meanings of the codes of `WebhookAttempt.error`.
ERROR_NAMES = {
    "private": N_("The name leads to a private network"),
    "name": N_("The name of the host is unknown"),
    "connection": N_("No connection"),
    "encryption": N_("The certificate of the host is not valid"),
    "timeout": N_("No answer in time"),
    "protocol": N_("The answer is not HTTP"),
    "form": N_("The address cannot be used"),
    "secret": N_("The secret cannot be read: renew it"),
}


@blueprint.get("/admin/webhooks")
@allow(Permission.KEYS_MANAGE)
def index() -> ResponseReturnValue:
    """Show the webhooks of the hall, and the form for another one."""
    return _list_page(WebhookForm.empty())


@blueprint.post("/admin/webhooks")
@allow(Permission.KEYS_MANAGE)
def add() -> ResponseReturnValue:
    """Add a webhook and show its secret, once."""
    form, staff = WebhookForm(request.form), get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            webhook, secret = service.add(form.to_command(hall_id=staff.hall_id, by=staff.id, number=None), _keys())
        return _shown_once(webhook, secret)

    return submit_form(form, save, lambda: _list_page(form))


@blueprint.get("/admin/webhooks/<number>")
@allow(Permission.KEYS_MANAGE)
def webhook(number: str) -> ResponseReturnValue:
    """Show a webhook with its log, to be changed."""
    found = _get(number)
    return _page(found, WebhookForm.of(found))


@blueprint.post("/admin/webhooks/<number>")
@allow(Permission.KEYS_MANAGE)
def change(number: str) -> ResponseReturnValue:
    """Change a webhook."""
    form, known, staff = WebhookForm(request.form), _get(number).number, get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            service.change(form.to_command(hall_id=staff.hall_id, by=staff.id, number=known))
        return redirect(url_for(".webhook", number=number, saved=1), 303)

    return submit_form(form, save, lambda: _page(_get(number), form))


@blueprint.post("/admin/webhooks/<number>/test")
@allow(Permission.KEYS_MANAGE)
def test(number: str) -> ResponseReturnValue:
    """Send a test event."""

    def send() -> ResponseReturnValue:
        with transaction():
            event = service.send_test(_get(number), by=get_staff().id)
        return redirect(url_for(".event", number=number, event_id=event.id), 303)

    return attempt(send, lambda error: _refused(number, translate(error)))


@blueprint.post("/admin/webhooks/<number>/rotate")
@allow(Permission.KEYS_MANAGE)
def rotate(number: str) -> ResponseReturnValue:
    """Give a webhook a new secret and show it, once."""
    with transaction():
        found = _get(number)
        secret = service.rotate(found, _keys(), by=get_staff().id)
    return _shown_once(found, secret)


@blueprint.post("/admin/webhooks/<number>/remove")
@allow(Permission.KEYS_MANAGE)
def remove(number: str) -> ResponseReturnValue:
    """Remove a webhook with its log."""
    staff, known = get_staff(), _get(number).number
    with transaction():
        service.remove(staff.hall_id, known, by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


@blueprint.post("/admin/webhooks/<number>/send-failed")
@allow(Permission.KEYS_MANAGE)
def send_failed(number: str) -> ResponseReturnValue:
    """Let all events be delivered that were given up."""

    def send() -> ResponseReturnValue:
        with transaction():
            service.send_failed_again(_get(number), by=get_staff().id)
        return redirect(url_for(".webhook", number=number, saved=1), 303)

    return attempt(send, lambda error: _refused(number, translate(error)))


@blueprint.get("/admin/webhooks/<number>/events/<event_id>")
@allow(Permission.KEYS_MANAGE)
def event(number: str, event_id: str) -> ResponseReturnValue:
    """Show an event as it was sent, with the answers to it."""
    return _event_page(number, event_id)


@blueprint.post("/admin/webhooks/<number>/events/<event_id>/send-again")
@allow(Permission.KEYS_MANAGE)
def send_again(number: str, event_id: str) -> ResponseReturnValue:
    """Let an event be delivered once more."""

    def send() -> ResponseReturnValue:
        with transaction():
            service.send_again(_get(number), event_id, by=get_staff().id)
        return redirect(url_for(".event", number=number, event_id=event_id, saved=1), 303)

    return attempt(send, lambda error: _event_page(number, event_id, refusal=translate(error)))


def _get(number: str) -> Webhook:
    """Return a webhook of the administrator's hall. Raises NoResultFound."""
    return queries.get_webhook(get_staff().hall_id, get_number(number))


def _keys() -> tuple[str, ...]:
    keys: tuple[str, ...] = current_app.config["SETTINGS"].secret_keys
    return keys


def _shown_once(found: Webhook, secret: str) -> Response:
    response = make_response(render_template("webhooks/secret.html", webhook=found, secret=secret))
    response.headers["Cache-Control"] = "no-store"
    return response


def _list_page(form: WebhookForm) -> str:
    hall_id = get_staff().hall_id
    return _render("index", form=form, webhooks=queries.list_webhooks(hall_id), failed=queries.count_failed(hall_id))


def _refused(number: str, refusal: str) -> str:
    found = _get(number)
    return _page(found, WebhookForm.of(found), refusal=refusal)


def _page(found: Webhook, form: WebhookForm, *, refusal: str | None = None) -> str:
    only_failed = request.args.get("only") == "failed"
    outcome = Outcome.GIVEN_UP if only_failed else None
    return _render(
        "webhook",
        form=form,
        webhook=found,
        deliveries=queries.list_deliveries(found.hall_id, found.number, limit=SHOWN, outcome=outcome),
        only_failed=only_failed,
        failed=queries.count_failed(found.hall_id).get(found.number, 0),
        health=queries.get_health(found.hall_id, found.number),
        readable=service.is_readable(found.secret, _keys()),
        refusal=refusal,
    )


def _event_page(number: str, event_id: str, *, refusal: str | None = None) -> str:
    found = _get(number)
    delivery = queries.get_delivery(found.hall_id, found.number, event_id)
    body = json.dumps(json.loads(delivery.event.body), ensure_ascii=False, indent=2)
    attempts = queries.list_attempts(delivery)
    return _render("event", webhook=found, delivery=delivery, body=body, attempts=attempts, refusal=refusal)


def _render(name: str, **shown: object) -> str:
    return render_template(
        f"webhooks/{name}.html",
        hall=get_current_hall(),
        now=clock.now(),
        event_names={**EVENT_NAMES, EventKind.TEST: N_("Test")},
        outcome_names=OUTCOME_NAMES,
        error_names=ERROR_NAMES,
        statuses={one.value: one.phrase for one in HTTPStatus},
        private=current_app.config["SETTINGS"].webhook_private,
        most=SHOWN,
        **shown,
    )
