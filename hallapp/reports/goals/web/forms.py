"""The form for the goal of a year."""

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import NumberField
from hallapp.core.web.forms import RefusableForm
from hallapp.reports.goals.service import SetGoal


class GoalForm(RefusableForm):
    """A year and the number of people."""

    shown_last = "visitors"
    year = NumberField(_l("Year"))
    visitors = NumberField(_l("People"))

    def to_command(self, *, by: int) -> SetGoal:
        """Return the form as a command; it must have been found valid."""
        return SetGoal(year=self.year.data, visitors=self.visitors.data, by=by)
