"""The hall of a request: the staff's own, or the one of the host name; its languages and logo."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from flask import Flask, abort, current_app, g, has_request_context, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from hallapp.accounts.web import attempts
from hallapp.core import facts, i18n
from hallapp.core.database import db, write_if_possible
from hallapp.core.i18n import gettext as _
from hallapp.core.regions import Region
from hallapp.core.timed_cache import TimedCache
from hallapp.core.web import languages, public_pages
from hallapp.core.web.filesets import static_url
from hallapp.core.web.responses import error_answer, wants_json
from hallapp.origins.values import OriginSet
from hallapp.schedule import capacity, hall_facts, queries, service
from hallapp.schedule.addresses import base_url
from hallapp.schedule.hall_facts import HallFacts
from hallapp.schedule.models import Hall
from hallapp.schedule.policy import LineRule

_CACHE = "hallapp_public_halls"
_MOST_HOSTS = 64


def init_app(app: Flask) -> None:
    """Let templates ask for the hall, and pages be had in its languages only."""
    app.jinja_env.globals.update(current_hall=find_current_hall, hall_icons=find_icons, hall_site=base_url)
    app.jinja_env.globals.update(origin_set=get_origins, origin_name=name_origin)
    app.extensions[_CACHE] = TimedCache[PublicHall | None](most=_MOST_HOSTS)
    languages.offer(app, _languages)
    i18n.offer_regions(app, _find_region)
    attempts.let_hall_be_found(app, _find_hall_id)


def get_current_hall() -> Hall:
    """Return the hall of this request; if no hall has been set up yet, abort: a person is taken to the first run."""
    hall = find_current_hall()
    if hall is None:
        abort(current_app.make_response(_no_hall()))
    return hall


@dataclass(frozen=True, slots=True)
class PublicHall:
    """The facts of a hall that public pages need before they are made; they are kept for a second in this process."""

    id: int
    languages: tuple[str, ...]
    region: Region
    line: LineRule | None
    draft: bool


def find_public_hall() -> PublicHall | None:
    """Return the hall of a visitor's request, mostly without asking the database; None where there is none yet."""
    if "public_hall" in g:  # the gate of drafts asks before the page does
        return cast(PublicHall | None, g.public_hall)
    cache: TimedCache[PublicHall | None] = current_app.extensions[_CACHE]
    hall = g.public_hall = cache.get(request.host, _read_public_hall, seconds=current_app.config[public_pages.SECONDS])
    if hall is not None:
        g.hall_id, g.languages, g.region = hall.id, hall.languages, hall.region
    return hall


def find_current_hall() -> Hall | None:
    """Return the hall of this request, or None where none has been set up yet."""
    known: Hall | None = g.get("current_hall")  # the parts of a page ask again and again
    if known is not None and known in db.session and known.id == g.hall_id:
        return known
    hall = queries.get_hall(g.hall_id) if "hall_id" in g else queries.find_hall_of_host(request.host)
    if hall is not None:
        g.hall_id, g.current_hall = hall.id, hall
    return hall


@dataclass(frozen=True, slots=True)
class Icons:
    """The addresses of a hall's logo and of the icons that are made of it, or of the standard icons."""

    logo: str | None
    _digest: str | None

    def address(self, size: int) -> str:
        """Return the address of the icon of this side."""
        if self._digest is None:
            return static_url(f"icon-{size}.png")
        return url_for("schedule.icon", digest=self._digest, size=size)


def find_icons(hall: Hall | None) -> Icons:
    """Return the logo and icons of this request's hall; addresses change with the logo, so browsers may cache them."""
    digest = queries.find_logo_digest(hall.id, version=get_facts_version()) if hall else None
    return Icons(url_for("schedule.logo", v=digest), digest) if digest else Icons(None, None)


def keep_slots_ahead(hall: Hall) -> None:
    """Make the slots of days that have come into reach, in a transaction of its own; a page calls it before it reads.

    So a hall needs no daily command for its slots. Of many visitors at once, one does it and the others find it done.
    Where nothing can be written, the page shows the slots that are there.
    """
    hall_id = hall.id

    def extend() -> None:
        held = capacity.hold_hall(hall_id)
        if service.needs_extending(held):
            service.extend_slots(held)

    if service.needs_extending(hall):
        write_if_possible(extend, what="making the slots of the coming days")


def _read_public_hall() -> PublicHall | None:
    hall = find_current_hall()
    return PublicHall(hall.id, hall.language_codes, hall.region, hall.line, hall.draft) if hall else None


def _find_hall_id() -> int | None:
    hall = find_current_hall()
    return hall.id if hall else None


def get_origins() -> OriginSet:
    """Return the origin set of this request's hall."""
    return _get_facts().origins if "hall_id" in g else get_current_hall().origins


def name_origin(code: str) -> str:
    """Return the name of a place of origin in the language in force."""
    return get_origins().name(code, i18n.language())


def get_facts_version() -> int:
    """Return the version of the facts of this request's hall; it is read once for each request."""
    hall_id: int = g.hall_id if "hall_id" in g else get_current_hall().id
    versions: dict[int, int] = g.setdefault("facts_versions", {})  # a key in the address may lead to another hall
    if hall_id not in versions:
        versions[hall_id] = facts.read_version(hall_id)
    return versions[hall_id]


def _get_facts() -> HallFacts:
    """Return the held facts of this request's hall."""
    return hall_facts.get_hall(g.hall_id, version=get_facts_version())


def _languages() -> Sequence[str]:
    hall = _find_facts()
    if hall is None:
        return i18n.installed()
    g.region = hall.region  # read with the languages, so that pages pay for one of them only
    return hall.language_codes


def _find_region(hall_id: int | None) -> Region:
    if hall_id is not None:
        return hall_facts.get_hall(hall_id).region
    if has_request_context():
        languages.offered()  # reads the region too, in one statement
    found: Region = g.get("region", Region())
    return found


def _find_facts() -> Hall | HallFacts | None:
    """Return the hall of a request; None where there is none, or where the database cannot be asked."""
    try:
        if "hall_id" not in g:
            return find_current_hall()
        return _get_facts()
    except SQLAlchemyError:  # the page of this very error asks for its language
        return None


def _no_hall() -> ResponseReturnValue:
    """Take a person to the first steps; a program gets the reason."""
    if request.method == "GET" and not wants_json():
        return redirect("/first-run", 303)
    message = _("No hall has been set up yet. An administrator can do this with the command “hall setup”.")
    return error_answer(503, "no_hall", _("Nearly ready"), message)
