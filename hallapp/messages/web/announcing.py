"""A message to all groups of a day or of one time: written, looked at, and sent."""

from datetime import date
from uuid import uuid4

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.messages import announcement
from hallapp.messages.web.blueprint import blueprint
from hallapp.messages.web.forms import AnnouncementForm
from hallapp.notifications.texting.values import count_segments
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall


@blueprint.get("/admin/messages/groups/<day:day>")
@allow(Permission.MESSAGES_MANAGE)
def announce(day: date) -> ResponseReturnValue:
    """Show the form for a message to the groups of a day."""
    hall = get_current_hall()
    form = _offer(AnnouncementForm(formdata=None, data={"submission": uuid4().hex}), hall, day)
    return _announcing_page(hall, day, form)


@blueprint.post("/admin/messages/groups/<day:day>")
@allow(Permission.MESSAGES_MANAGE)
def announce_now(day: date) -> ResponseReturnValue:
    """Show the message as it will be sent, or send it."""
    hall, staff = get_current_hall(), get_staff()
    form, act = _offer(AnnouncementForm(request.form), hall, day), request.form.get("act")
    if act == "edit":
        return _announcing_page(hall, day, form)

    def send() -> ResponseReturnValue:
        if act != "send":
            return _announcing_page(hall, day, form, preview=True)
        with transaction():
            command = form.to_command(hall_id=hall.id, by=staff.id, day=day)
            groups = announcement.send(get_current_hall(), command)
        return redirect(url_for(".announce", day=day, sent=groups), 303)

    return submit_form(form, send, lambda: _announcing_page(get_current_hall(), day, form))


def _offer(form: AnnouncementForm, hall: Hall, day: date) -> AnnouncementForm:
    slots = {booking.slot_id: booking.slot for booking in announcement.list_groups(hall.id, day)}
    named = {
        number: f"{formats.span(slot.starts_at, slot.ends_at, hall.time_zone)} {slot.programme.name(language())}"
        for number, slot in slots.items()
    }
    return form.offer(named)


def _announcing_page(hall: Hall, day: date, form: AnnouncementForm, *, preview: bool = False) -> str:
    groups = announcement.list_groups(hall.id, day, form.to_slot())
    audience, texts = announcement.address(groups, form.chosen_by_text), form.to_texts()
    first = next(iter(audience.by_mail), None)
    texted = audience.by_text if preview else []
    written = [(booking.phone, announcement.write_text(hall, booking, texts)) for booking in texted]
    return render_template(
        "messages/groups.html",
        hall=hall,
        day=day,
        form=form,
        groups=groups,
        audience=audience,
        letter=announcement.write(hall, first, texts) if preview and first else None,
        text_message=written[0][1] if written else "",
        text_parts=sum(count_segments(text, to=phone) for phone, text in written),
        preview=preview,
    )
