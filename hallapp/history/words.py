"""Drafts and imports in words, in the reader's language."""

from collections.abc import Mapping, Sequence
from datetime import date

from hallapp.core import formats
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.history.models import DraftState, HistoryText, Topic
from hallapp.history.packing import Read, Refused
from hallapp.history.place import Place
from hallapp.history.problems import PROBLEMS
from hallapp.history.queries import Figures, ImportSums, MonthSum
from hallapp.history.questions import REASONS
from hallapp.jobs.models import Fate, Job
from hallapp.ledger.models import Span
from hallapp.origins.values import OriginSet
from hallapp.tasks.words import NO_WORKER

STATE_NAMES = {
    DraftState.LOOKING: N_("Being read"),
    DraftState.ASKING: N_("Its columns need your confirmation"),
    DraftState.READ: N_("To be checked and imported"),
    DraftState.COUNTING: N_("Being imported"),
    DraftState.REFUSED: N_("Cannot be read"),
}
TOPIC_NAMES = {
    Topic.PLACE: N_("Names of places"),
    Topic.KIND: N_("Kinds of organisation"),
    Topic.PROGRAMME: N_("Programmes"),
}


def problem(row: Refused) -> str:
    """Return the problem of a row, or the reason why it is left out, in words."""
    if row.code in PROBLEMS:
        return _(PROBLEMS[row.code].message, text=row.text)
    return reason(row.code)


def reason(code: str) -> str:
    """Return the problem of rows in words, without their values."""
    if code in PROBLEMS:
        return _(PROBLEMS[code].short or PROBLEMS[code].message)
    return _(REASONS[code])


def when(row: Read) -> str:
    """Return the month of a row in words, or its day in ISO order, which no reader takes for the text of the cell."""
    return month(row.first) if row.span is Span.MONTH else row.first.isoformat()


def month(first: date) -> str:
    """Return a month."""
    return formats.month(first.year, first.month, language())


def place(one: Place | None, origins: OriginSet) -> str:
    """Return a place with its division, as in `广东 · 广州`."""
    if one is None:
        return ""
    division = origins.name(one.division, language())
    return f"{division} · {origins.area_namer(one.prefecture, language())}" if one.prefecture else division


def place_choices(text: HistoryText, origins: OriginSet) -> list[tuple[str, str]]:
    """Return the options for a text's meaning: the possible places, then every division."""
    near = [found for candidate in text.candidates if (found := Place.parse(candidate, origins))]
    choices = [(str(one), place(one, origins)) for one in near]
    known = {value for value, _name in choices}
    others = (one for one in origins.choices(language()) if not one.group)
    return choices + [(one.code, one.name) for one in others if one.code not in known]


def range_of(months: Sequence[MonthSum]) -> str:
    """Return a range of months as `first – last`."""
    ends = list(dict.fromkeys(month(one.month) for one in (*months[:1], *months[-1:])))
    return " – ".join(ends)


def sentence(figures: Figures) -> str:
    """Return the counts in one sentence."""
    if not figures.fine:
        return _("No row of this file can be counted.")
    rows = ngettext("%(count)s row", "%(count)s rows", figures.fine, count=formats.number(figures.fine))
    people = ngettext("%(count)s person", "%(count)s people", figures.visitors, count=formats.number(figures.visitors))
    groups = ngettext("%(count)s group", "%(count)s groups", figures.groups, count=formats.number(figures.groups))
    span = range_of(figures.months)
    return _(
        "%(rows)s would count: %(people)s in %(groups)s, %(span)s.", rows=rows, people=people, groups=groups, span=span
    )


def import_sentence(sums: ImportSums) -> str:
    """Return the counts of an import in one sentence."""
    people = ngettext("%(count)s person", "%(count)s people", sums.visitors, count=formats.number(sums.visitors))
    rows = ngettext("%(count)s row", "%(count)s rows", sums.rows, count=formats.number(sums.rows))
    return _("%(people)s in %(rows)s, %(span)s", people=people, rows=rows, span=range_of(sums.months))


def progress(job: Job, *, worker_alive: bool) -> str:
    """Return how far the work on a file is; `worker_alive`: whether anybody is there to do it."""
    if job.fate is not Fate.RUNNING and not worker_alive:
        return _(NO_WORKER)
    if not job.done:
        return _("It starts in a moment.")
    if job.total:
        return _("%(done)s of %(total)s rows", done=formats.number(job.done), total=formats.number(job.total))
    return ngettext("%(count)s row so far", "%(count)s rows so far", job.done, count=formats.number(job.done))


def tally(codes: Mapping[str, int]) -> list[tuple[str, int]]:
    """Reasons with their rows, most first."""
    return sorted(((reason(code), rows) for code, rows in codes.items()), key=lambda one: -one[1])


def mixed_months(months: tuple[MonthSum, ...]) -> list[str]:
    """Return the months in which days and whole months are shown beside one another."""
    return [month(one.month) for one in months if one.mixed]
