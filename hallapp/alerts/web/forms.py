"""The forms for a person and for a chat robot who are alerted."""

from typing import Any, Self

from email_validator import EmailNotValidError
from wtforms import BooleanField, EmailField, Field, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.alerts import robots, senders
from hallapp.alerts.models import KIND_NAMES, PACE_NAMES, AlertKind, AlertRecipient, Pace
from hallapp.alerts.service import SaveRecipient
from hallapp.booking.web.forms import mail_address
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import installed, language, name_of
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import EnumField, TicksField, TimeOfDayField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.notifications.models import Channel

_TOO_LONG = _l("Please shorten this to %(max)d characters.")


class _AlertForm(RefusableForm):
    """The fields that people and robots have in common."""

    name: StringField
    language = RadioField(_l("Language"), choices=lambda: [SelectChoice(code, name_of(code)) for code in installed()])
    kinds = TicksField(_l("Alerts"), names=KIND_NAMES, one_at_least=True)
    pace = EnumField(_l("When"), enum=Pace, names={pace: _l(name) for pace, name in PACE_NAMES.items()})
    summary_at = TimeOfDayField(_l("Summary at"), required=False)

    @classmethod
    def empty(cls) -> Self:
        """Return the form for another one, with the usual choices."""
        usual = {"language": language(), "kinds": list(AlertKind), "pace": Pace.AT_ONCE, "active": True}
        return cls(formdata=None, data=usual)

    @classmethod
    def of(cls, recipient: AlertRecipient) -> Self:
        """Return the form with the present values."""
        values = ("name", "address", "language", "kinds", "pace", "active", "summary_at")
        return cls(formdata=None, data={name: getattr(recipient, name) for name in values})

    def _command(self, *, hall_id: int, by: int, number: int | None, **of_channel: Any) -> SaveRecipient:
        return SaveRecipient(
            hall_id=hall_id,
            by=by,
            number=number,
            name=self.name.data,
            language=self.language.data,
            kinds=self.kinds.chosen,
            pace=self.pace.data,
            summary_at=self.summary_at.data,
            **of_channel,
        )


class RecipientForm(_AlertForm):
    """A person of the list of alerts."""

    name = StringField(
        _l("Name of the person"),
        filters=[tidy],
        validators=[without_controls, DataRequired(_l("Enter a name.")), Length(max=64, message=_TOO_LONG)],
    )
    address = EmailField(
        _l("E-mail"), filters=[tidy], validators=[without_controls, DataRequired(_l("Enter an e-mail address."))]
    )
    active = BooleanField(_l("Send alerts to this person"))

    def validate_address(self, field: Field) -> None:
        """Require a well-formed mail address, in the form in which it is stored. Raises ValidationError."""
        try:
            field.data = mail_address(field.data)
        except EmailNotValidError:
            raise ValidationError(_("Please check this address. It should look like name@example.com.")) from None

    def to_command(self, *, hall_id: int, by: int, recipient: AlertRecipient | None) -> SaveRecipient:
        """Return the command. The form must have been found valid."""
        number = recipient.number if recipient else None
        return self._command(hall_id=hall_id, by=by, number=number, address=self.address.data, active=self.active.data)


class RobotForm(_AlertForm):
    """A chat robot of the list of alerts; its address is a secret, so that the page never shows it."""

    name = StringField(
        _l("Name of the group chat"),
        filters=[tidy],
        validators=[without_controls, DataRequired(_l("Enter a name.")), Length(max=64, message=_TOO_LONG)],
    )
    url = StringField(_l("Webhook address of the robot"), filters=[tidy], validators=[without_controls])
    secret = StringField(
        _l("Signing secret"), filters=[tidy], validators=[without_controls, Length(max=200, message=_TOO_LONG)]
    )
    active = BooleanField(_l("Send alerts to this chat"))
    is_new = True

    def validate_url(self, field: Field) -> None:
        """Require the address of a robot; an empty one keeps the present robot. Raises ValidationError."""
        if not field.data:
            if self.is_new or self.secret.data:
                raise ValidationError(_("Enter the address that the chat shows for the robot."))
            return
        try:
            robots.read(field.data)
        except robots.NoRobot:
            raise ValidationError(
                _("This is no address of a robot of WeCom, DingTalk, Feishu or Lark. Copy it as the chat shows it.")
            ) from None

    def to_command(self, *, hall_id: int, by: int, recipient: AlertRecipient | None) -> SaveRecipient:
        """Return the command. The form must have been found valid."""
        of_channel = {"channel": Channel.CHAT, "active": self.active.data}
        if self.url.data:
            robot = robots.read(self.url.data, self.secret.data)
            of_channel |= {"address": robot.fingerprint, "secret": senders.close(robot)}
        elif recipient is not None:
            of_channel |= {"address": recipient.address}
        number = recipient.number if recipient else None
        return self._command(hall_id=hall_id, by=by, number=number, **of_channel)
