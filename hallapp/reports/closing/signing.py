"""The filing state of a report's figures, for its head and the foot of each page."""

from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.periods import Period, Unit
from hallapp.reports import words
from hallapp.reports.figures.service import Report


def state(report: Report) -> str:
    """Return `Closed on 3 December 2026`, or that the figures may still change."""
    if report.close:
        zone, close = report.hall.time_zone, report.close
        closed_on = words.long_day(clock.local_day(close.closed_at, zone))
        if close.reopened_at is None:
            return _("Closed on %(day)s", day=closed_on)
        reopened_on = words.long_day(clock.local_day(close.reopened_at, zone))
        return _("Closed on %(day)s, and reopened on %(reopened)s", day=closed_on, reopened=reopened_on)
    if report.running:
        return _("Still running: figures may still change")
    if report.filed.months and report.filed.months == _count_months(report.period):
        return _("All months of it are closed")
    return _("Not closed: figures may still change")


def foot(report: Report) -> str:
    """Return the digest of a closed month, by which the paper can be proven; else the state."""
    if report.close:
        return _("Digest %(digest)s", digest=report.close.digest)
    return state(report)


def later(report: Report) -> str:
    """Return a sentence on the adjustments of a closed month, or an empty text."""
    if not report.close or not report.later_count:
        return ""
    return _(
        "%(adjusted)s; the figures here are those of the close.",
        adjusted=words.adjusted(report.later_count, report.later),
    )


def filed_sentence(report: Report) -> str:
    """Return a sentence on the filed months of a longer period, or an empty text."""
    filed = report.filed
    if not filed.months or report.period.unit is Unit.MONTH:
        return ""
    closed = ngettext(
        "%(num)s month of it is closed, with %(people)s as signed.",
        "%(num)s months of it are closed, with %(people)s as signed.",
        filed.months,
        people=words.people(filed.visitors),
    )
    if not filed.adjustments:
        return closed
    blank = "" if language().startswith("zh") else " "
    return closed + blank + _("%(adjusted)s.", adjusted=words.adjusted(filed.adjustments, filed.adjusted))


def _count_months(period: Period) -> int:
    """Return how many whole months make up a period; 0 where its ends are not theirs, and of all time."""
    if period.unit is Unit.SINCE_OPENING or period.first.day != 1 or period.end.day != 1:
        return 0
    return 12 * (period.end.year - period.first.year) + period.end.month - period.first.month
