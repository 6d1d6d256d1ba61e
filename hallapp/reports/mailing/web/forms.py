"""The forms for the report by mail: the day, and the list of recipients."""

from collections.abc import Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import BooleanField, EmailField, Field, Form, SelectField
from wtforms.validators import ValidationError

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import installed, language, name_of
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import Described, without_controls
from hallapp.core.web.forms import Refusable
from hallapp.periods import Period
from hallapp.reports import words
from hallapp.reports.mailing.sending import DAYS, AddRecipient


class DayForm(Described, Form):  # type: ignore[misc]
    """The day of the month, or none."""

    day = SelectField(_l("Day of the month"), default="", validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day.choices = [("", _("Not sent automatically")), *((str(day), _("Day %(day)s", day=day)) for day in DAYS)]

    def validate_day(self, field: Field) -> None:
        """Check that the day is one of the options. Raises ValidationError."""
        if field.data not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def to_day(self) -> int | None:
        """Return the day. The form must have been found valid."""
        return int(self.day.data) if self.day.data else None


class RecipientForm(Refusable, Described, Form):  # type: ignore[misc]
    """An address with its language and files."""

    shown_last = "email"
    email = EmailField(
        _l("E-mail"), filters=[tidy], validators=[without_controls], render_kw={"maxlength": 254, "autocomplete": "off"}
    )
    language = SelectField(_l("Language"), validate_choice=False)
    pdf = BooleanField("PDF", default=True)
    xlsx = BooleanField("XLSX", default=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.language.choices = [(code, name_of(code)) for code in installed()]
        if self.language.data is None:
            self.language.data = language()

    def validate_email(self, field: Field) -> None:
        """Require a well-formed e-mail address. Raises ValidationError."""
        try:
            found = validate_email(field.data, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError:
            message = _("Please check this address. It should look like name@example.com.")
            raise ValidationError(message) from None
        field.data = found.ascii_email or found.normalized

    def validate_language(self, field: Field) -> None:
        """Raise ValidationError for a language in which there is no report."""
        if field.data not in installed():
            raise ValidationError(_("Please choose one of these."))

    def validate_xlsx(self, field: Field) -> None:
        """Raise ValidationError where no file was chosen."""
        if not (field.data or self.pdf.data):
            raise ValidationError(_("Choose one file or both."))

    def to_command(self) -> AddRecipient:
        """Return the form as a command. It must have been found valid."""
        return AddRecipient(email=self.email.data, language=self.language.data, pdf=self.pdf.data, xlsx=self.xlsx.data)


class SingleForm(RecipientForm):
    """One report for one address: the month, beside what a recipient has."""

    month = SelectField(_l("Month"), validate_choice=False)

    def offer(self, months: Sequence[Period]) -> "SingleForm":
        """Offer these months; the first one is chosen unless another was sent."""
        self.month.choices = [(str(month), words.period_name(month)) for month in months]
        self.month.data = self.month.data or (str(months[0]) if months else "")
        return self

    def validate_month(self, field: Field) -> None:
        """Raise ValidationError for a month that was not offered."""
        if field.data not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def to_month(self) -> Period:
        """Return the month. The form must have been found valid."""
        return Period.parse(self.month.data)
