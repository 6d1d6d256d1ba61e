"""The kiosk's words: each in every language of the hall at once, so that no one has to choose a language first."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hallapp.core import i18n
from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale, lang_tag
from hallapp.core.i18n import gettext as _gettext
from hallapp.core.web import languages

TITLE = N_("Check in")
SHOW = N_("Show your pass")
HOW = N_("Hold its QR code before the camera, or under the scanner.")
NO_PASS = N_("No pass with you? Please go to the counter.")
IS_IT_YOU = N_("Has everyone arrived?")
PEOPLE = N_("people")
FEWER = N_("Fewer people? Change the number. More? Please go to the counter.")
COME_IN = N_("Yes, check in")
NOT_US = N_("No, start again")
LESS = N_("One less")
MORE = N_("One more")
WELCOME = N_("Welcome!")
CHECKED_IN = N_("people checked in")
NEXT = N_("Next group")
COUNTER = N_("Please go to the counter")
COUNTER_HELPS = N_("Our staff will help you.")
OFFLINE = N_("This kiosk has no connection at the moment")
LOADS_AGAIN = N_("One moment please: this page is loading again.")
NOT_STARTED = N_("This kiosk could not start. Please go to the counter.")
CAMERA = N_("Turn on the camera")
SCAN_FIELD = N_("Code of the pass")
CHECK = N_("View")
NO_CAMERA = N_("The camera cannot be used. Hold the pass under the scanner, or go to the counter.")


class Said(NamedTuple):
    """A text with the language that a page marks it with."""

    lang: str
    text: str


def said(message: str, **places: Any) -> list[Said]:
    """Return a message in every language of the hall, the reader's first."""
    return _in_each(lambda _language: _gettext(message, **places))


def texts(find: Callable[[str], str]) -> list[Said]:
    """Return a text in each of the hall's languages; equal texts are returned once, empty ones not at all."""
    found: list[Said] = []
    for one in _in_each(find):
        if one.text and one.text not in (each.text for each in found):
            found.append(one)
    return found


def _in_each(find: Callable[[str], str]) -> list[Said]:
    spoken = []
    for language in _languages():
        with force_locale(language):
            spoken.append(Said(lang_tag(language), find(language)))
    return spoken


def _languages() -> Sequence[str]:
    mine = i18n.language()
    return sorted(languages.offered(), key=lambda language: language != mine)
