"""Messages about talks: to guests by mail or text message, and to hosts by mail.

Mails to hosts say when and how, and never who: the name and the phone are on the host's own page.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from hallapp.booking import phones
from hallapp.core import formats, runtime
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale, language
from hallapp.core.i18n import gettext as _
from hallapp.notifications import kinds
from hallapp.notifications import queries as outbox
from hallapp.notifications import service as notifications
from hallapp.notifications.models import Channel
from hallapp.notifications.service import NewMessage
from hallapp.notifications.texting.drivers import find_provider
from hallapp.schedule import capacity
from hallapp.schedule.addresses import base_url
from hallapp.schedule.models import Hall
from hallapp.talks import queries
from hallapp.talks.models import MODE_NAMES, Talk, TalkMode

KIND, HOST_KIND = "talk", "talk_host"
kinds.register(KIND, N_("Talks"), KIND, secret=True)
kinds.register(HOST_KIND, N_("Talks, to hosts"), HOST_KIND)


def tell_booked(talk: Talk) -> None:
    """Send the guest the time, the host and the private page, and tell the host of the talk; needs a transaction."""
    _to_guest(
        talk,
        lambda: (_("Your talk is booked: %(when)s", when=_when(talk)), (*_way(talk), _("Your page, also to cancel:"))),
    )
    _to_host(talk, lambda: _("A talk with you was booked: %(when)s", when=_when(talk)))


def tell_cancelled(talk: Talk, *, guest: bool, host: bool) -> None:
    """Tell the guest, the host or both that a talk was cancelled; needs a transaction."""
    if host:
        _to_host(talk, lambda: _("A talk with you was cancelled: %(when)s", when=_when(talk)))
    if not guest:
        return
    _to_guest(
        talk,
        lambda: (
            _("Your talk is cancelled: %(when)s", when=_when(talk)),
            (
                *((_("Reason: %(reason)s", reason=talk.reason),) if talk.reason else ()),
                _("Please choose another time:"),
            ),
        ),
    )


def tell_held(talk: Talk) -> None:
    """Thank the guest and ask once for feedback; needs a transaction."""
    name = f"talk {talk.number} feedback"
    if not outbox.list_told(talk.hall_id, [name]):
        _to_guest(
            talk,
            lambda: (_("Thank you for your talk with %(host)s", host=talk.host.name), (_("How was it? Please say:"),)),
            once=name,
        )


def remind(hall: Hall) -> int:
    """Remind guests and hosts of the talks of tomorrow, each once; return the number of messages.

    Needs a transaction. The second of two runs waits for the first, and finds the work done.
    """
    capacity.hold_hall(hall.id)
    talks = queries.list_booked(hall.id, hall.today() + timedelta(days=1))
    to_guests = {f"talk {talk.number} reminder {talk.day}": talk for talk in talks}
    to_hosts = {f"talk {talk.number} host {talk.day}": talk for talk in talks}
    told = outbox.list_told(hall.id, [*to_guests, *to_hosts])
    count = 0
    for name, talk in to_guests.items():
        if name not in told:
            count += _to_guest(talk, lambda talk=talk: _reminder(talk), once=name)  # type: ignore[misc]
    for name, talk in to_hosts.items():
        if name not in told:
            count += _to_host(
                talk,
                lambda talk=talk: _("Tomorrow: a talk, %(when)s", when=_when(talk)),  # type: ignore[misc]
                once=name,
            )
    return count


def _reminder(talk: Talk) -> tuple[str, Sequence[str]]:
    subject = _("Tomorrow: your talk, %(when)s", when=_when(talk))
    return subject, (*_way(talk), _("If you cannot come, please cancel on your page:"))


def _way(talk: Talk) -> tuple[str, ...]:
    """Return where the talk takes place, which number the host calls, or the link of the room online."""
    hall = talk.hall
    if talk.mode is TalkMode.ON_SITE:
        return (_("Please come to: %(address)s", address=hall.text("address", language())),)
    if talk.mode is TalkMode.PHONE:
        return (_("The host calls you at %(phone)s.", phone=phones.display(talk.phone)),)
    return (_("The room online: %(link)s", link=talk.host.link),) if talk.host.link else ()


def _to_guest(talk: Talk, make: Callable[[], tuple[str, Sequence[str]]], *, once: str | None = None) -> bool:
    """Send a guest a mail, or without a mail address a text message; return whether there is a way.

    The providers that need a template for each text get no text messages of talks, because there are no templates.
    """
    hall, sms_url = talk.hall, runtime.settings().sms_url
    by_text = not talk.email and bool(talk.phone and sms_url) and find_provider(sms_url) is None
    if not (talk.email or by_text):
        return False
    page = f"{base_url(hall)}/talk/{talk.key}"
    with force_locale(talk.page_language):
        subject, more = make()
        name = hall.text("name", talk.page_language)
        facts = () if by_text else (talk.host.name, _when(talk), _(MODE_NAMES[talk.mode]), "")
        lines = [subject, "", *facts, *more, page, "", name, hall.phone]
        text = f"{name}: {subject}. {' '.join(more)} {page}" if by_text else "\n".join(lines)
    notifications.put(
        NewMessage(
            hall_id=hall.id,
            kind=KIND,
            channel=Channel.SMS if by_text else Channel.EMAIL,
            recipient=talk.phone if by_text else talk.email or "",
            subject="" if by_text else f"{name} · {subject}",
            body=text,
            language=talk.page_language,
            once=once,
        )
    )
    return True


def _to_host(talk: Talk, make: Callable[[], str], *, once: str | None = None) -> bool:
    """Send a host a mail in the hall's first language; return whether the hall knows an address."""
    hall = talk.hall
    if not talk.host.email:
        return False
    code = hall.language_codes[0]
    with force_locale(code):
        subject, name = make(), hall.text("name", code)
        page = f"{base_url(hall)}/my-talks"
        lines = [subject, _(MODE_NAMES[talk.mode]), "", _("Who it is, and how to reach them:"), page, "", name]
    notifications.put(
        NewMessage(
            hall_id=hall.id,
            kind=HOST_KIND,
            recipient=talk.host.email,
            subject=f"{name} · {subject}",
            body="\n".join(lines),
            language=code,
            once=once,
        )
    )
    return True


def _when(talk: Talk) -> str:
    """Return the time of a talk in the language in force."""
    return formats.when(talk.starts_at, talk.ends_at, talk.hall.time_zone, language())
