"""The pages for messages to organisers: their channels and their texts."""

from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import installed
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.messages import facts, letter, placeholders, queries, service, standard
from hallapp.messages.models import MESSAGE_NAMES, MessageKind
from hallapp.messages.standard import Words
from hallapp.messages.web import announcing, texting
from hallapp.messages.web.blueprint import blueprint
from hallapp.messages.web.forms import WordsForm, read_ways
from hallapp.notifications.models import ORGANISER_CHANNELS, Channel
from hallapp.schedule.web.current_hall import get_current_hall

__all__ = ["announcing", "blueprint", "texting"]


@blueprint.get("/admin/messages")
@allow(Permission.MESSAGES_MANAGE)
def index() -> ResponseReturnValue:
    """Show every kind of message: its ways, and where the hall has words of its own."""
    hall = get_current_hall()
    return render_template(
        "messages/index.html",
        hall=hall,
        names=MESSAGE_NAMES,
        ways=queries.list_ways(hall.id),
        own={(text.kind, text.language, text.channel) for text in queries.list_texts(hall.id)},
        channels=ORGANISER_CHANNELS,
        languages=[one for one in installed() if one in hall.language_codes],
        gateway=bool(current_app.config["SETTINGS"].sms_url),
        untemplated=texting.list_untemplated(hall),
        mail=bool(current_app.config["SETTINGS"].mail_url),
    )


@blueprint.post("/admin/messages")
@allow(Permission.MESSAGES_MANAGE)
def set_ways() -> ResponseReturnValue:
    """Set the kinds that are sent by mail and by text message."""
    staff = get_staff()
    with transaction():
        service.set_ways(staff.hall_id, read_ways(request.form), by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


@blueprint.get("/admin/messages/<kind>/<language>/<channel>")
@allow(Permission.MESSAGES_MANAGE)
def words(kind: str, language: str, channel: str) -> ResponseReturnValue:
    """Show the text of one message, with a preview."""
    which = _which(kind, language, channel)
    shown = letter.words_of(get_staff().hall_id, **which)
    form = WordsForm(formdata=None, data={"subject": shown.subject, "body": shown.body})
    return _page(form, which, shown)


@blueprint.post("/admin/messages/<kind>/<language>/<channel>")
@allow(Permission.MESSAGES_MANAGE)
def save_words(kind: str, language: str, channel: str) -> ResponseReturnValue:
    """Save the text of one message, or only show a preview."""
    which, staff, form = _which(kind, language, channel), get_staff(), WordsForm(request.form)
    typed = Words(subject=form.subject.data or "", body=form.body.data or "", own=True)

    def save_or_preview() -> ResponseReturnValue:
        command = form.to_command(hall_id=staff.hall_id, by=staff.id, **which)
        if "preview" in request.form:
            service.check(command)
            return _page(form, which, typed)
        with transaction():
            service.save_text(command)
        return redirect(url_for(".words", kind=kind, language=language, channel=channel, saved=1), 303)

    return submit_form(form, save_or_preview, lambda: _page(form, which, None))


@blueprint.post("/admin/messages/<kind>/<language>/<channel>/standard")
@allow(Permission.MESSAGES_MANAGE)
def restore_words(kind: str, language: str, channel: str) -> ResponseReturnValue:
    """Go back to the standard words."""
    which, staff = _which(kind, language, channel), get_staff()
    with transaction():
        service.restore_text(staff.hall_id, **which, by=staff.id)
    return redirect(url_for(".words", kind=kind, language=language, channel=channel, saved=1), 303)


def _which(kind: str, language: str, channel: str) -> dict[str, Any]:
    """Return the kind of message that an address names; 404 where there is none."""
    if language not in installed() or channel not in ORGANISER_CHANNELS:
        abort(404)
    try:
        return {"kind": MessageKind(kind), "language": language, "channel": Channel(channel)}
    except ValueError:
        abort(404)


def _page(form: WordsForm, which: dict[str, Any], shown: Words | None) -> str:
    """Return the page of one message, with a preview of `shown`, if these words can be sent."""
    hall = get_current_hall()
    kind, language, channel = which["kind"], which["language"], which["channel"]
    values = facts.made_up(hall, language=language)
    return render_template(
        "messages/words.html",
        hall=hall,
        form=form,
        own=queries.find_text(hall.id, **which) is not None,
        unsaved="preview" in request.form,
        preview=letter.write(hall, shown, values, channel=channel) if shown else None,
        placeholders=placeholders.names_of(kind),
        values=values,
        standard=standard.words_of(kind, language, channel),
        name=MESSAGE_NAMES[kind],
        most=service.BODY_LENGTH[channel],
        by_sms=channel is Channel.SMS,
        kind=kind,
        which_language=language,  # `language` already means the reader's language in templates
        channel=channel,
    )
