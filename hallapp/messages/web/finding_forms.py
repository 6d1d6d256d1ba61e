"""The two forms of the page that finds a booking."""

import unicodedata
from typing import Any

from email_validator import EmailNotValidError
from wtforms import Field, StringField
from wtforms.validators import InputRequired, ValidationError

from hallapp.booking import phones, reference
from hallapp.booking.web.forms import mail_address
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web.forms import RefusableForm
from hallapp.messages import links

PHONE_END = 4  # digits


class PhoneEndField(StringField):  # type: ignore[misc]
    """The last digits of a phone number; who types the whole number gives them as well."""

    @property
    def digits(self) -> str:
        """The last four digits that were typed; fewer where fewer were."""
        plain = unicodedata.normalize("NFKC", self.data or "")
        return "".join(character for character in plain if character in "0123456789")[-PHONE_END:]


class ReferenceForm(RefusableForm):
    """A booking's reference and the end of its phone number."""

    shown_last = "reference"
    reference = StringField(
        _l("Booking reference"),
        filters=[tidy, visible],
        validators=[InputRequired(_l("Enter the reference of your booking."))],
    )
    phone_end = PhoneEndField(
        _l("Last 4 digits of the phone number"),
        filters=[tidy, visible],
        validators=[InputRequired(_l("Enter the last 4 digits of the phone number that you booked with."))],
    )

    def validate_reference(self, field: Field) -> None:
        """Find slips by the check character. Raises ValidationError."""
        if not reference.is_valid(field.data):
            raise ValidationError(
                _("Please check this reference. It has 8 letters and digits, such as K7M2-9QXT, and no 0, 1, I, L, O.")
            )

    def validate_phone_end(self, field: PhoneEndField) -> None:
        """Require four digits. Raises ValidationError."""
        if len(field.digits) < PHONE_END:
            raise ValidationError(_("Enter the last 4 digits of the phone number that you booked with."))


class LinkForm(RefusableForm):
    """The mail address or the phone number of bookings."""

    shown_last = "contact"
    contact = StringField(
        _l("E-mail or phone"), filters=[tidy, visible], validators=[InputRequired(_l("Enter it here."))]
    )

    def __init__(self, formdata: Any = None) -> None:
        super().__init__(formdata=formdata)
        if not links.can_text():
            self.contact.label.text = _("E-mail")

    def validate_contact(self, field: Field) -> None:
        """Require an address to which a message can be sent. Raises ValidationError."""
        email, phone = self.address()
        if email is None and (phone is None or not links.can_text()):
            raise ValidationError(
                _("Please check this address or number.")
                if links.can_text()
                else _("Please check this address. It should look like name@example.com.")
            )

    def address(self) -> tuple[str | None, str | None]:
        """Return the mail address or the phone number (E.164) that was typed, and None for the other one."""
        typed = self.contact.data or ""
        try:
            return mail_address(typed), None
        except EmailNotValidError:
            pass
        try:
            return None, phones.parse(typed)
        except ValueError:
            return None, None
