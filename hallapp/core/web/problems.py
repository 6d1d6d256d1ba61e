"""Errors of the API as documents of the type `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, g, request

MIMETYPE = "application/problem+json"
_PREFIX = "/api/"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """An error of one value of a request: `field` is its place, such as `origins/0/visitors`."""

    field: str
    message: str


def are_expected() -> bool:
    """Return whether the request is one of the API, whose errors are problem documents."""
    return request.path.startswith(_PREFIX)


def content(status: int, code: str, message: str, errors: Sequence[FieldError] = ()) -> dict[str, Any]:
    """Return a problem document: `code` is a stable word, and `errors` point into the body (RFC 6901)."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "code": code,
        "errors": [{"pointer": f"/{one.field}", "detail": one.message} for one in errors],
        "request_id": g.get("request_id", "-"),
    }


def answer(status: int, code: str, message: str, errors: Sequence[FieldError] = ()) -> Response:
    """Return a problem document as a response."""
    return send(content(status, code, message, errors), status)


def send(document: dict[str, Any], status: int) -> Response:
    """Return the response of a problem document that was made before."""
    response = Response(json.dumps(document, ensure_ascii=False), status, mimetype=MIMETYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response
