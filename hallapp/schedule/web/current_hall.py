"""The hall of a request: the staff's own, or the one of the host name; its languages and logo."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, abort, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from hallapp.accounts.web import attempts
from hallapp.core import i18n
from hallapp.core.database import write_if_possible
from hallapp.core.i18n import gettext as _
from hallapp.core.timed_cache import TimedCache
from hallapp.core.web import languages, public_pages
from hallapp.core.web.responses import error_answer
from hallapp.origins.values import OriginSet
from hallapp.schedule import capacity, hall_facts, queries, service
from hallapp.schedule.models import Hall
from hallapp.schedule.policy import LineRule

_CACHE = "hallapp_public_halls"
_MOST_HOSTS = 64


def init_app(app: Flask) -> None:
    """Let templates ask for the hall, and pages be had in its languages only."""
    app.jinja_env.globals.update(
        current_hall=find_current_hall, hall_logo=find_logo_address, origin_set=get_origins, origin_name=name_origin
    )
    app.extensions[_CACHE] = TimedCache[PublicHall | None](most=_MOST_HOSTS)
    languages.offer(app, _languages)
    attempts.let_hall_be_found(app, _find_hall_id)


def get_current_hall() -> Hall:
    """Return the hall of this request; if no hall has been set up yet, abort with a page that explains how to do it."""
    hall = find_current_hall()
    if hall is None:
        abort(current_app.make_response(_no_hall()))
    return hall


@dataclass(frozen=True, slots=True)
class PublicHall:
    """The facts of a hall that public pages need before they are made; they are kept for a second in this process."""

    id: int
    languages: tuple[str, ...]
    line: LineRule | None


def find_public_hall() -> PublicHall | None:
    """Return the hall of a visitor's request, mostly without asking the database; None where there is none yet."""
    cache: TimedCache[PublicHall | None] = current_app.extensions[_CACHE]
    hall = cache.get(request.host, _read_public_hall, seconds=current_app.config[public_pages.SECONDS])
    if hall is not None:
        g.hall_id, g.languages = hall.id, hall.languages
    return hall


def find_current_hall() -> Hall | None:
    """Return the hall of this request, or None where none has been set up yet."""
    if "hall_id" in g:
        return queries.get_hall(g.hall_id)
    hall = queries.find_hall_of_host(request.host)
    if hall is not None:
        g.hall_id = hall.id  # the page's frame asks again: the session then answers without the database
    return hall


def find_logo_address(hall: Hall | None) -> str | None:
    """Return the address of a hall's logo; it changes with the picture, so that browsers may cache it."""
    logo = queries.find_logo(hall.id) if hall else None
    return url_for("schedule.logo", v=logo.digest) if logo else None


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
    return PublicHall(hall.id, hall.language_codes, hall.line) if hall else None


def _find_hall_id() -> int | None:
    hall = find_current_hall()
    return hall.id if hall else None


def get_origins() -> OriginSet:
    """Return the origin set of this request's hall."""
    if "hall_id" not in g:
        return get_current_hall().origins
    return _get_facts().origins


def name_origin(code: str) -> str:
    """Return the name of a place of origin in the language in force."""
    return get_origins().name(code, i18n.language())


def _get_facts() -> hall_facts.HallFacts:
    """Return the held facts of this request's hall; their version is read once for each request."""
    if "hall_facts" not in g:
        g.hall_facts = hall_facts.get_hall(g.hall_id, version=g.get("facts_version"))
    facts: hall_facts.HallFacts = g.hall_facts
    return facts


def _languages() -> Sequence[str]:
    try:
        if "hall_id" not in g:
            hall = find_current_hall()
            return hall.language_codes if hall else i18n.LANGUAGES
        return _get_facts().language_codes
    except SQLAlchemyError:  # the page of this very error asks for its language
        return i18n.LANGUAGES


def _no_hall() -> ResponseReturnValue:
    message = _("No hall has been set up yet. An administrator can do this with the command “hall setup”.")
    return error_answer(503, "no_hall", _("Nearly ready"), message)
