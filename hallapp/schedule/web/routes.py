"""The hall's public logo."""

import re

from flask import Blueprint, abort, make_response, request
from flask.typing import ResponseReturnValue

from hallapp.core.web.access import open_in_draft, public
from hallapp.schedule import queries
from hallapp.schedule.models import Logo
from hallapp.schedule.web.current_hall import find_current_hall

blueprint = Blueprint("schedule", __name__)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FOR_EVER = "public, max-age=31536000, immutable"


@blueprint.get("/logo")
@public
@open_in_draft
def logo() -> ResponseReturnValue:
    """Show a picture by its digest, else the logo of the hall that this host belongs to."""
    asked = request.args.get("v", "")
    found = queries.find_logo_by_digest(asked) if _DIGEST.fullmatch(asked) else _own_logo()
    if found is None:
        abort(404)
    response = make_response(found.content)
    response.content_type = found.content_type
    response.headers["Cache-Control"] = _FOR_EVER if found.digest == asked else "no-cache"
    response.set_etag(found.digest)
    return response.make_conditional(request)


def _own_logo() -> Logo | None:
    hall = find_current_hall()
    return queries.find_logo(hall.id) if hall else None
