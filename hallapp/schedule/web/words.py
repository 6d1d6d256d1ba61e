"""Words of the calendar that several pages share."""

from hallapp.core.i18n import gettext as _


def full_weekdays() -> tuple[str, ...]:
    """Return the names of the weekdays for those who hear them, Monday first."""
    days = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return tuple(map(str, days))
