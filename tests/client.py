"""A test client that checks every page that it fetches, so that no test looks at a broken one."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any
from xml.etree.ElementTree import Element

from babel.messages.mofile import read_mo
from flask import has_app_context, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from werkzeug.test import TestResponse

from hallapp.accounts import sessions
from hallapp.accounts.models import Staff
from hallapp.core.database import db, transaction
from hallapp.settings import ROOT
from tests import markup

_SHOWN_ATTRIBUTES = ("aria-label", "alt", "placeholder", "title")
_CATALOGUE = ROOT / "hallapp" / "translations" / "zh" / "LC_MESSAGES" / "messages.mo"
_LABELLED = {"input", "select", "textarea"}
_CSRF_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
_NONCE = re.compile(r"'nonce-([^']+)'")
_LETTERS_OF_THE_OTHER = {"zh": re.compile("[A-Za-z]"), "en": re.compile("[\u4e00-\u9fff]")}
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}


class CheckingClient(FlaskClient):
    """Sends no language unless told (so: Chinese), carries the CSRF token of the last page, and checks each page."""

    csrf_token: str | None = None

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # type: ignore[override]
        """Send a request, with a context of its own as on a server; check what it leaves and the page that it gives."""
        _forget_what_was_read()
        with self.application.app_context():
            response = super().open(*args, **{"buffered": True, **kwargs})
            left = [*db.session.new, *db.session.dirty, *db.session.deleted]
            assert not left, f"{response.request.path} left without a commit: {left}"
        _forget_what_was_read()
        has_body = response.request.method in ("GET", "POST")
        is_whole = not {"X-Desk-Parts", "X-Page-Part"} & set(response.headers.keys())
        if (
            is_whole
            and has_body
            and response.mimetype == "text/html"
            and response.status_code not in (301, 302, 303, 307, 308)
        ):
            page = response.get_data(as_text=True)
            problems = check_page(page, csp=response.headers.get("Content-Security-Policy", ""))
            assert not problems, f"{response.request.path}: {problems}"
            found = _CSRF_TOKEN.search(page)
            self.csrf_token = found.group(1) if found else self.csrf_token
        return response

    def sign_in(self, staff: Staff) -> None:
        """Hold a session of this member of staff and a page's token, without the cost of a password and of a page."""
        sign_in_as(self, staff)
        with self.application.app_context(), self.application.test_request_context():
            self.csrf_token, made = generate_csrf(), session["csrf_token"]
        with self.session_transaction() as kept:
            kept["csrf_token"] = made

    def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form as a person would: with the token of the page that was opened before."""
        return self.post(path, data={"csrf_token": self.csrf_token or "", **(data or {})}, **kwargs)

    def send_json(self, path: str, data: Any, **kwargs: Any) -> TestResponse:
        """POST JSON as the desk's script does: with the token in its header."""
        return self.post(path, json=data, headers={"X-CSRFToken": self.csrf_token or ""}, **kwargs)


def sign_in_as(client: FlaskClient, staff: Staff, *, browser: str = "chrome", system: str = "windows") -> None:
    """Let a browser hold a new session of this member of staff, without the cost of a password."""
    staff_id = staff.id
    with client.application.app_context(), transaction():
        token = sessions.begin(db.session.get_one(Staff, staff_id), browser=browser, system=system)
    with client.session_transaction() as kept:
        kept["_user_id"] = token
        kept["_fresh"] = True


def _forget_what_was_read() -> None:
    """Let the test's own session see what the request commits."""
    if has_app_context():
        db.session.rollback()
        db.session.expire_all()


def check_page(page: str, *, csp: str) -> list[str]:
    """What is wrong with a page; empty when nothing is.

    The same page but for its random words is checked once: many tests are answered by the same refusal.
    """
    for found in (_CSRF_TOKEN.search(page), _NONCE.search(csp)):
        if found:
            page, csp = (text.replace(found.group(1), "RANDOM") for text in (page, csp))
    return _check_page(page, csp)


@lru_cache(maxsize=500)
def _check_page(page: str, csp: str) -> list[str]:
    if errors := markup.errors(page):
        return [f"HTML {error}" for error in errors]
    root, problems = markup.tree(page), []
    elements = list(root.iter())
    problems += _headings(root) + _ids(elements) + _labels(elements) + _inline(elements, csp) + _untranslated(root)
    if "unsafe-inline" in csp or "unsafe-eval" in csp.replace("wasm-unsafe-eval", "") or not csp:
        problems.append(f"weak or missing CSP: {csp!r}")
    return problems


def _text(element: Element | None) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def _headings(root: Element) -> list[str]:
    problems = []
    headings = root.findall(".//h1")
    if len(headings) != 1:
        problems.append(f"{len(headings)} h1")
    if not _text(root.find(".//title")):
        problems.append("no title")
    if root.get("lang") not in ("zh-CN", "zh-Hant", "en", "de"):
        problems.append("no language")
    if len(root.findall(".//main")) != 1:
        problems.append("not one main")
    return problems


def _ids(elements: list[Element]) -> list[str]:
    ids = [element.get("id") for element in elements if element.get("id")]
    known = set(ids)
    problems = [f"duplicate id {one}" for one in known if ids.count(one) > 1]
    for element in elements:
        for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for target in (element.get(attribute) or "").split():
                if target not in known:
                    problems.append(f"{attribute} points at nothing: {target}")
    return problems


def _labels(elements: list[Element]) -> list[str]:
    labelled = {element.get("for") for element in elements if element.tag == "label"}
    for label in (element for element in elements if element.tag == "label"):
        labelled |= {inner.get("id") or id(inner) for inner in label.iter() if inner.tag in _LABELLED}  # type: ignore[misc]
    problems = []
    for element in elements:
        if element.tag in _LABELLED and element.get("type") not in _NEEDS_NO_LABEL:
            named = element.get("aria-label") or element.get("aria-labelledby")
            if not named and (element.get("id") or id(element)) not in labelled:
                problems.append(f"no label for {element.get('name')}")
        if element.tag in ("button", "a") and not (_text(element) or element.get("aria-label")):
            problems.append(f"nameless {element.tag} {element.get('href')}")
        if element.tag == "img" and element.get("alt") is None:
            problems.append("img without alt")
    return problems


def _inline(elements: list[Element], csp: str) -> list[str]:
    problems = []
    for element in elements:
        if element.get("style") is not None:
            problems.append(f"inline style on {element.tag}")
        problems += [f"inline handler {name}" for name in element.attrib if str(name).startswith("on")]
        if element.tag in ("script", "style") and not element.get("src") and element.get("type") != "application/json":
            nonce = element.get("nonce")
            if not nonce or f"'nonce-{nonce}'" not in csp:
                problems.append(f"inline {element.tag} without the nonce")
    return problems


@cache
def _catalogue(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """Whatever is shown in the *other* language: English ids on a Chinese page, their Chinese on an English one.

    These are the texts as they are, and a pattern of those with places that are filled in.
    """
    with _CATALOGUE.open("rb") as file:
        pairs = [(message.id, message.string) for message in read_mo(file) if message.id]
    wrong = set()
    for ids, strings in pairs:
        english = [ids] if isinstance(ids, str) else list(ids)
        chinese = [strings] if isinstance(strings, str) else list(strings)
        wrong |= set(english) - set(chinese) if language == "zh" else set(chinese) - set(english)
    # A page shows data too, in whatever language it was typed: a single word may be somebody's name.
    phrases = [re.split(r"%\(\w+\)[sd]", " ".join(text.split())) for text in wrong if " " in text or language == "en"]
    telling = [parts for parts in phrases if len("".join(parts)) > 3]
    patterns = (".+".join(map(re.escape, parts)) for parts in telling if len(parts) > 1)
    return frozenset(parts[0] for parts in telling if len(parts) == 1), re.compile("|".join(patterns) or r"(?!)")


def _untranslated(root: Element) -> list[str]:
    language = "zh" if (root.get("lang") or "").startswith("zh") else "en"
    return [f"not in the page's language: {text!r}" for text in _shown(root) if _is_of_the_other(language, text)]


@lru_cache(maxsize=20_000)
def _is_of_the_other(language: str, text: str) -> bool:
    if not _LETTERS_OF_THE_OTHER[language].search(text):
        return False
    texts, pattern = _catalogue(language)
    return text in texts or pattern.fullmatch(text) is not None


def _shown(element: Element) -> Iterator[str]:
    """The texts of a page, but for those that say that they are in another language."""
    if element.tag in ("script", "style"):
        return
    texts = [element.get(name) for name in _SHOWN_ATTRIBUTES] + [element.text]
    for inner in element:
        if inner.get("lang") is None:
            yield from _shown(inner)
        texts.append(inner.tail)
    yield from (" ".join(text.split()) for text in texts if text and text.strip())
