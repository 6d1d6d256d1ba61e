"""The reader's language and the hall's region, for texts; the only module that imports Flask-Babel for the others.

`core.web.languages` chooses the language of a request, and the room `schedule` knows the region of a hall.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_app_context
from flask_babel import force_locale, get_locale, gettext, lazy_gettext, ngettext

from hallapp.core.errors import DomainError
from hallapp.core.regions import Region

__all__ = [
    "DEFAULT",
    "country_name",
    "direction",
    "force_locale",
    "gettext",
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
    locale = get_locale()
    return _language_of(locale, installed()) if locale else DEFAULT


@cache
def _language_of(locale: Locale, installed: tuple[str, ...]) -> str:
    return next((str(code) for code in (str(locale), locale.language) if code in installed), DEFAULT)


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
    if not has_app_context() or _FINDER not in current_app.extensions:
        return Region()
    if "region" not in g:
        g.region = current_app.extensions[_FINDER](g.get("region_of"))
    found: Region = g.region
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
    locale = get_locale()
    return str((locale or Locale(DEFAULT)).territories.get(code, code))


def translate(error: DomainError) -> str:
    """Return an error's message in the reader's language, its places filled."""
    return gettext(error.message, **error.params)


def translate_kept(error: Mapping[str, Any]) -> str:
    """Return the message of an error that was stored as JSON, translated: its `message` and `params`."""
    message: str = error["message"]
    return gettext(message, **error["params"])
