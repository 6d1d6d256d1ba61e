"""In which languages tours are led. The guides speak them, and their room stands above this one: it tells."""

from collections.abc import Callable, Collection, Mapping

from hallapp.booking.errors import TourLanguageNeeded, TourLanguageNotSpoken
from hallapp.booking.models import TOUR_LANGUAGE_NAMES, Booking, TourLanguage
from hallapp.core.facts import Facts
from hallapp.core.i18n import gettext as _
from hallapp.schedule.hall_facts import HallFacts, ProgrammeFacts
from hallapp.schedule.models import Hall, Programme

Languages = tuple[TourLanguage, ...]
#: Returns the languages that the guides of a hall speak: all of them (None), and those who know a programme, by its id.
Speakers = Callable[[int], Mapping[int | None, Collection[TourLanguage]]]
_speakers: list[Speakers] = []


def told_by(speakers: Speakers) -> Speakers:
    """Let a function of a room above tell which languages the guides of a hall speak."""
    _speakers.append(speakers)
    return speakers


def list_languages(
    hall: Hall | HallFacts, programme: Programme | ProgrammeFacts | None = None, *, version: int | None = None
) -> Languages:
    """Return the languages in which a programme with a guide can be booked; without a programme, any of the hall's.

    Where no guide is known yet, they are the languages of the hall's pages in which tours are led. A programme without
    a guide has none.
    `version` is that of the hall's facts, where it is known.
    """
    if programme is not None and not programme.guides:
        return ()
    spoken = _held.get(hall.id, version=version).get(programme.id if programme else None)
    return spoken or _in_order({found for one in hall.language_codes if (found := of_pages(one))})


def of_pages(code: str) -> TourLanguage | None:
    """Return the spoken language of pages in a language, whatever its script; None where no tour is led in it."""
    spoken = code.partition("_")[0]
    return TourLanguage(spoken) if spoken in TOUR_LANGUAGE_NAMES else None


def choose(languages: Languages, *, asked: TourLanguage | None, pages: str) -> TourLanguage | None:
    """Return the language of a new booking's tour: the one that was asked for, else that of the pages.

    `languages` are those of its programme. A programme without a guide has none.

    Raises:
        TourLanguageNeeded: none was asked for, and no guide speaks that of the pages.
        TourLanguageNotSpoken: no guide of the programme speaks the one that was asked for.
    """
    if not languages:
        return None
    if asked is not None:
        check(languages, asked)
        return asked
    found = of_pages(pages)
    if found not in languages:
        raise TourLanguageNeeded
    return found


def check(languages: Languages, language: TourLanguage) -> None:
    """Raise TourLanguageNotSpoken where a language is not one of those of the programme."""
    if language not in languages:
        raise TourLanguageNotSpoken


def name_of(booking: Booking) -> str:
    """Return what the language of a booking's tour is called, in the language in force; empty without a guide."""
    return _(TOUR_LANGUAGE_NAMES[booking.tour_language]) if booking.guides and booking.tour_language else ""


def _load(hall_id: int) -> Mapping[int | None, Languages]:
    told = [speakers(hall_id) for speakers in _speakers]
    asked = {programme_id for one in told for programme_id in one}
    return {each: _in_order({language for one in told for language in one.get(each, ())}) for each in asked}


def _in_order(spoken: Collection[TourLanguage]) -> Languages:
    return tuple(language for language in TourLanguage if language in spoken)


_held = Facts(_load)
