"""Cursors of lists: a signed position after which the next page begins, for one list with one set of filters.

A position names the last row that was sent, so rows that are added or removed meanwhile move nothing.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from hallapp.api.errors import CursorInvalid

_MOST = 1000


def write(position: Sequence[Any], *, of: Sequence[Any], keys: Sequence[str]) -> str:
    """Return the cursor of a position in a list; `of` is what identifies the list, such as its hall and filters."""
    return str(_serializer(keys).dumps([*position, _digest(of)]))


def read(text: str, *, of: Sequence[Any], keys: Sequence[str]) -> list[Any]:
    """Return the position of a cursor. Raises CursorInvalid for one of another list, or for no cursor at all."""
    try:
        *position, digest = _serializer(keys).loads(text[:_MOST])
    except (BadData, ValueError, TypeError):
        raise CursorInvalid from None
    if digest != _digest(of):
        raise CursorInvalid
    return position


def _serializer(keys: Sequence[str]) -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(keys)), salt="hallapp api cursor")


def _digest(of: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps(of, default=str).encode()).hexdigest()[:16]
