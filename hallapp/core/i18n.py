"""The reader's language and the hall's region, for texts; the only module that imports Flask-Babel for the others.

`core.web.languages` chooses the language of a request, and the room `schedule` knows the region of a hall.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from babel import Locale
from flask import Flask, current_app, g, has_app_context
from flask_babel import force_locale, get_locale, gettext, lazy_gettext, ngettext

from hallapp.core.errors import DomainError
from hallapp.core.regions import Region

__all__ = [
    "LANGUAGES",
    "NAMES",
    "country_name",
    "force_locale",
    "gettext",
    "in_region_of",
    "language",
    "lazy_gettext",
    "ngettext",
    "offer_regions",
    "region",
    "translate",
    "translate_kept",
]

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}
_FINDER = "hallapp_regions"


def language() -> str:
    """The language in force, `zh` or `en`: the reader's, or the one forced with `force_locale`."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else LANGUAGES[0]


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
    return str((locale or Locale(LANGUAGES[0])).territories.get(code, code))


def translate(error: DomainError) -> str:
    """Return an error's message in the reader's language, its places filled."""
    return gettext(error.message, **error.params)


def translate_kept(error: Mapping[str, Any]) -> str:
    """Return the message of an error that was stored as JSON, translated: its `message` and `params`."""
    message: str = error["message"]
    return gettext(message, **error["params"])
