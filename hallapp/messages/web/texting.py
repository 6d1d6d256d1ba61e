"""The pages for text messages: the sign, the limit of a day, the templates, and what was sent in a month."""

from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.messages import texting
from hallapp.messages.texting import TextKind
from hallapp.messages.web.blueprint import blueprint
from hallapp.messages.web.text_forms import TemplatesForm, TextSettingForm
from hallapp.notifications import kinds, texts
from hallapp.notifications import queries as outbox
from hallapp.notifications.texting import Provider, find_host, find_provider
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

PROVIDER_NAMES = {Provider.ALIYUN: N_("Alibaba Cloud"), Provider.TENCENT: N_("Tencent Cloud")}


@blueprint.get("/admin/messages/texts")
@allow(Permission.MESSAGES_MANAGE)
def text_setting() -> ResponseReturnValue:
    """Show how text messages are sent, what is missing, and what was sent."""
    return _page(TextSettingForm.of(texts.find_setting(get_staff().hall_id)))


@blueprint.post("/admin/messages/texts")
@allow(Permission.MESSAGES_MANAGE)
def save_text_setting() -> ResponseReturnValue:
    """Set the sign and the limit of a day."""
    form, staff = TextSettingForm(request.form), get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            texts.save_setting(staff.hall_id, sign=form.sign.data, daily_limit=form.daily_limit.data, by=staff.id)
        return redirect(url_for(".text_setting", saved=1), 303)

    return submit_form(form, save, lambda: _page(form))


@blueprint.get("/admin/messages/texts/<kind>")
@allow(Permission.MESSAGES_MANAGE)
def text_templates(kind: str) -> ResponseReturnValue:
    """Show the templates of a kind of message."""
    found, provider = _which(kind)
    return _templates_page(found, provider, _offered(TemplatesForm(formdata=None), found, provider))


@blueprint.post("/admin/messages/texts/<kind>")
@allow(Permission.MESSAGES_MANAGE)
def save_text_templates(kind: str) -> ResponseReturnValue:
    """Set the templates of a kind of message."""
    (found, provider), staff = _which(kind), get_staff()
    form = _offered(TemplatesForm(request.form), found, provider)

    def save() -> ResponseReturnValue:
        with transaction():
            texts.save_templates(staff.hall_id, provider, found.outbox_kind, form.to_templates(), by=staff.id)
        return redirect(url_for(".text_templates", kind=kind, saved=1), 303)

    return submit_form(form, save, lambda: _templates_page(found, provider, form))


def list_untemplated(hall: Hall) -> list[str]:
    """Return the names of the messages that the hall sends by text, but that the provider has no template for."""
    provider = find_provider(_sms_url())
    coverage = texting.list_coverage(hall, provider) if provider else []
    return [gettext(one.kind.name) for one in coverage if one.used and one.missing]


def _sms_url() -> str | None:
    url: str | None = current_app.config["SETTINGS"].sms_url
    return url


def _which(kind: str) -> tuple[TextKind, Provider]:
    """Return the kind and the provider in use; 404 for another kind, or where no provider needs templates."""
    found, provider = texting.find_kind(kind), find_provider(_sms_url())
    if found is None or provider is None:
        abort(404)
    return found, provider


def _offered(form: TemplatesForm, kind: TextKind, provider: Provider) -> TemplatesForm:
    hall = get_current_hall()
    return form.offer(kind, provider, texting.languages_of(hall), texts.list_templates(hall.id, provider))


def _page(form: TextSettingForm) -> str:
    hall, url = get_current_hall(), _sms_url()
    provider = find_provider(url)
    return render_template(
        "messages/texts.html",
        hall=hall,
        form=form,
        host=find_host(url) if url else None,
        provider=provider,
        provider_name=PROVIDER_NAMES[provider] if provider else None,
        sign=getattr(texts.find_setting(hall.id), "sign", ""),
        coverage=texting.list_coverage(hall, provider) if provider else [],
        held=outbox.count_held(hall.id),
        today=texts.count_today(hall.id),
        **_costs(hall.id),
    )


def _costs(hall_id: int) -> dict[str, Any]:
    """Return what was sent in this month and in the one before, the newer first."""
    today = get_current_hall().today()
    first, end = clock.month_range(today.year, today.month)
    before = clock.month_range(first.year - (first.month == 1), (first.month - 2) % 12 + 1)
    months = [(start, texts.list_costs(hall_id, start, stop)) for start, stop in ((first, end), before)]
    return {"months": months, "find_kind": kinds.find_kind}


def _templates_page(kind: TextKind, provider: Provider, form: TemplatesForm) -> str:
    return render_template(
        "messages/text_templates.html",
        kind=kind,
        provider=provider.value,
        provider_name=PROVIDER_NAMES[provider],
        form=form,
    )
