"""The line as visitors meet it: a signed cookie that holds the place, and the page on which they wait."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import after_this_request, current_app, g, jsonify, render_template
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from itsdangerous import BadSignature, URLSafeSerializer

from hallapp.booking import line
from hallapp.booking.line import WaitingLine
from hallapp.core import formats, limits
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import ngettext
from hallapp.core.timed_cache import TimedCache
from hallapp.core.web import public_pages
from hallapp.core.web.public_pages import gap
from hallapp.core.web.responses import client_network, keep_cookie, read_cookie
from hallapp.schedule.web.current_hall import PublicHall

COOKIE = "line"
_COOKIE_SECONDS = 6 * 3600
_MINUTE = 60
_ASK_LEAST = 2  # seconds between two questions of a page that waits
ASK_MOST = 20
_PLACES_A_MINUTE = 120  # for one client network, from one process
_lines: TimedCache[WaitingLine | None] = TimedCache(most=64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A visitor who has not been let in yet."""

    line: WaitingLine
    place: int

    @property
    def seconds(self) -> int:
        """In how many seconds this place is let in; 1 at least."""
        return max(1, self.line.seconds_until(self.place))

    @property
    def ask_after(self) -> int:
        """After how many seconds the page asks again: rarely while it takes long, and not all pages at once."""
        return min(ASK_MOST, max(_ASK_LEAST, self.seconds)) + secrets.randbelow(3)


def stand(hall: PublicHall, *, may_come: bool = True) -> Waiting | None:
    """Return the visitor's place in the line of this hall; None for a visitor who is let in.

    A newcomer gets the next place, unless `may_come` is false. The place is stored in a cookie of the response.
    """
    present = _find(hall)
    if present is None:
        return None
    ticket, was_in = _read_ticket(present)
    if ticket is None and not may_come:
        return None
    place = ticket or _take(present)
    is_in = was_in or present.is_in(place)
    g.line_place = f"{hall.id} {present.opening.timestamp():.0f} {place}"
    if (ticket, was_in) != (place, is_in):
        _keep_ticket(present, place, is_in=is_in)
    return None if is_in else Waiting(line=present, place=place)


def find_place() -> str | None:
    """Return the name of this browser's place in the present line; None if there is none."""
    found: str | None = g.get("line_place")
    return found


def answer_page(hall: PublicHall, waiting: Waiting) -> Response:
    """Answer with the page on which a visitor waits; it opens the booking page automatically."""
    return public_pages.answer(
        lambda: render_template(
            "booking/line.html", **{name: gap(name) for name in ("place", "before", "wait", "after")}
        ),
        hall_id=hall.id,
        variant="line",
        place=str(waiting.place),
        after=str(waiting.ask_after),
        **_words(waiting),
    )


def answer_status(waiting: Waiting | None) -> ResponseReturnValue:
    """Answer a waiting page with its place and waiting time, in words for people."""
    if waiting is None:
        return jsonify({"in": True})
    return jsonify({"in": False, "after": waiting.ask_after, **_words(waiting)})


def describe(waiting: Waiting) -> str:
    """Return the message for a visitor who submits a form before their turn."""
    return _(
        "Many groups are booking, so visitors are let in one after another; your place is number %(place)s. %(wait)s "
        "Nothing is lost: keep this page open and send it again then.",
        place=waiting.place,
        wait=_words(waiting)["wait"],
    )


def _words(waiting: Waiting) -> dict[str, str]:
    present = waiting.line
    before = present.count_before(waiting.place)
    if present.now < present.opening:
        opens = formats.time_of_day(present.opening, present.rule.time_zone)
        wait = _("Booking opens at %(time)s.", time=opens)
    elif waiting.seconds < _MINUTE:
        wait = _("Your turn comes in less than a minute.")
    else:
        minutes = -(-waiting.seconds // _MINUTE)
        wait = ngettext(
            "Your turn comes in about %(num)s minute.", "Your turn comes in about %(num)s minutes.", minutes
        )
    ahead = (
        ngettext("%(num)s visitor before you", "%(num)s visitors before you", before) if before else _("You are next")
    )
    return {"before": ahead, "wait": wait}


def _find(hall: PublicHall) -> WaitingLine | None:
    """Return the line in force, as it was at most a second ago: it does no harm if a line ends a second later."""
    rule = hall.line
    if rule is None:
        return None
    return _lines.get(rule, lambda: line.find_line(rule), seconds=current_app.config[public_pages.SECONDS])


def _take(present: WaitingLine) -> int:
    limits.count_here("place in the line", client_network(), most=_PLACES_A_MINUTE, seconds=_MINUTE)
    with transaction(durable=False):  # after a power failure a place may be given twice: nobody is hurt
        return line.take_place(present)


def _read_ticket(present: WaitingLine) -> tuple[int | None, bool]:
    """Return the place of this browser's cookie, and whether it was let in before."""
    try:
        hall_id, opening, place, is_in = _serializer().loads(read_cookie(COOKIE))
    except (BadSignature, ValueError, TypeError):
        return None, False
    if (hall_id, opening) != (present.rule.hall_id, int(present.opening.timestamp())):
        return None, False
    return int(place), bool(is_in)


def _keep_ticket(present: WaitingLine, place: int, *, is_in: bool) -> None:
    # Who was let in stays in, also where the hall lets in fewer from now on.
    ticket: list[Any] = [present.rule.hall_id, int(present.opening.timestamp()), place, int(is_in)]
    value = str(_serializer().dumps(ticket))

    @after_this_request
    def keep(response: Response) -> Response:
        return keep_cookie(response, COOKIE, value, seconds=_COOKIE_SECONDS)


def _serializer() -> URLSafeSerializer:
    keys = current_app.config["SETTINGS"].secret_keys  # newest first; the serializer wants that one last
    return URLSafeSerializer(list(reversed(keys)), salt="hallapp line v1")
