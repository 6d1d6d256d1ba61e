"""The sources of points in the reader's words."""

from collections.abc import Callable, Mapping

from hallapp.booking.models import TOUR_LANGUAGE_NAMES, TourLanguage
from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.texts import Texts
from hallapp.points.models import PointEntry


def _language(code: str) -> str:
    return _(TOUR_LANGUAGE_NAMES[TourLanguage(code)]) if code in list(TourLanguage) else code


def _month(name: str) -> str:
    year, number = map(int, name.split("-"))
    return _("Report of %(month)s", month=formats.month(year, number, language()))


def _shift(times: str) -> str:
    return _("On duty %(times)s", times=times.replace("-", "–"))


_WORDS: Mapping[str, Callable[[str], str]] = {
    "booking": lambda reference: _("Group %(reference)s", reference=formats.reference(reference)),
    "talk": lambda number: _("Talk %(number)s", number=number),
    "language": _language,
    "month": _month,
    "shift": _shift,
}


def source(what: str, entries: Mapping[int, PointEntry], programmes: Mapping[str, Texts]) -> str:
    """Name the act, day or entry that a line of a statement counts.

    `entries` are those of the person, by number; `programmes` the names of the hall's programmes, by slug.
    """
    kind, _space, rest = what.partition(" ")
    if kind == "programme":
        return _("Programme %(name)s", name=programmes[rest](language()) if rest in programmes else rest)
    if kind == "entry":
        entry = entries.get(int(rest))
        return _("Entry %(number)s: %(evidence)s", number=rest, evidence=entry.evidence if entry else "")
    return _WORDS[kind](rest) if kind in _WORDS else _("All acts of the day")
