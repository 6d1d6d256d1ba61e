"""The way of a browser to a provider and back; what a trip is for is kept in the session of the browser that began it.

The session's cookie is signed, `HttpOnly` and bound to this host, so another site can neither begin a trip (every form
has a CSRF token) nor complete one that it began itself (its state is in no session here: login CSRF).
"""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from flask import make_response, render_template, request, session, url_for
from flask.wrappers import Response

from hallapp.core import clock, limits
from hallapp.core.database import transaction
from hallapp.core.logs import log
from hallapp.core.web.responses import client_network
from hallapp.schedule.addresses import base_url
from hallapp.schedule.queries import get_hall
from hallapp.signon import oidc, platforms, queries, service
from hallapp.signon.assertion import Assertion, Start
from hallapp.signon.errors import AnswerRefused, Cancelled, IssuerUnusable, ProviderAway, SignOnRefused, StateUnknown
from hallapp.signon.models import ProviderKind, SignOnProvider

SECONDS = 10 * 60
LIMIT, LIMIT_SECONDS = 60, 5 * 60  # trips from one network: a whole hall signs in from one address
_TRIPS = "sign_on_trips"
_MOST = 3  # a person can have several tabs open; the cookie has room for a few
_ANSWER = ("code", "authCode", "state", "iss", "error")
_LONGEST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """A trip to a provider: to sign in (and then open `asked`), to join by a link (`token`), or to connect an account.

    `version` is the session version of the account that is being connected, when its password was typed.
    """

    hall: int
    provider: int
    nonce: str
    verifier: str
    at: int
    asked: str = ""
    token: str = ""
    staff: int | None = None
    version: int | None = None


def depart(
    provider: SignOnProvider, *, asked: str = "", token: str = "", staff: int | None = None, version: int | None = None
) -> Response:
    """Return the page that leads to a provider.

    Raises:
        TooManyRequests: too many trips began in this network.
        SignOnRefused: the provider cannot be reached.
    """
    with transaction():
        limits.hit("sign_on", client_network(), limit=LIMIT, seconds=LIMIT_SECONDS)
    start = Start(state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48))
    url = _start_url(provider, start)
    trip = Trip(
        hall=provider.hall_id,
        provider=provider.number,
        nonce=start.nonce,
        verifier=start.verifier,
        at=int(clock.now().timestamp()),
        asked=asked[:500],
        token=token,
        staff=staff,
        version=version,
    )
    kept = list(_trips().items())[1 - _MOST :]
    session[_TRIPS] = {state: _packed(one) for state, one in (*kept, (start.state, trip))}
    # A form may not lead to another site (form-action 'self'), so a page does. It also tells people where they go.
    response = make_response(render_template("signon/leave.html", provider=provider, url=url))
    response.headers["Refresh"] = f"0; url={url}"
    return response


def arrive(provider_number: int) -> tuple[Trip, SignOnProvider, Assertion | SignOnRefused]:
    """Return the trip that this answer ends, its provider, and what the provider asserts, or why it does not.

    Raises:
        StateUnknown: this browser began no such trip, at this provider, within the last minutes.
    """
    answer = {name: request.args[name] for name in _ANSWER if len(request.args.get(name, "")) in range(1, _LONGEST)}
    trips = _trips()
    trip = trips.pop(answer.get("state", ""), None)
    session[_TRIPS] = {state: _packed(one) for state, one in trips.items()}
    if trip is None or trip.provider != provider_number:
        raise StateUnknown
    provider = queries.find_provider(trip.hall, trip.provider)
    if provider is None:
        raise StateUnknown
    try:
        return trip, provider, _finish(provider, trip, answer)
    except SignOnRefused as refusal:
        log.warning("single sign-on refused: provider %s, %s", provider.number, refusal.code)
        return trip, provider, refusal


def return_address(hall_id: int, number: int) -> str:
    """Return the address to which a provider sends people back; each provider has its own, against mix-ups."""
    return base_url(get_hall(hall_id)) + url_for("sign_on.back", number=number)


def _start_url(provider: SignOnProvider, start: Start) -> str:
    opened, back = service.opened(provider), return_address(provider.hall_id, provider.number)
    if provider.kind is not ProviderKind.OIDC:
        return platforms.start_url(opened, start, redirect_uri=back, user_agent=request.user_agent.string)
    try:
        return oidc.start_url(opened, start, redirect_uri=back)
    except IssuerUnusable:
        raise ProviderAway from None


def _finish(provider: SignOnProvider, trip: Trip, answer: Mapping[str, str]) -> Assertion:
    code = answer.get("code") or answer.get("authCode")  # DingTalk
    if not code:
        raise Cancelled if "error" in answer else AnswerRefused
    start = Start(state=answer["state"], nonce=trip.nonce, verifier=trip.verifier)
    speak = oidc.finish if provider.kind is ProviderKind.OIDC else platforms.finish
    back = return_address(provider.hall_id, provider.number)
    try:
        return speak(service.opened(provider), start, {**answer, "code": code}, redirect_uri=back)
    except IssuerUnusable:
        raise ProviderAway from None


def _trips() -> dict[str, Trip]:
    """Return the trips of this browser that are still under way, by their states."""
    now = clock.now().timestamp()
    found = {state: Trip(**values) for state, values in session.get(_TRIPS, {}).items()}
    return {state: trip for state, trip in found.items() if 0 <= now - trip.at <= SECONDS}


def _packed(trip: Trip) -> dict[str, object]:
    """Return a trip as it is stored in the session, without what is empty: a cookie holds 4 KB."""
    return {name: value for name, value in asdict(trip).items() if value}
