"""The blueprint that the modules of this room hang their routes on."""

import re

from flask import Blueprint, abort

blueprint = Blueprint("history", __name__)
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")  # what the databases hold as a number


def number_of(text: str) -> int:
    """A number in an address; 404 for anything else."""
    if not _NUMBER.fullmatch(text):
        abort(404)
    return int(text)
