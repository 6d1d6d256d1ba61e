"""The blueprint that the modules of this package hang their routes on."""

from flask import Blueprint

blueprint = Blueprint("messages", __name__)
