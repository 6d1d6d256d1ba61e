"""The blueprint that the modules of this room hang their routes on."""

import re

from flask import Blueprint, abort

blueprint = Blueprint("history", __name__)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")  # the range of a database's integer


def number_of(text: str) -> int:
    """Return a number in an address; 404 for anything else."""
    if not _NUMBER.fullmatch(text):
        abort(404)
    return int(text)
