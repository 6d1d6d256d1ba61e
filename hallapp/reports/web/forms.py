"""Two days, and the period between them."""

from wtforms import Field, Form
from wtforms.validators import ValidationError

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import DayField, Described
from hallapp.periods import Period


class RangeForm(Described, Form):  # type: ignore[misc]
    """The first and the last day that a report is asked for."""

    first = DayField(_l("First day"))
    last = DayField(_l("Last day"))

    def validate_last(self, field: Field) -> None:
        """Raise ValidationError where the last day comes first."""
        if self.first.data and field.data and field.data < self.first.data:
            raise ValidationError(_("The last day is before the first one."))

    def to_period(self) -> Period:
        """Return the days from the first to the last. The form must have been found valid."""
        return Period.days(self.first.data, self.last.data)
