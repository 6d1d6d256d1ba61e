"""Numbers of rows, as addresses and forms give them."""

import re

from flask import abort

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")  # both databases can hold it


def find_number(text: str) -> int | None:
    """Return the number that a text spells, or None where no row can have it."""
    return int(text) if _NUMBER.fullmatch(text) else None


def get_number(text: str) -> int:
    """Return the number that an address spells; answer 404 where no row can have it."""
    number = find_number(text)
    if number is None:
        abort(404)
    return number
