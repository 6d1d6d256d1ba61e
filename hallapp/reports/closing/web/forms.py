"""The forms that close a month, reopen it, and take back one of its admissions."""

from collections.abc import Sequence

from wtforms import Field, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.booking.web.forms import PageForm
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import without_controls
from hallapp.periods import Period
from hallapp.reports import words

REASON_LENGTH = 200


class CloseForm(PageForm):
    """The wish to close a month: nothing but the button."""


class CloseBeforeForm(PageForm):
    """The wish to close all months before one."""

    shown = ("before",)
    before = SelectField(_l("Close all open months before"), validate_choice=False)

    def offer(self, months: Sequence[Period]) -> None:
        """Offer the months; the last one where none was sent."""
        self.months = {str(month): month for month in months}
        self.before.choices = [(str(month), words.period_name(month)) for month in reversed(months)]
        if not self.before.raw_data and months:
            self.before.data = str(months[-1])

    def validate_before(self, field: Field) -> None:
        """Check that the month is one of the options. Raises ValidationError."""
        if field.data not in self.months:
            raise ValidationError(_("Please choose one of these."))

    def to_month(self) -> Period:
        """Return the month that was chosen. The form must have been found valid."""
        return self.months[self.before.data]


class ReasonForm(PageForm):
    """A reason, without which nothing that was signed is opened or corrected."""

    shown = ("reason",)
    reason = StringField(
        _l("Reason"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter the reason: it is kept with the figures.")),
            Length(max=REASON_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
            without_controls,
        ],
    )
