"""Opens pages by their links and gathers the forms that they show, as a browser would send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from tests import markup

#: What a person would type into the fields that a page leaves empty.
_TYPED = {
    **{"organisation": "广州市第三中学", "contact_name": "何秀珍", "phone": "19900001050", "email": "he@example.org"},
    **{"origins-0-division": "440000", "origins-0-visitors": "12", "name": "Night school", "visitors": "2"},
    **{"reason": "the roof leaks", "password": "a long password for once", "code": "123456", "q": "广州"},
    **{"slug": "night-school", "name_zh": "夜校", "name_en": "Night school", "day": "2026-12-01"},
    "event_id": "6d1f8a3e-3a0e-4c7c-9d2b-0d2c1b1b5a11",
}
_NOT_SENT = ("file", "image", "reset")  # files are tried where their rooms are tested
_PAGES_OF_A_ROUTE = 2


@dataclass
class Form:
    """A form of a page: where it is sent, how, and what it holds as the page stands."""

    action: str
    method: str
    fields: MultiDict[str, str] = field(default_factory=MultiDict)

    @property
    def names(self) -> tuple[str, ...]:
        """One name of each shape, without the token: the twentieth row of a form is read as the first."""
        shapes = {shape_of(name): name for name in reversed(list(self.fields)) if name != "csrf_token"}
        return tuple(sorted(shapes.values()))

    def body(self, **changed: str) -> str:
        """The form as it is sent, with some fields changed; half a surrogate pair goes as bytes that are no UTF-8."""
        pairs = {**self.fields, **changed}.items()
        return urlencode([tuple(part.encode("utf-8", "surrogatepass") for part in pair) for pair in pairs])


def shape_of(name: str) -> str:
    """The name of a field without its numbers."""
    return "".join("0" if character.isdigit() else character for character in name)


def walk(app: Flask, client: FlaskClient, start: tuple[str, ...]) -> list[Form]:
    """The forms of all pages that can be reached from `start`, each form of a route once."""
    routes = app.url_map.bind("127.0.0.1:8000")
    forms: dict[tuple[str, tuple[str, ...]], Form] = {}
    opened: dict[str, int] = {}
    waiting, met = list(start), set(start)
    while waiting:
        path = waiting.pop(0)
        try:
            rule = str(routes.match(urlsplit(path).path, "GET", return_rule=True)[0])
        except HTTPException:
            continue
        if rule.startswith("/static") or opened.get(rule, 0) >= _PAGES_OF_A_ROUTE:
            continue
        opened[rule] = opened.get(rule, 0) + 1
        with app.app_context():
            answer = client.get(path, buffered=True, follow_redirects=True)
        assert answer.status_code < 500, path
        if answer.mimetype != "text/html":
            continue
        root = markup.tree(answer.get_data(as_text=True))
        for link in _links(root):
            if link not in met:
                met.add(link)
                waiting.append(link)
        for form in _forms(path, root):
            forms.setdefault((shape_of(urlsplit(form.action).path), form.names), form)
    return list(forms.values())


def _links(root: Element) -> Iterator[str]:
    for link in root.iter("a"):
        parts = urlsplit(link.get("href", ""))
        if parts.path.startswith("/") and parts.netloc in ("", "127.0.0.1:8000"):
            yield f"{parts.path}?{parts.query}" if parts.query else parts.path


def _forms(page: str, root: Element) -> Iterator[Form]:
    everything = list(root.iter())
    for element in root.iter("form"):
        form = Form(element.get("action") or page, (element.get("method") or "get").upper())
        name = element.get("id")
        for one in (*element.iter(), *(other for other in everything if name and other.get("form") == name)):
            _fill_in(form.fields, one)
        yield form


def _fill_in(fields: MultiDict[str, str], element: Element) -> None:
    name, kind = element.get("name"), element.get("type", "text")
    if not name or kind in _NOT_SENT or element.get("disabled") is not None:
        return
    if element.tag == "input" and kind in ("checkbox", "radio"):
        if element.get("checked") is not None or (kind == "radio" and name not in fields):
            fields[name] = element.get("value", "y")
    elif element.tag == "input":
        fields[name] = element.get("value") or _TYPED.get(name, "")
    elif element.tag == "textarea":
        fields[name] = element.text or ""
    elif element.tag == "select":
        fields[name] = _chosen(element)
    elif element.tag == "button" and not name.startswith(("remove", "add")):
        fields.setdefault(name, element.get("value", ""))


def _chosen(element: Element) -> str:
    options = [(one.get("value", one.text or ""), one.get("selected") is not None) for one in element.iter("option")]
    chosen = [value for value, selected in options if selected]
    return chosen[0] if chosen else next((value for value, _selected in options if value), "")
