"""Links by which people set a password: their address, and the mail that brings them."""

from flask import render_template, url_for

from hallapp.accounts.joining import LINK_DAYS, Given
from hallapp.accounts.models import LinkPurpose
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.notifications import kinds
from hallapp.notifications import service as outbox
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall

_LINK_KINDS = {purpose: f"staff_{purpose.value}" for purpose in LinkPurpose}  # in the outbox
kinds.register("staff", N_("Link for the staff"), *_LINK_KINDS.values(), secret=True)


def address_of(hall: Hall, given: Given) -> str:
    """Return the address of a link that was just given."""
    return base_url(hall) + url_for("accounts.invitation", token=given.token)


def send(hall: Hall, given: Given, *, email: str) -> None:
    """Send a link by mail; needs a transaction."""
    name = hall.text("name", language())
    invited = given.purpose is LinkPurpose.INVITATION
    subject = _("Your account at %(hall)s", hall=name) if invited else _("Set a new password for %(hall)s", hall=name)
    link = address_of(hall, given)
    body = render_template("staff/mail.txt", hall=hall, person=given.staff, link=link, days=LINK_DAYS, invited=invited)
    outbox.enqueue(hall_id=hall.id, kind=_LINK_KINDS[given.purpose], recipient=email, subject=subject, body=body)
