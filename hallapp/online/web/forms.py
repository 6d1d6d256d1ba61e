"""Forms of online sessions: who watches on a screen, a question to the host, and what the hall sets."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from hallapp.accounts.web.forms import StaffForm
from hallapp.booking.models import Booking
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import without_controls
from hallapp.online.models import TEXT_LENGTH, URL_LENGTH

_LONG = _l("Please shorten this to %(max)d characters.")


class QuestionForm(StaffForm):
    """A question to the host."""

    shown_last = "text"
    text = StringField(
        _l("Your question to the host"),
        [without_controls, Length(max=TEXT_LENGTH, message=_LONG)],
        render_kw={"maxlength": TEXT_LENGTH, "autocomplete": "off"},
    )


class SessionForm(StaffForm):
    """The addresses of a session."""

    shown_last = "stream"
    stream = StringField(
        _l("Address of the stream"),
        [Length(max=URL_LENGTH, message=_LONG)],
        render_kw={"inputmode": "url", "maxlength": URL_LENGTH, "autocomplete": "off"},
    )
    recording = StringField(
        _l("Address of the recording"),
        [Length(max=URL_LENGTH, message=_LONG)],
        render_kw={"inputmode": "url", "maxlength": URL_LENGTH, "autocomplete": "off"},
    )
    following = BooleanField(_l("Use this stream for later sessions of the programme that have none"))


def read_people(booking: Booking, form: MultiDict[str, str]) -> Mapping[str, int]:
    """Return the people before a screen by place: the whole booking where it is one person, else the numbers typed.

    A number that cannot be read counts as less than nobody, which is refused.
    """
    if booking.visitors == 1:
        return {booking.origins[0].division: 1}
    return {origin.division: _number(form.get(f"people-{origin.division}", "")) for origin in booking.origins}


def _number(text: str) -> int:
    text = text.strip()
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else -1
