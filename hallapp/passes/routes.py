"""HTTP of this room."""

from flask import Blueprint

blueprint = Blueprint("passes", __name__)
