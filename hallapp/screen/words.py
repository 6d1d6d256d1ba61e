"""The words of the big screen, in the language in force."""

from hallapp.core import formats
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.origins.values import OVERSEAS, OriginSet
from hallapp.presence.inside import Crowd
from hallapp.screen.board import STEP, ExpectedGroup

_NAMED = 3


def greeting(origins: OriginSet, division: str) -> str:
    """Return the welcome to a division: `Welcome, Hunan!`."""
    if division == OVERSEAS:
        return _("Welcome, friends from abroad!")
    return _("Welcome, %(place)s!", place=origins.division(division).name(language()))


def group(origins: OriginSet, one: ExpectedGroup) -> str:
    """Return the organisation where the hall allows it, else its approximate size and origin."""
    if one.organisation:
        return one.organisation
    places = _places(origins, one.divisions)
    if not one.people:
        return _("A small group from %(places)s", places=places) if places else _("A small group")
    people = formats.number(one.people)
    if not one.divisions:
        return _("A group of %(people)s or more", people=people)
    return _("A group of %(people)s or more from %(places)s", people=people, places=places)


def live(people: int) -> str:
    """Return a number of the day, which is known in full tens: `30+`, or `<10`."""
    return f"{formats.number(people)}+" if people else f"<{STEP}"


def crowd(state: Crowd) -> str:
    """Return a warning near the limit of people inside; nothing while there is room."""
    words = {Crowd.NEAR: _("Nearly full"), Crowd.FULL: _("Full")}
    return words.get(state, "")


def _places(origins: OriginSet, divisions: tuple[str, ...]) -> str:
    joint = "、" if language().startswith("zh") else ", "
    names = joint.join(origins.division(code).name(language()) for code in divisions[:_NAMED])
    return names if len(divisions) <= _NAMED else _("%(places)s and elsewhere", places=names)
