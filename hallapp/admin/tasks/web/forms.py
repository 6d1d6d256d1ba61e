"""At which hours the hall's daily tasks run."""

from datetime import time

from wtforms import Form

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import Described, TimeOfDayField


class HoursForm(Described, Form):  # type: ignore[misc]
    """The hours of a hall's daily tasks, on its own clock."""

    night = TimeOfDayField(_l("Nightly work"))
    reports = TimeOfDayField(_l("Monthly report"))
    reminders = TimeOfDayField(_l("Reminders"))
    thanks = TimeOfDayField(_l("Thanks"))

    def to_hours(self) -> dict[str, time]:
        """The hours by the names of their columns. The form must have been found valid."""
        return {field.name: field.data for field in self}
