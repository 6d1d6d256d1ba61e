"""The language of a request: one that its hall offers, by `Accept-Language`, with a switch that is remembered.

Any directory of a language among the translations makes that language available to halls.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, has_request_context, request
from flask.wrappers import Response
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from hallapp.core import i18n
from hallapp.core.i18n import DEFAULT, SOURCE, force_locale, installed, language

COOKIE = "language"
_YEAR_SECONDS = 365 * 24 * 3600
_OFFER = "hallapp_languages"


babel = Babel()


def init_app(app: Flask) -> None:
    """Choose the language of each request; remember one that was requested by `?lang=`."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", DEFAULT)
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", f"{app.root_path}/translations")
    i18n.install_languages(app, app.config["BABEL_TRANSLATION_DIRECTORIES"].split(";"))
    babel.init_app(app, locale_selector=lambda: _locale(_choose()))
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: i18n.catalogue().ugettext(text),
        lambda one, many, num: i18n.catalogue().ungettext(one, many, num),
        newstyle=True,
    )
    app.after_request(_remember)
    app.jinja_env.globals.update(
        language=language,
        language_name=i18n.name_of,
        lang_tag=i18n.lang_tag,
        direction=i18n.direction,
        in_language=in_language,
        languages_offered=offered,
        open_graph_locale=_open_graph_locale,
        blank=_blank,
    )


def _blank() -> str:
    """Return what stands between two sentences: Chinese punctuation holds its distance itself."""
    return "" if language().startswith("zh") else " "


def offer(app: Flask, find: Callable[[], Sequence[str]]) -> None:
    """Register `find`, which returns the languages of a request's pages; without it all languages are offered.

    It is called once for each request, also for error pages, and must not raise. The first language is used for a
    reader who accepts none of them.
    """
    app.extensions[_OFFER] = find


def offered() -> Sequence[str]:
    """Return the languages in which the pages of this request can be had."""
    if not has_request_context() or _OFFER not in current_app.extensions:
        return installed()
    if "languages" not in g:
        g.languages = tuple(each for each in current_app.extensions[_OFFER]() if each in installed()) or installed()
    return tuple(g.languages)


def in_language(wanted: str) -> str:
    """Return the relative address of this page in another language, with its other arguments."""
    return "?" + urlencode([*((k, v) for k, v in request.args.items(multi=True) if k != "lang"), ("lang", wanted)])


def in_each_language(app: Flask, template: str) -> Callable[[Mapping[str, str]], bytes]:
    """Render a template once in each language; return the function that chooses one for the environment of a request.

    It needs neither a hall nor a request, so it serves where there is none. English is for readers of other languages.
    """
    with app.app_context():
        codes = (SOURCE, *(code for code in installed() if code != SOURCE))
        pages = {}
        for code in codes:
            with force_locale(code):
                pages[code] = app.jinja_env.get_template(template).render().encode()

    def choose(environ: Mapping[str, str]) -> bytes:
        asked = parse_cookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
        return pages[asked if asked in pages else _best_of(environ.get("HTTP_ACCEPT_LANGUAGE", ""), codes)]

    return choose


def _choose() -> str:
    if not has_request_context():
        return DEFAULT
    languages = offered()
    for asked in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if asked in languages:
            return str(asked)
    return _best_of(request.headers.get("Accept-Language", ""), tuple(languages))


@cache
def _locale(name: str) -> Locale:
    """Return a language as the library knows it, which it would otherwise look up for each request."""
    return Locale.parse(name)


@lru_cache(maxsize=256)
def _best_of(wished: str, languages: tuple[str, ...]) -> str:
    """Return the language that a browser wishes most; its header is one of a few that all of its kind send."""
    for tag, quality in parse_accept_header(wished, LanguageAccept):  # the most wished first
        if quality > 0:
            for form in _forms(tag):
                found = languages[0] if form == "*" else next((one for one in languages if one == form), None)
                found = found or next((one for one in languages if form == one.partition("_")[0]), None)
                if found:
                    return found
    return languages[0]


def _forms(tag: str) -> tuple[str, ...]:
    """Return the languages that serve a wish such as `zh-TW`, the nearest first: zh_TW, zh_Hant, zh."""
    exact = tag.replace("-", "_")
    base = exact.partition("_")[0].lower()
    try:
        script = Locale.parse(exact).script
    except (UnknownLocaleError, ValueError):
        script = None
    return tuple(dict.fromkeys((exact, f"{base}_{script}" if script else exact, base)))


def _open_graph_locale(code: str) -> str:
    """Return a language with a country, as cards of shared links have it."""
    return {"zh": "zh_CN", "en": "en_GB", "zh_Hant": "zh_TW"}.get(code, code)


def _remember(response: Response) -> Response:
    if response.cache_control.public:  # the same file for every reader
        return response
    asked = request.args.get("lang")
    if asked in installed():
        response.set_cookie(
            COOKIE, str(asked), max_age=_YEAR_SECONDS, samesite="Lax", httponly=True, secure=g.get("secure", False)
        )
    known = response.headers.get("Vary")
    response.headers["Vary"] = f"{known}, Accept-Language, Cookie" if known else "Accept-Language, Cookie"
    return response
