"""The form of a webhook."""

from email_validator import EmailNotValidError
from flask import current_app
from wtforms import BooleanField, EmailField, Field, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.booking.web.forms import mail_address
from hallapp.core import outbound
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import TicksField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.webhooks.models import EVENT_NAMES, Webhook
from hallapp.webhooks.service import SaveWebhook

#: The reasons why an address is refused, by the codes of `outbound.AddressRefused`.
REFUSED = {
    "form": N_("Enter an address such as https://example.org/hooks, without a user name and without #."),
    "encryption": N_("The address must start with https://."),
    "private": N_("This address is in a private network. Only addresses on the internet can be used."),
}


class WebhookForm(RefusableForm):
    """A system that receives events."""

    name = StringField(
        _l("Name of the system"),
        filters=[tidy],
        validators=[
            without_controls,
            DataRequired(_l("Enter a name.")),
            Length(max=40, message=_l("Please shorten this to %(max)d characters.")),
        ],
    )
    url = StringField(
        _l("Address that receives the events"),
        filters=[tidy],
        validators=[without_controls, DataRequired(_l("Enter an address."))],
    )
    contact = EmailField(
        _l("E-mail of the person in charge"),
        filters=[tidy],
        validators=[without_controls, DataRequired(_l("Enter an e-mail address."))],
    )
    kinds = TicksField(_l("Events that are sent"), names=EVENT_NAMES, one_at_least=True)
    active = BooleanField(_l("Send events to this system"))

    @classmethod
    def empty(cls) -> "WebhookForm":
        """Return the form for another webhook, with the usual choices."""
        return cls(formdata=None, data={"kinds": list(EVENT_NAMES), "active": True})

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookForm":
        """Return the form with the present values."""
        return cls(formdata=None, obj=webhook)

    def validate_url(self, field: Field) -> None:
        """Require an address to which events may be sent. Raises ValidationError."""
        try:
            field.data = outbound.check(field.data, private=current_app.config["SETTINGS"].webhook_private)
        except outbound.AddressRefused as refused:
            raise ValidationError(_(REFUSED[refused.code])) from None

    def validate_contact(self, field: Field) -> None:
        """Require a well-formed mail address, in the form in which it is stored. Raises ValidationError."""
        try:
            field.data = mail_address(field.data)
        except EmailNotValidError:
            raise ValidationError(_("Please check this address. It should look like name@example.com.")) from None

    def to_command(self, *, hall_id: int, by: int, number: int | None) -> SaveWebhook:
        """Return the command. The form must have been found valid."""
        return SaveWebhook(
            hall_id=hall_id,
            by=by,
            number=number,
            name=self.name.data,
            url=self.url.data,
            kinds=self.kinds.chosen,
            contact=self.contact.data,
            language=language(),
            active=self.active.data,
        )
