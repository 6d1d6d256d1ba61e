"""One or two sentences about each picture, in the language in force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.reports import words
from hallapp.reports.figures.parts import share
from hallapp.reports.pictures.inputs import ChartCell, ChartPart, Hour, Places, Ranked

_NAMED = 3


def weekday_name(weekday: int) -> str:
    """Return `周六` or `Saturday`; Monday is 0."""
    return formats.long_weekday(weekday, language())


def of_map(report: Places) -> str:
    """Return the divisions with most people, and the number of divisions without any."""
    divisions = [figure for figure in report.divisions if figure.is_place]
    greatest = max((figure.visitors for figure in divisions), default=0)
    if greatest <= 0:
        return report.origins.say(report.origins.words.none)
    leaders = [figure for figure in divisions if figure.visitors == greatest]
    names = _named([report.origins.division(figure.code).name(language()) for figure in leaders])
    absent = sum(1 for figure in divisions if figure.visitors <= 0)
    people, part = words.people(greatest), words.percent(leaders[0].share, greatest)
    if len(leaders) == 1:
        most = _(
            "Most visitors came from %(place)s: %(people)s, %(share)s of all.", place=names, people=people, share=part
        )
    else:
        most = _("Most visitors came from %(places)s: %(people)s each.", places=names, people=people)
    if not absent:
        return most
    return _joined(most, report.origins.words.lacking(report.origins, absent))


def of_calendar(cells: Sequence[ChartCell], *, undated: int = 0) -> str:
    """Return the day, month or year with the most people, and of how many no day is known."""
    most = _highest(_("Most people"), [(cell.name, cell.visitors) for cell in cells])
    if undated <= 0:
        return most
    return _joined(most, _("For %(people)s of them only the month is known.", people=words.people(undated)))


def of_trend(
    points: Sequence[tuple[date, int]], *, marked: tuple[date, date] | None = None, running: bool = False
) -> str:
    """Return the highest month, the average, and the place of this report's month among all.

    While the last month is `running` it is in none of them: it has days to come.
    """
    if running and len(points) > 1:
        over = of_trend(points[:-1], marked=marked)
        last = points[-1][0]
        name = formats.month(last.year, last.month, language())
        return _joined(over, _("%(month)s is still running and not among them.", month=name))
    named = [(formats.month(first.year, first.month, language()), number) for first, number in points]
    most = _highest(_("Highest month"), named)
    numbers = [number for _first, number in points]
    if not sum(numbers) or len(numbers) == 1:
        return most
    average = (2 * sum(numbers) + len(numbers)) // (2 * len(numbers))
    mean = ngettext(
        "The average of %(num)s month is %(people)s.",
        "The average of %(num)s months is %(people)s.",
        len(numbers),
        people=words.people(average),
    )
    inside = [place for place, (first, _number) in enumerate(points) if marked and marked[0] <= first < marked[1]]
    if len(inside) != 1:
        return _joined(most, mean)
    name, number = named[inside[0]]
    place = 1 + sum(other > number for other in numbers)
    return _joined(most, mean, _("%(month)s is number %(place)s among them.", month=name, place=formats.number(place)))


def of_heat_map(cells: Mapping[Hour, int], *, untimed: int = 0) -> str:
    """Return the busiest hour of the week and the busiest weekday with its share, and of how many no hour is known."""
    if untimed <= 0:
        return _of_hours(cells)
    return _joined(_of_hours(cells), _("For %(people)s of them the hour is not known.", people=words.people(untimed)))


def _of_hours(cells: Mapping[Hour, int]) -> str:
    whole = sum(cells.values())
    if whole <= 0:
        return _("No arrival has a known hour.")
    hours = [(_hour_name(weekday, hour), number) for (weekday, hour), number in sorted(cells.items())]
    days = [sum(number for (day, _hour), number in cells.items() if day == weekday) for weekday in range(7)]
    busiest = max(range(7), key=days.__getitem__)
    part = words.percent(share(days[busiest], whole), days[busiest])
    if days.count(days[busiest]) > 1:
        return _highest(_("Busiest hour of the week"), hours)
    day = _("%(weekday)s is the busiest day of the week (%(share)s).", weekday=weekday_name(busiest), share=part)
    return _joined(_highest(_("Busiest hour of the week"), hours), day)


def of_ranking(rows: Sequence[Ranked], *, running: bool = False) -> str:
    """Return who leads, gained most and lost most against the year before; only the leader while it is `running`."""
    most = _highest(_("Most people"), [(row.name, row.visitors) for row in rows if not row.beside])
    if running:
        return most
    changes = [(row.visitors - row.before, row.name) for row in rows if row.before is not None and not row.beside]
    gain, gainer = max(changes, default=(0, ""), key=lambda one: one[0])
    loss, loser = min(changes, default=(0, ""), key=lambda one: one[0])
    sentences = [most]
    if gain > 0:
        sentences.append(
            _("Largest increase in a year: %(place)s (%(change)s).", place=gainer, change=words.signed(gain))
        )
    if loss < 0:
        sentences.append(
            _("Largest decrease in a year: %(place)s (%(change)s).", place=loser, change=words.signed(loss))
        )
    if changes and not gain and not loss:
        sentences.append(_("Every place is as it was a year before."))
    return _joined(*sentences)


def of_bars(rows: Sequence[ChartPart]) -> str:
    """Return the part with the most people, and its share."""
    greatest = max((row.visitors for row in rows), default=0)
    leaders = [row for row in rows if row.visitors == greatest]
    if greatest <= 0 or len(leaders) > 1:
        return _highest(_("Most people"), [(row.name, row.visitors) for row in rows])
    return _(
        "Most people: %(name)s, %(people)s, %(share)s of all.",
        name=leaders[0].name,
        people=words.people(greatest),
        share=words.percent(leaders[0].share, greatest),
    )


def _highest(what: str, named: Iterable[tuple[str, int]]) -> str:
    """Return the name or names with the most people; `what` is the label for them."""
    named = list(named)
    greatest = max((number for _name, number in named), default=0)
    if greatest <= 0:
        return _("No visitors in this period.")
    leaders = [name for name, number in named if number == greatest]
    facts = {"what": what, "people": words.people(greatest)}
    if len(leaders) == 1:
        return _("%(what)s: %(name)s, %(people)s.", name=leaders[0], **facts)
    return _("%(what)s: %(names)s, %(people)s each.", names=_named(leaders), **facts)


def _named(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    if len(names) <= _NAMED + 1:
        return words.listed(names)
    more = len(names) - _NAMED
    return ngettext(
        "%(names)s and %(num)s other", "%(names)s and %(num)s others", more, names=words.listed(names[:_NAMED])
    )


def _hour_name(weekday: int, hour: int) -> str:
    return f"{weekday_name(weekday)} {formats.hour_span(hour)}"


def _joined(*sentences: str) -> str:
    return ("" if language().startswith("zh") else " ").join(sentences)
