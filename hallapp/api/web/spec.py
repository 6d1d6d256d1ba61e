"""The OpenAPI document: what flask-smorest collects from the views, completed by `operations.py`."""

import inspect
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

from flask import Flask, Request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE, Schema, ValidationError
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest

from hallapp.api.web import operations
from hallapp.api.web.schemas.common import Answer, Problem, Sent
from hallapp.api.web.wording import in_words
from hallapp.core.i18n import gettext as _
from hallapp.core.web import problems
from hallapp.core.web.problems import FieldError
from hallapp.periods.web.converters import PeriodConverter

PREFIX = "/api/v1"
VERSION = "1.0.0"
DESCRIPTION = (
    "The API of a hall: what can be booked, bookings, passes, arrivals, reports. Every request has a key in the header "
    "`Authorization: Bearer …`; administrators make keys in the settings. A key belongs to one hall and has scopes. "
    "Errors are documents of the type `application/problem+json`, in which `code` is a stable word. A POST or PATCH "
    "with the header `Idempotency-Key` may be sent again: within 24 hours the same request gets the same answer. Lists "
    "have pages: `next` is the cursor of the following one."
)
_REPEATED = object()  # marks a name that is given more than once
_PLACE = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")


class InputInvalid(Exception):
    """Values of a request have the wrong type; `errors` name them."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("invalid input")
        self.errors = errors


class Parser(FlaskParser):
    """Reads the values of a request by a schema, and refuses them as the API does.

    A name that it does not know is refused in an address too: a filter that is misspelt would be left out in silence.
    So is a name that is there more than once: all values but one would be left out.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        """Return the JSON of a request. Raises BadRequest where it cannot be read, InputInvalid for a repeated name."""
        try:
            found = super().load_json(req, schema)
            if found is not missing:
                _refuse_repeated(json.loads(req.get_data(cache=True), object_pairs_hook=_mark_repeated))
        except RecursionError:  # nested some thousand levels deep
            raise BadRequest from None
        return found

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        """Return the values of an address. Raises InputInvalid for a repeated name."""
        _refuse_repeated(_mark_repeated(list(req.args.items(multi=True))))
        return super().load_querystring(req, schema)

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raise InputInvalid with the place of each wrong value."""
        messages = error.messages if isinstance(error.messages, dict) else {"json": error.messages}
        raise InputInvalid([one for place in messages.values() for one in _flat(place)]) from None


def _mark_repeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return these names with their values, and a mark as the value of a name that is there more than once."""
    counts = Counter(name for name, _value in pairs)
    return {name: value if counts[name] == 1 else _REPEATED for name, value in pairs}


def _refuse_repeated(marked: Any) -> None:
    """Raise InputInvalid with the places of the names that are marked, if any."""
    message = _("This name is given more than once. Please give it once.")
    errors = [FieldError(field=path, message=message) for path in _list_repeated(marked)]
    if errors:
        raise InputInvalid(errors)


def _list_repeated(marked: Any, path: str = "") -> Iterator[str]:
    if marked is _REPEATED:
        yield path.removeprefix("/")
    elif isinstance(marked, dict | list):
        for name, value in marked.items() if isinstance(marked, dict) else enumerate(marked):
            yield from _list_repeated(value, f"{path}/{_escape(str(name))}")


def _flat(messages: Any, path: str = "") -> list[FieldError]:
    if isinstance(messages, dict):
        inner = {name: found for name, found in messages.items() if name not in ("_schema", "value")}
        own = [found for name, found in messages.items() if name in ("_schema", "value")]
        below = [one for name, found in inner.items() for one in _flat(found, f"{path}/{_escape(str(name))}")]
        return [one for found in own for one in _flat(found, path)] + below
    texts = messages if isinstance(messages, list) else [messages]
    return [FieldError(field=path.removeprefix("/"), message=in_words(str(text))) for text in texts]


def _escape(name: str) -> str:
    """Return a name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


class Views(Blueprint):
    """A group of views of the API."""

    ARGUMENTS_PARSER = Parser()


class Document(Api):
    """The API with its document. Errors are answered by the handlers of the application."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Register no handlers of its own."""


def files_of(mimetypes: Iterable[str]) -> dict[int, Any]:
    """Return the description of a good answer that is a file of one of these types."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": {mimetype.partition(";")[0]: binary for mimetype in mimetypes}}}


def make_document(app: Flask) -> Document:
    """Return the document of the API, to which the groups of views are added."""
    app.config.update(API_TITLE="hallapp", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    scheme = {"type": "http", "scheme": "bearer", "description": "A key that an administrator made"}
    document = Document(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION},
            "security": [{"key": []}],
            "servers": [{"url": "/"}],
        },
    )
    document.spec.components.security_scheme("key", scheme)
    document.register_converter(PeriodConverter, _period)
    app.register_error_handler(InputInvalid, _input_invalid)
    return document


def _period(_converter: PeriodConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^({PeriodConverter.regex})$"}


def _input_invalid(error: InputInvalid) -> Any:
    return problems.answer(422, "invalid_input", _("Some values cannot be read."), error.errors)


def to_dict(app: Flask, document: Document) -> dict[str, Any]:
    """Return the OpenAPI document, with the headers, the scope and the errors of each operation."""
    found: dict[str, Any] = document.spec.to_dict()
    components = found["components"]
    components.pop("responses", None)  # of flask-smorest; each operation names its own errors
    components["schemas"].pop("PaginationMetadata", None)  # of flask-smorest; our lists have a cursor
    components["headers"] = operations.HEADERS
    for schema in _list_below(Sent, Answer):
        if schema.__name__ in components["schemas"]:
            components["schemas"][schema.__name__]["description"] = inspect.getdoc(schema)
    for group in found["tags"]:
        group["name"] = operations.tag(group["name"])
    for rule in app.url_map.iter_rules():
        place = _PLACE.sub(r"{\1}", rule.rule)
        path = found["paths"].get(place, {})
        for method in (name.lower() for name in rule.methods or ()):
            if operation := path.get(method):
                view = app.view_functions[rule.endpoint]
                operations.complete(operation, place, method, endpoint=rule.endpoint, view=view)
    return found


def _list_below(*schemas: type[Schema]) -> Iterator[type[Schema]]:
    """Yield the schemas that are made of these, at any distance."""
    for schema in schemas:
        below = schema.__subclasses__()
        yield from (*below, *_list_below(*below))
