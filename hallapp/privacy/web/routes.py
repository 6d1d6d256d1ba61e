"""The page of the privacy notice: the present version, and each one that was accepted before."""

import json
import re
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from hallapp.core import clock
from hallapp.core.i18n import language
from hallapp.core.web.access import public
from hallapp.privacy.notice import find_version, get_notice, list_versions, sections_in
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("privacy", __name__)
_DIGEST = re.compile(r"[0-9a-f]{12}")


@blueprint.get("/privacy")
@public
def notice() -> ResponseReturnValue:
    """Show the present notice of the hall."""
    hall = get_current_hall()
    present = get_notice(hall.id)
    return _page(present.digest, json.loads(present.content), present=True)


@blueprint.get("/privacy/<digest>")
@public
def version(digest: str) -> ResponseReturnValue:
    """Show a version of the notice that was accepted with a booking, in its own words."""
    hall = get_current_hall()
    found = find_version(hall.id, digest) if _DIGEST.fullmatch(digest) else None
    if found is None:
        abort(404)
    return _page(digest, found.content, present=digest == get_notice(hall.id).digest)


def _page(digest: str, content: dict[str, Any], *, present: bool) -> str:
    hall = get_current_hall()
    written_in, sections = sections_in(content, language(), hall.language_codes)
    days = {one.digest: clock.local_day(one.since, hall.time_zone) for one in list_versions(hall.id)}
    return render_template(
        "privacy/notice.html",
        hall=hall,
        digest=digest,
        since=days.pop(digest, hall.today()),
        earlier=days,
        present=present,
        sections=sections,
        written_in=written_in,
    )
