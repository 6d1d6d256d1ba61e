"""Texts of the home page and the big screen about published numbers, in the language in force."""

from datetime import date

from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.periods import Period
from hallapp.reports import words
from hallapp.reports.publishing import Received
from hallapp.reports.rounding import BASE


def rounded(received: Received) -> str:
    """Return the last month of the figures, and their rounding."""
    return _("To the end of %(month)s, rounded to multiples of %(base)s", month=_month(received.last), base=BASE)


def places(received: Received) -> str:
    """Return from how many places the people of these months came, for the big screen."""
    origins, count = received.origins, received.places
    said = origins.words.screen_every if count == len(origins.places) else origins.words.screen_some
    return origins.say(said, count=count)


def revised(received: Received, time_zone: str) -> str:
    """Return a sentence on the month that was last published again with other numbers; empty if there is none."""
    revision = received.revision
    if revision is None:
        return ""
    day = words.long_day(clock.local_day(revision.published_at, time_zone))
    return _("Revised on %(day)s: %(month)s.", day=day, month=_month(revision.month))


def _month(first: date) -> str:
    return words.period_name(Period.month(first.year, first.month))
