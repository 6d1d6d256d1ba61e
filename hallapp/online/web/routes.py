"""The private page on which a group joins an online programme, the beats of its screens, and its questions."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer

from hallapp.booking.models import AGREED, Booking
from hallapp.booking.queries import get_booking_by_key
from hallapp.booking.signals import details_erased
from hallapp.core import clock, limits
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.limits import Limit
from hallapp.core.web.access import open_in_draft, public
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import allow_frame, allow_stream
from hallapp.online import queries, service, streams
from hallapp.online.beats import Beat, Collector
from hallapp.online.streams import Player
from hallapp.online.web.forms import QuestionForm, read_people
from hallapp.schedule.models import Slot

blueprint = Blueprint("online", __name__)
details_erased.connect(service.erase)

#: A screen sends a beat so often; each minute has two chances to be counted.
BEAT_SECONDS = 30
_COOKIE = "screen"
_JOINS_AN_HOUR = 60  # of one booking
_COLLECTOR = Collector()


@blueprint.get("/visits/<key>/join")
@public
def page(key: str) -> ResponseReturnValue:
    """Show when the programme opens; while it is open who watches, then the stream; afterwards the recording."""
    return _page(_open(key))


@blueprint.post("/visits/<key>/join")
@public
def join(key: str) -> ResponseReturnValue:
    """Let this screen follow the session with the people before it."""
    booking = _open(key)

    def follow() -> ResponseReturnValue:
        limits.count(Limit(what="online join", subject=str(booking.id), most=_JOINS_AN_HOUR))
        with transaction():
            found = _open(key)
            device = service.join(found, read_people(found, request.form), device=_device())
        answer = redirect(url_for(".page", key=key), 303)
        answer.set_cookie(
            _COOKIE,
            device,
            path=url_for(".page", key=key),
            httponly=True,
            samesite="Lax",
            secure=g.get("secure", False),
        )
        return answer

    return attempt(follow, lambda error: make_response(_page(_open(key), refusal=error)))


@blueprint.post("/visits/<key>/join/questions")
@public
def ask(key: str) -> ResponseReturnValue:
    """Put a question to the host."""
    _open(key)
    form = QuestionForm(request.form)

    def send() -> ResponseReturnValue:
        with transaction():
            service.ask(_open(key), form.text.data or "")
        return redirect(url_for(".page", key=key, _anchor="questions"), 303)

    return submit_form(form, send, lambda: make_response(_page(_open(key), form=form)))


@blueprint.post("/online/beat")
@open_in_draft
@public
def beat() -> ResponseReturnValue:
    """Note that a screen follows a session; its signed token is all that this needs, so no row is read."""
    try:
        hall, slot, device, starts, ends = _tokens().loads(request.get_data(cache=False)[:400])
    except (BadData, ValueError):
        abort(404)
    now = clock.now().timestamp()
    # A beat before the start or after the end counts for nothing: it lets those that wait be written.
    _write(Beat(hall, slot, int(now - starts) // 60, device) if starts <= now < ends else None)
    return Response(status=204, mimetype="text/plain")


def _write(one: Beat | None) -> None:
    taken = _COLLECTOR.add(one)
    if not taken:
        return
    try:
        with transaction():
            service.store(taken)
    except Exception:
        _COLLECTOR.put_back(taken)
        raise


def make_token(slot: Slot, device: str) -> str:
    """Return the signed text by which a screen says that it follows a session."""
    return str(_tokens().dumps([slot.hall_id, slot.id, device, _seconds(slot.starts_at), _seconds(slot.ends_at)]))


def _tokens() -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(current_app.config["SETTINGS"].secret_keys)), salt="online screen")


def _device() -> str:
    return request.cookies.get(_COOKIE, "")


def _open(key: str) -> Booking:
    """Return the booking of a key, of an online programme alone, and use its hall for the page."""
    booking = get_booking_by_key(key)
    g.hall_id = booking.hall_id
    if not booking.slot.programme.is_online:
        abort(404)
    return booking


def _page(booking: Booking, *, refusal: DomainError | None = None, form: QuestionForm | None = None) -> str:
    slot, now = booking.slot, clock.now()
    agreed, viewers = booking.state in AGREED, queries.list_viewers(booking)
    mine = next((one for one in viewers if one.device == _device()), None)
    shown: dict[str, Any] = {"stream": None, "recording": None, "token_of_screen": ""}
    session = queries.find_session(booking.hall_id, booking.slot_id)
    if agreed and mine and service.is_open(slot, now):
        shown["stream"] = _allow(session.stream)
        shown["token_of_screen"] = make_token(slot, mine.device)
    elif agreed and now >= slot.ends_at:
        shown["recording"] = _allow(session.recording)
    rest = {one.division: one.visitors for one in booking.origins}
    for viewer in viewers:
        for division, people in viewer.people.items():
            rest[division] = max(rest.get(division, 0) - people, 0)
    return render_template(
        "online/join.html",
        booking=booking,
        agreed=agreed,
        open=agreed and service.is_open(slot, now),
        over=now >= slot.ends_at,
        now=now,
        opens_at=slot.starts_at - service.OPENS_BEFORE,
        mine=mine,
        rest=rest,
        refusal=translate(refusal) if refusal else "",
        form=form or QuestionForm(formdata=None),
        questions=queries.list_shown_questions(booking) if mine else (),
        beat_seconds=BEAT_SECONDS,
        **shown,
    )


def _allow(address: str) -> streams.Stream | None:
    """Return how an address is shown, and let this one page load it."""
    found = streams.stream_of(address, embed_hosts=current_app.config["SETTINGS"].embed_hosts)
    if found and found.player is Player.HLS:
        allow_stream(found.origin)
    elif found and found.player is Player.EMBED:
        allow_frame(found.origin)
    return found


def _seconds(instant: datetime) -> int:
    return int(instant.timestamp())
