"""The reader's language and the hall's region, for texts; the only module that imports Flask-Babel for the others.

`core.web.languages` chooses the language of a request, and the room `schedule` knows the region of a hall.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import flask_babel
from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations
from flask import Flask, current_app, g, has_app_context
from flask_babel.speaklater import LazyString

from hallapp.core.errors import DomainError
from hallapp.core.regions import Region

__all__ = [
    "DEFAULT",
    "catalogue",
    "country_name",
    "direction",
    "force_locale",
    "gettext",
    "has_plural",
    "in_region_of",
    "install_languages",
    "installed",
    "lang_tag",
    "language",
    "lazy_gettext",
    "name_of",
    "ngettext",
    "offer_regions",
    "region",
    "translate",
    "translate_kept",
]

#: The language of a reader who wishes none that there is, and the one in which the message ids are written.
DEFAULT, SOURCE = "zh", "en"
#: Names of languages in themselves, where they are not those of CLDR.
_NAMES = {"zh": "中文", "zh_Hant": "繁體中文"}
_TAGS = {"zh": "zh-CN"}
_INSTALLED = "hallapp_installed_languages"
_FINDER = "hallapp_regions"
_LANGUAGE, _CATALOGUE = "hallapp_language", "hallapp_catalogue"
_Found = TypeVar("_Found")


def install_languages(app: Flask, folders: Iterable[str]) -> None:
    """Offer each language that has a catalogue in one of these folders, and the language of the message ids.

    A catalogue is the directory of a language that CLDR knows, such as `fr` or `zh_Hant`, with
    `LC_MESSAGES/messages.mo`.
    """
    found = {path.parents[1].name for folder in folders for path in Path(folder).glob("*/LC_MESSAGES/messages.mo")}
    known = sorted(code for code in found if _is_known(code) and code not in (DEFAULT, SOURCE))
    app.extensions[_INSTALLED] = (DEFAULT, SOURCE, *known)


def installed() -> tuple[str, ...]:
    """Return the languages in which pages can be had, the default first."""
    if not has_app_context():
        return (DEFAULT, SOURCE)
    found: tuple[str, ...] = current_app.extensions.get(_INSTALLED, (DEFAULT, SOURCE))
    return found


def language() -> str:
    """Return the language in force, such as `zh` or `zh_Hant`: the reader's, or the one forced with `force_locale`."""
    try:
        return cast(str, getattr(g._get_current_object(), _LANGUAGE))
    except (AttributeError, RuntimeError):  # it is not found yet, or this is no request and no task
        return _keep(_LANGUAGE, _find_language())


def catalogue() -> NullTranslations:
    """Return the texts of the language in force; they are looked up once, because a page has hundreds of them."""
    try:
        return cast(NullTranslations, getattr(g._get_current_object(), _CATALOGUE))
    except (AttributeError, RuntimeError):  # it is not found yet, or this is no request and no task
        return _keep(_CATALOGUE, flask_babel.get_translations())


def gettext(message: str, **values: Any) -> str:
    """Return a message in the language in force, its places filled."""
    text: str = catalogue().ugettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """Return a message in the language in force for a number, which fills the place `num`, and other values theirs."""
    text: str = catalogue().ungettext(singular, plural, num)
    return text % {"num": num, **values}


def lazy_gettext(message: str, **values: Any) -> LazyString:
    """Return a message that is translated whenever it is shown, for texts of classes and modules."""
    return LazyString(gettext, message, **values)


@contextmanager
def force_locale(code: str) -> Iterator[None]:
    """Use another language for a while: for a letter, or a file whose language is not its reader's."""
    before = _forget_language()
    try:
        with flask_babel.force_locale(code):
            yield
    finally:
        _forget_language()
        for name, value in before.items():
            setattr(g, name, value)


def _forget_language() -> dict[str, Any]:
    """Let language and catalogue be found anew; return what was known of them."""
    if not has_app_context():
        return {}
    return {name: g.pop(name) for name in (_LANGUAGE, _CATALOGUE) if name in g}


def _keep(name: str, found: _Found) -> _Found:
    if has_app_context():
        setattr(g, name, found)
    return found


def _find_language() -> str:
    locale = flask_babel.get_locale()
    codes = (str(locale), str(locale.language)) if locale else ()
    return next((code for code in codes if code in installed()), DEFAULT)


@cache
def has_plural(code: str) -> bool:
    """Return whether words of a language differ after 1 and after 2, as in English; in Chinese they do not."""
    forms = Locale.parse(code).plural_form
    return forms(1) != forms(2)


@cache
def name_of(code: str) -> str:
    """Return the name of a language in itself, such as `Français`."""
    if code in _NAMES:
        return _NAMES[code]
    name = Locale.parse(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


def lang_tag(code: str) -> str:
    """Return a language as a page is marked with it (BCP 47), such as `zh-CN` or `zh-Hant`."""
    return _TAGS.get(code, code.replace("_", "-"))


@cache
def direction(code: str) -> str:
    """Return the direction in which a language is written: `ltr` or `rtl`."""
    return str(Locale.parse(code).text_direction)


def _is_known(code: str) -> bool:
    try:
        Locale.parse(code)
    except (UnknownLocaleError, ValueError):
        return False
    return True


def offer_regions(app: Flask, find: Callable[[int | None], Region]) -> None:
    """Register `find`, which returns the region of a hall by its id, or that of this request's hall for None."""
    app.extensions[_FINDER] = find


def region() -> Region:
    """Return the conventions of the hall of this request or task; those of China where there is no hall."""
    try:
        return cast(Region, g._get_current_object().region)
    except (AttributeError, RuntimeError):  # it is not found yet, or this is no request and no task
        return _find_region()


def _find_region() -> Region:
    if not has_app_context() or _FINDER not in current_app.extensions:
        return Region()
    found: Region = current_app.extensions[_FINDER](g.get("region_of"))
    g.region = found
    return found


@contextmanager
def in_region_of(hall_id: int) -> Iterator[None]:
    """Use the conventions of a hall for a while: for work that belongs to no request."""
    before = {name: g.pop(name) for name in ("region", "region_of") if name in g}
    g.region_of = hall_id
    try:
        yield
    finally:
        for name in ("region", "region_of"):
            g.pop(name, None)
            if name in before:
                setattr(g, name, before[name])


def country_name(code: str) -> str:
    """Return the name of a country (ISO 3166-1) in the reader's language."""
    locale = flask_babel.get_locale()
    return str((locale or Locale(DEFAULT)).territories.get(code, code))


def translate(error: DomainError) -> str:
    """Return an error's message in the reader's language, its places filled."""
    return gettext(error.message, **error.params)


def translate_kept(error: Mapping[str, Any]) -> str:
    """Return the message of an error that was stored as JSON, translated: its `message` and `params`."""
    message: str = error["message"]
    return gettext(message, **error["params"])
