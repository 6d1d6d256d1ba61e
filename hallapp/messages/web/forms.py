"""The forms for the text of a kind of message and for its channels."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from hallapp.accounts.web.forms import StaffForm
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import EnumField, without_controls
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.messages import announcement
from hallapp.messages.announcement import BY_TEXT_NAMES, Announcement, ByText
from hallapp.messages.models import MessageKind
from hallapp.messages.queries import Ways
from hallapp.messages.service import SaveText
from hallapp.notifications.models import Channel


class WordsForm(StaffForm):
    """The words of one message, in one language and by one way."""

    shown_last = "body"
    subject = StringField(_l("Subject"), filters=[tidy], validators=[without_controls])
    body = TextAreaField(_l("Text"), filters=[tidy], validators=[without_controls])

    def to_command(self, *, hall_id: int, by: int, kind: MessageKind, language: str, channel: Channel) -> SaveText:
        """Return the words to save. The form must have been found valid."""
        return SaveText(
            hall_id=hall_id,
            by=by,
            kind=kind,
            language=language,
            channel=channel,
            subject=self.subject.data or "",
            body=self.body.data or "",
        )


_SUBMISSION = re.compile(r"[0-9a-f]{32}")


class AnnouncementForm(WithTexts, StaffForm):
    """A message to the groups of a day: for which of its times, and its words in each language of the hall."""

    shown_last = "slot"
    slot = SelectField(_l("To which groups"), default="", validate_choice=False)
    text: Any = TextsField(_l("Text"), long=True, validators=[without_controls, Length(max=1000)])
    by_text = EnumField(
        _l("Text messages to"),
        enum=ByText,
        names={one: _l(name) for one, name in BY_TEXT_NAMES.items()},
        none=_l("Nobody"),
        default=ByText.WITHOUT_MAIL,
    )
    submission = HiddenField()

    def offer(self, slots: Mapping[int, str]) -> "AnnouncementForm":
        """Offer the whole day and these slots, and text messages if they are on."""
        if not announcement.can_text():
            del self.by_text
        self.slot.choices = [("", _("All groups of the day")), *((str(number), name) for number, name in slots.items())]
        return self

    def validate_slot(self, field: Field) -> None:
        """Raise ValidationError for a time that was not offered."""
        if field.data not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def validate_submission(self, field: Field) -> None:
        """Raise ValidationError for a mark that this form did not make."""
        if not _SUBMISSION.fullmatch(field.data or ""):
            raise ValidationError(_("Please open this page again."))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check all fields, and that there is a text in at least one language."""
        valid = bool(super().validate(*args, **kwargs))
        if self.chosen_by_text:
            for _language, one in self.text.parts:
                if len(one.data or "") > announcement.TEXT_LENGTH:
                    message = _("A text message takes at most %(most)s characters.", most=announcement.TEXT_LENGTH)
                    one.errors, valid = [*one.errors, message], False
        if any(self.to_texts().values()):
            return valid
        first = self.text.parts[0].field
        first.errors = [*first.errors, _("Please write a message.")]
        return False

    def to_texts(self) -> dict[str, str]:
        """Return the words by language."""
        return {part.language: part.field.data or "" for part in self.text.parts}

    @property
    def chosen_by_text(self) -> ByText | None:
        """Return which groups get a text message, or None."""
        field = self._fields.get("by_text")
        return field.data if field is not None and isinstance(field.data, ByText) else None

    def to_slot(self) -> int | None:
        """Return the chosen slot, or None for the whole day and for one that was not offered."""
        offered = {value for value, _name in self.slot.choices if value}
        return int(self.slot.data) if self.slot.data in offered else None

    def to_command(self, *, hall_id: int, by: int, day: date) -> Announcement:
        """Return the form as a command. It must have been found valid."""
        return Announcement(
            hall_id=hall_id,
            by=by,
            day=day,
            slot_id=self.to_slot(),
            texts=self.to_texts(),
            submission=self.submission.data,
            by_text=self.chosen_by_text,
        )


def read_ways(sent: MultiDict[str, str]) -> Mapping[MessageKind, Ways]:
    """Return the ticks of the list: one for mail and one for text message, of each kind."""
    return {kind: Ways(email=f"{kind.value}-email" in sent, sms=f"{kind.value}-sms" in sent) for kind in MessageKind}
