"""The hall's public logo, the icons made of it, and the manifest that names them."""

import json
import re

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from hallapp.core.i18n import language
from hallapp.core.web.access import open_in_draft, public
from hallapp.schedule import queries
from hallapp.schedule.icons import SIZES, make_icon
from hallapp.schedule.models import Logo
from hallapp.schedule.web.current_hall import find_current_hall, find_icons, get_current_hall

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


@blueprint.get("/icons/<digest>/<int:size>.png")
@public
@open_in_draft
def icon(digest: str, size: int) -> ResponseReturnValue:
    """Show the icon that is made of a logo, by the digest of the logo."""
    found = queries.find_logo_by_digest(digest) if _DIGEST.fullmatch(digest) and size in SIZES else None
    if found is None:
        abort(404)
    response = make_response(make_icon(found.content, size))
    response.content_type = "image/png"
    response.headers["Cache-Control"] = _FOR_EVER
    response.set_etag(f"{digest[:16]}-{size}")
    return response.make_conditional(request)


@blueprint.get("/site.webmanifest")
@public
@open_in_draft
def manifest() -> ResponseReturnValue:
    """Send the name and the icons with which a phone keeps the hall on its home screen."""
    hall = get_current_hall()
    icons, name = find_icons(hall), hall.text("name", language())
    content = {
        "name": name,
        "short_name": name,
        "start_url": "/",
        "display": "browser",
        "background_color": "#ffffff",
        "theme_color": hall.accent,
        "icons": [{"src": icons.address(size), "sizes": f"{size}x{size}", "type": "image/png"} for size in (192, 512)],
    }
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/manifest+json")


def _own_logo() -> Logo | None:
    hall = find_current_hall()
    return queries.find_logo(hall.id) if hall else None
