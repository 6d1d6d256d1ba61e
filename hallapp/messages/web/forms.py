"""The forms for the text of a kind of message and for its channels."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict
from wtforms import StringField, TextAreaField

from hallapp.accounts.web.forms import StaffForm
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import without_controls
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


def read_ways(sent: MultiDict[str, str]) -> Mapping[MessageKind, Ways]:
    """Return the ticks of the list: one for mail and one for text message, of each kind."""
    return {kind: Ways(email=f"{kind.value}-email" in sent, sms=f"{kind.value}-sms" in sent) for kind in MessageKind}
