"""The forms of the public profile."""

import re
from typing import Any

from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField, SelectChoice
from wtforms.validators import Length

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import DayField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.profile.cropping import BYTES_MOST, MIDDLE, Focus

_ALT_MOST = 200
_NOTICE_MOST = 500


_POINT = re.compile(r"([0-9]{1,3}),([0-9]{1,3})")
#: Nine points in percent from the left and from the top.
FOCUS_NAMES = {
    "0,0": _l("Top left"),
    "50,0": _l("Top middle"),
    "100,0": _l("Top right"),
    "0,50": _l("Left side"),
    "50,50": _l("Middle"),
    "100,50": _l("Right side"),
    "0,100": _l("Bottom left"),
    "50,100": _l("Bottom middle"),
    "100,100": _l("Bottom right"),
}


class PictureForm(WithTexts, RefusableForm):
    """A picture and its description in each language."""

    file = FileField(_l("Picture"))
    focus = RadioField(
        _l("What stays in sight"),
        choices=[SelectChoice(point, name) for point, name in FOCUS_NAMES.items()],
        default="50,50",
        validate_choice=False,
    )
    focus_x = HiddenField()
    focus_y = HiddenField()
    alt: Any = TextsField(_l("Description"), validators=[without_controls, Length(max=_ALT_MOST)])

    @property
    def point(self) -> Focus:
        """Return the point that stays in sight: the exact one of the preview, else one of nine positions."""
        exact = f"{self.focus_x.data},{self.focus_y.data}" if self.focus_x.data or self.focus_y.data else None
        found = _POINT.fullmatch(exact or self.focus.data or "50,50")
        return (min(int(found[1]), 100) / 100, min(int(found[2]), 100) / 100) if found else MIDDLE

    @property
    def content(self) -> bytes | None:
        """Return the bytes of the chosen file, one beyond the limit at most; None where none was chosen."""
        sent = self.file.data
        return sent.stream.read(BYTES_MOST + 1) if sent and sent.filename else None


class NoticeForm(WithTexts, RefusableForm):
    """A notice and the days on which it is shown."""

    first = DayField(_l("Shown from"))
    last = DayField(_l("Shown until"))
    text: Any = TextsField(_l("Text"), long=True, validators=[without_controls, Length(max=_NOTICE_MOST)])
