"""The words of a yearly goal, in the language in force, for the page, the PDF and the exports."""

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.reports import words
from hallapp.reports.figures.goals import LEAST_DAYS, Forecast, Goal, Method, NoForecast


def describe(goal: Goal | None) -> list[str]:
    """Return the progress, and the forecast with its method or the reason why there is none; nothing without a goal."""
    return [progress(goal), outlook(goal)] if goal else []


def progress(goal: Goal) -> str:
    """Return the goal and the people so far."""
    values = {
        "year": goal.year,
        "wanted": words.people(goal.wanted),
        "visitors": words.people(goal.visitors),
        "share": reached(goal),
    }
    return _("Goal for %(year)s: %(wanted)s. Received so far: %(visitors)s (%(share)s).", **values)


def reached(goal: Goal) -> str:
    """Return the part of the goal that has been reached, rounded down, so that no goal looks reached before it is."""
    return words.percent(goal.visitors * 1000 // goal.wanted / 1000, goal.visitors)


def outlook(goal: Goal) -> str:
    """Return the forecast with its method, or the reason why there is none."""
    if goal.forecast is None:
        return _why_none(goal)
    made = goal.forecast
    about = _(
        "Forecast for the end of the year: about %(visitors)s (%(share)s of the goal).",
        visitors=words.people(made.visitors),
        share=f"{made.visitors * 100 // goal.wanted}%",
    )
    return f"{about}{words_between()}{_method(made)}"


def words_between() -> str:
    """Return what separates two sentences: Chinese needs no space."""
    return "" if language().startswith("zh") else " "


def _method(made: Forecast) -> str:
    if made.method is Method.OPEN_DAYS:
        return _(
            "Method: people per open day so far (%(days)s days), times the %(all)s open days of the year.",
            days=made.days,
            all=made.days_of_year,
        )
    years = words.listed(str(year) for year in made.years)
    if made.low == made.high:
        return _("Method: the share that the finished months had in %(years)s.", years=years)
    return _(
        "Method: the share that the finished months had in %(years)s; by single years %(low)s to %(high)s people.",
        years=years,
        low=formats.number(made.low),
        high=formats.number(made.high),
    )


def _why_none(goal: Goal) -> str:
    if goal.no_forecast is NoForecast.OVER:
        if goal.missing:
            return _("The year ended %(missing)s short of the goal.", missing=words.people(goal.missing))
        return _("The year has ended, and the goal was reached.")
    if goal.no_forecast is NoForecast.NOBODY_YET:
        return _("There is no forecast yet: nobody has come this year.")
    return ngettext(
        "There is no forecast yet: no earlier year is complete, and fewer than %(num)s open day has passed.",
        "There is no forecast yet: no earlier year is complete, and fewer than %(num)s open days have passed.",
        LEAST_DAYS,
    )
