"""Sign-in and sign-out."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from hallapp.core.access import public

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page."""
    return "to come"
