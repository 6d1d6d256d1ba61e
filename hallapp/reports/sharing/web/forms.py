"""The form for a public link of a report."""

from typing import Any

from wtforms import SelectChoice, StringField
from wtforms.validators import InputRequired, ValidationError

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.i18n import ngettext, translate
from hallapp.core.text import tidy
from hallapp.core.web.fields import SelectField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.periods import Period, PeriodUnknown
from hallapp.reports.sharing.service import DAYS


class LinkForm(RefusableForm):
    """A period by its name, and for how many days the link is valid."""

    shown_last = "period"
    period = StringField(
        _l("Period"),
        filters=[tidy],
        validators=[InputRequired(_l("Enter a month such as 2026-11 or a year such as 2026.")), without_controls],
        render_kw={"maxlength": 24, "autocomplete": "off"},
    )
    days = SelectField(_l("Valid for"), default="30")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.days.choices = [SelectChoice(str(days), ngettext("%(num)s day", "%(num)s days", days)) for days in DAYS]

    def validate_period(self, field: StringField) -> None:
        """Check that the text names a period. Raises ValidationError."""
        try:
            Period.parse(field.data)
        except PeriodUnknown as error:
            raise ValidationError(translate(error)) from None

    def to_period(self) -> Period:
        """Return the period; the form must have been found valid."""
        return Period.parse(self.period.data)

    def to_days(self) -> int:
        """Return the days; the form must have been found valid."""
        return int(self.days.data)
