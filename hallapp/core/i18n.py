"""Texts in the reader's language: the only module that imports Flask-Babel for the rest of the application.

`core.web.languages` chooses the language of a request.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale, get_locale, gettext, lazy_gettext, ngettext

from hallapp.core.errors import DomainError

__all__ = [
    "LANGUAGES",
    "NAMES",
    "force_locale",
    "gettext",
    "language",
    "lazy_gettext",
    "ngettext",
    "translate",
    "translate_kept",
]

LANGUAGES = ("zh", "en")
NAMES = {"zh": "中文", "en": "English"}


def language() -> str:
    """The language in force, `zh` or `en`: the reader's, or the one forced with `force_locale`."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else LANGUAGES[0]


def translate(error: DomainError) -> str:
    """Return an error's message in the reader's language, its places filled."""
    return gettext(error.message, **error.params)


def translate_kept(error: Mapping[str, Any]) -> str:
    """Return the message of an error that was stored as JSON, translated: its `message` and `params`."""
    message: str = error["message"]
    return gettext(message, **error["params"])
