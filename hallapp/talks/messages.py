"""Mails to guests about their talks; a guest without an address keeps the page instead."""

from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.notifications import kinds
from hallapp.notifications import service as notifications
from hallapp.schedule.addresses import base_url
from hallapp.talks.models import MODE_NAMES, Talk

KIND = "talk"
kinds.register(KIND, N_("Talks"), KIND, secret=True)


def tell_booked(talk: Talk) -> None:
    """Send the guest the time, the host and the private page of a talk; needs a transaction."""
    if not talk.email:
        return
    with force_locale(talk.page_language):
        _send(talk, _("Your talk is booked: %(when)s", when=_when(talk)), _("Your page, also to cancel:"))


def tell_cancelled(talk: Talk) -> None:
    """Tell the guest that the host had to cancel a talk; needs a transaction."""
    if not talk.email:
        return
    with force_locale(talk.page_language):
        reason = _("Reason: %(reason)s", reason=talk.reason) if talk.reason else ""
        _send(talk, _("Your talk is cancelled: %(when)s", when=_when(talk)), reason, _("Please choose another time:"))


def _send(talk: Talk, subject: str, *more: str) -> None:
    hall = talk.hall
    facts = (talk.host.name, _when(talk), _(MODE_NAMES[talk.mode]))
    lines = [subject, "", *facts, "", *filter(None, more), f"{base_url(hall)}/talk/{talk.key}"]
    lines += ["", hall.text("name", talk.page_language), hall.phone]
    notifications.enqueue(
        hall_id=hall.id,
        kind=KIND,
        recipient=talk.email or "",
        subject=f"{hall.text('name', talk.page_language)} · {subject}",
        body="\n".join(lines),
    )


def _when(talk: Talk) -> str:
    return formats.when(talk.starts_at, talk.ends_at, talk.hall.time_zone, talk.page_language)
