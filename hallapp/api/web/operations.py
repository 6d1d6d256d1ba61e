"""Facts about each operation for the OpenAPI document, beside those that flask-smorest collects from its view.

An operation gets its name, scope, headers, and the errors that it can answer, with the code of each.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

from hallapp.api import errors as own
from hallapp.api.web import marks
from hallapp.core.errors import DomainError
from hallapp.core.limits import TooManyRequests
from hallapp.core.web import problems
from hallapp.core.web.access import PUBLIC, access_of

IDEMPOTENCY_KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_JSON = "application/json"
_PLAIN = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "The request cannot be read."),
    HTTPStatus.NOT_FOUND: ("not_found", "The hall of the key has no such thing."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ("request_entity_too_large", "The body is larger than 1 MiB."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: ("unsupported_media_type", "The body is not JSON."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("service_unavailable", "The service is not ready at the moment."),
}
_INVALID = (HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input", "Some values cannot be read: `errors` names them.")
_OFTEN = (HTTPStatus.CONFLICT, "just_changed", "Another request has just changed or deleted this.")
_TRY_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)

_TEXT = {"type": "string"}
HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The entity tag of this answer, for `If-None-Match` and `If-Match`.", "schema": _TEXT},
    "Link": {"description": 'The address of the following page, as `<…>; rel="next"`.', "schema": _TEXT},
    "Location": {"description": "The address of what was made.", "schema": {**_TEXT, "format": "uri-reference"}},
    REPLAYED: {
        "description": "`true` where this is the answer to the first request with this idempotency key.",
        "schema": {**_TEXT, "enum": ["true"]},
    },
    "RateLimit": {
        "description": 'The requests that are left (`r`) for so many seconds (`t`), such as `"key";r=588;t=31`.',
        "schema": _TEXT,
    },
    "RateLimit-Policy": {
        "description": 'The limit of a key, such as `"key";q=600;w=60`: 600 requests in 60 seconds.',
        "schema": _TEXT,
    },
    "Retry-After": {
        "description": "The seconds after which the request may succeed.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {"description": "`Bearer`", "schema": _TEXT},
}
_REPEATED = {
    "in": "header",
    "name": IDEMPOTENCY_KEY,
    "description": "The same key with the same request gets the same answer, for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_GUARDED = {
    "in": "header",
    "name": "If-Match",
    "description": "The entity tag of the resource as it was read; 412 where it has changed.",
    "schema": _TEXT,
}
_CONDITIONAL = {
    "in": "header",
    "name": "If-None-Match",
    "description": "The entity tag of an earlier answer; 304 where it is still the same.",
    "schema": _TEXT,
}
Code = tuple[int, str, str]


def complete(operation: dict[str, Any], path: str, method: str, *, endpoint: str, view: Callable[..., Any]) -> None:
    """Add to an operation what flask-smorest does not know."""
    group, _dot, name = endpoint.partition(".")
    operation["operationId"] = _camel(name)
    operation["tags"] = [tag(group)]
    access = access_of(view)
    if access not in (None, PUBLIC):
        operation["x-scope"] = access
        needed = f"Scope: `{access}`."
        operation["description"] = "\n\n".join(filter(None, (operation.get("description", ""), needed)))
    good = {status: answer for status, answer in operation["responses"].items() if status.startswith("2")}
    is_json = any(_JSON in answer.get("content", {}) for answer in good.values())
    is_read = method == "get" and is_json
    for parameter, is_taken in (
        (_REPEATED, marks.is_repeatable(view)),
        (_GUARDED, marks.is_guarded(view)),
        (_CONDITIONAL, is_read),
    ):
        if is_taken:
            operation.setdefault("parameters", []).append(parameter)
    for status, answer in good.items():
        answer["headers"] = _references(_good_headers(operation, status, view, is_json=is_json))
    if is_read:
        good["304"] = {"description": "It is as it was read before.", "headers": _references(["ETag"])}
    operation["responses"] = good | _problems(list(_codes(operation, path, method, view)))


def tag(group: str) -> str:
    """Return the name of a group of views, by which generated clients name a module."""
    return group.removeprefix("api_")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _good_headers(operation: dict[str, Any], status: str, view: Callable[..., Any], *, is_json: bool) -> Iterator[str]:
    names = {parameter["name"] for parameter in operation.get("parameters", ())}
    if is_json:
        yield "ETag"
    if status in ("201", "202"):
        yield "Location"
    if marks.is_repeatable(view):
        yield REPLAYED
    if "cursor" in names:
        yield "Link"
    yield from ("RateLimit", "RateLimit-Policy")


def _references(names: Any) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _codes(operation: dict[str, Any], path: str, method: str, view: Callable[..., Any]) -> Iterator[Code]:
    """Yield the errors that an operation can answer: status, code, and what it means."""
    yield from map(_code, (own.KeyMissing, TooManyRequests))
    yield _plain(HTTPStatus.SERVICE_UNAVAILABLE)
    if "x-scope" in operation:
        yield _code(own.KeyScopeMissing)
    if "{" in path:
        yield _plain(HTTPStatus.NOT_FOUND)
    if "requestBody" in operation:
        yield from map(_plain, (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
        yield _plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    names = {parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "query"}
    if names or "requestBody" in operation:
        yield _INVALID
    if "cursor" in names:
        yield _code(own.CursorInvalid)
    if method != "get":
        yield _OFTEN
    if marks.is_repeatable(view):
        yield from map(_code, (own.InProgress, own.DataErased, own.KeyReused, own.IdempotencyKeyInvalid))
    if marks.is_guarded(view):
        yield _code(own.Changed)
    yield from map(_code, marks.refusals_of(view))


def _code(error: type[DomainError]) -> Code:
    meaning = (error.__doc__ or "").partition("\n\n")[0]
    return error.status, error.code, " ".join(meaning.split())


def _plain(status: HTTPStatus) -> Code:
    return (status, *_PLAIN[status])


def _problems(codes: list[Code]) -> dict[str, Any]:
    """Return the responses of errors, each with the codes that it can have."""
    by_status: dict[int, dict[str, str]] = defaultdict(dict)
    for status, code, meaning in sorted(codes):
        by_status[int(status)][code] = meaning
    content = {problems.MIMETYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {
            "description": "\n".join(f"- `{code}`: {meaning}" for code, meaning in found.items()),
            "content": content,
            "headers": _references(_error_headers(status, found)),
            "x-codes": list(found),
        }
        for status, found in by_status.items()
    }


def _error_headers(status: int, found: dict[str, str]) -> Iterator[str]:
    if status in _TRY_LATER or own.InProgress.code in found:
        yield "Retry-After"
    if status == HTTPStatus.UNAUTHORIZED:
        yield "WWW-Authenticate"
    else:
        yield from ("RateLimit", "RateLimit-Policy")
