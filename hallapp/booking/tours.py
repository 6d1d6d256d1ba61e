"""In which languages tours are led. The guides speak them, and their room stands above this one: it tells."""

from collections.abc import Callable, Collection

from hallapp.booking.errors import TourLanguageNeeded, TourLanguageNotSpoken
from hallapp.booking.models import TOUR_LANGUAGE_NAMES, Booking, TourLanguage
from hallapp.core.i18n import gettext as _
from hallapp.schedule.models import Hall, Programme

#: Returns the languages that the guides of a hall speak: those who know a programme, given its id, or all of them.
Speakers = Callable[[int, int | None], Collection[TourLanguage]]
_speakers: list[Speakers] = []


def told_by(speakers: Speakers) -> Speakers:
    """Let a function of a room above tell which languages the guides of a hall speak."""
    _speakers.append(speakers)
    return speakers


def list_languages(hall: Hall, programme: Programme | None = None) -> tuple[TourLanguage, ...]:
    """Return the languages in which a programme with a guide can be booked; without a programme, any of the hall's.

    Where no guide is known yet, they are the languages of the hall's pages. A programme without a guide has none.
    """
    if programme is not None and not programme.guides:
        return ()
    told = [speakers(hall.id, programme.id if programme else None) for speakers in _speakers]
    spoken = {language for languages in told for language in languages} or {
        TourLanguage(one) for one in hall.language_codes
    }
    return tuple(language for language in TourLanguage if language in spoken)


def choose(programme: Programme, *, asked: TourLanguage | None, pages: str) -> TourLanguage | None:
    """Return the language of a new booking's tour: the one that was asked for, else that of the pages.

    A programme without a guide has none.

    Raises:
        TourLanguageNeeded: none was asked for, and no guide speaks that of the pages.
        TourLanguageNotSpoken: no guide of the programme speaks the one that was asked for.
    """
    languages = list_languages(programme.hall, programme)
    if not languages:
        return None
    if asked is not None:
        check(programme, asked)
        return asked
    if pages not in languages:
        raise TourLanguageNeeded
    return TourLanguage(pages)


def check(programme: Programme, language: TourLanguage) -> None:
    """Raise TourLanguageNotSpoken where no guide of a programme speaks a language."""
    if language not in list_languages(programme.hall, programme):
        raise TourLanguageNotSpoken


def name_of(booking: Booking) -> str:
    """Return what the language of a booking's tour is called, in the language in force; empty without a guide."""
    return _(TOUR_LANGUAGE_NAMES[booking.tour_language]) if booking.guides and booking.tour_language else ""
