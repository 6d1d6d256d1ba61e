"""The form for a person who is alerted."""

from email_validator import EmailNotValidError
from wtforms import BooleanField, EmailField, Field, RadioField, SelectChoice, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.alerts.models import KIND_NAMES, PACE_NAMES, AlertKind, AlertRecipient, Pace
from hallapp.alerts.service import SaveRecipient
from hallapp.booking.web.forms import mail_address
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import installed, language, name_of
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import EnumField, TicksField, without_controls
from hallapp.core.web.forms import RefusableForm


class RecipientForm(RefusableForm):
    """A person of the list of alerts."""

    name = StringField(
        _l("Name of the person"),
        filters=[tidy],
        validators=[
            without_controls,
            DataRequired(_l("Enter a name.")),
            Length(max=64, message=_l("Please shorten this to %(max)d characters.")),
        ],
    )
    address = EmailField(
        _l("E-mail"), filters=[tidy], validators=[without_controls, DataRequired(_l("Enter an e-mail address."))]
    )
    language = RadioField(_l("Language"), choices=lambda: [SelectChoice(code, name_of(code)) for code in installed()])
    kinds = TicksField(_l("Alerts"), names=KIND_NAMES, one_at_least=True)
    pace = EnumField(_l("When"), enum=Pace, names={pace: _l(name) for pace, name in PACE_NAMES.items()})
    active = BooleanField(_l("Send alerts to this person"))

    @classmethod
    def empty(cls) -> "RecipientForm":
        """Return the form for another person, with the usual choices."""
        usual = {"language": language(), "kinds": list(AlertKind), "pace": Pace.AT_ONCE, "active": True}
        return cls(formdata=None, data=usual)

    @classmethod
    def of(cls, recipient: AlertRecipient) -> "RecipientForm":
        """Return the form with the present values."""
        return cls(formdata=None, obj=recipient)

    def validate_address(self, field: Field) -> None:
        """Require a well-formed mail address, in the form in which it is stored. Raises ValidationError."""
        try:
            field.data = mail_address(field.data)
        except EmailNotValidError:
            raise ValidationError(_("Please check this address. It should look like name@example.com.")) from None

    def to_command(self, *, hall_id: int, by: int, number: int | None) -> SaveRecipient:
        """Return the command. The form must have been found valid."""
        return SaveRecipient(
            hall_id=hall_id,
            by=by,
            number=number,
            name=self.name.data,
            address=self.address.data,
            language=self.language.data,
            kinds=self.kinds.chosen,
            pace=self.pace.data,
            active=self.active.data,
        )
