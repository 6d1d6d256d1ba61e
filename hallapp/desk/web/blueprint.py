"""The desk's pages: the desk itself, what its devices ask for, and the conflicts that managers settle."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)
