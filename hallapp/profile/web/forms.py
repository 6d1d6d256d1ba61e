"""The forms of the public profile."""

from typing import Any

from flask_wtf.file import FileField
from wtforms.validators import Length

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import DayField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.profile.cropping import BYTES_MOST

_ALT_MOST = 200
_NOTICE_MOST = 500


class PictureForm(WithTexts, RefusableForm):
    """A picture and its description in each language."""

    file = FileField(_l("Picture"))
    alt: Any = TextsField(_l("Description"), validators=[without_controls, Length(max=_ALT_MOST)])

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
