"""The page on which a manager finds mass bookings by what they share, and cancels them in one step."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import floods
from hallapp.booking.managing import queries
from hallapp.booking.managing.web.blueprint import advance_waiting_list, blueprint, by
from hallapp.booking.managing.web.forms import FloodForm
from hallapp.booking.models import Booking
from hallapp.booking.names import group_name
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.access import allow
from hallapp.core.web.responses import private
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

#: For how many hours back bookings can be looked at, and how many of them at most.
SPANS = (1, 6, 24, 72, 168)
MOST_LOOKED_AT = 5_000
_PHONE_PREFIX = 8  # of +86 138 0013…: what numbers that a script counts up have in common
_NAME_PREFIX = 5
_LEAST_ALIKE = 2  # one booking is no pattern


class Shared(StrEnum):
    """A property that the bookings of a flood share."""

    NETWORK = "network"
    HOUR = "hour"
    PHONE = "phone"
    ORGANISATION = "organisation"


SHARED_NAMES = {
    Shared.NETWORK: _l("Network"),
    Shared.HOUR: _l("Hour of booking"),
    Shared.PHONE: _l("Beginning of the phone number"),
    Shared.ORGANISATION: _l("Similar names"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Bookings that share something. `key` names them in an address without naming a person; `label` is shown."""

    key: str
    label: str
    bookings: Sequence[Booking]

    @property
    def places(self) -> int:
        """Return the places that they hold or wait for."""
        return sum(booking.visitors for booking in self.bookings)

    @property
    def first(self) -> datetime:
        """Return the time at which the first of them was made."""
        return self.bookings[-1].created_at

    @property
    def last(self) -> datetime:
        """Return the time at which the last of them was made."""
        return self.bookings[0].created_at

    @property
    def names(self) -> list[str]:
        """Return the commonest names among them, for a manager to judge by."""
        return [name for name, _number in Counter(group_name(booking) for booking in self.bookings).most_common(3)]


@blueprint.get("/bookings/flood")
@allow(Permission.BOOKINGS_REVIEW)
def flood() -> ResponseReturnValue:
    """Show recent online bookings by what they share; `?group=` shows those of one group, all of them ticked."""
    advance_waiting_list()
    return _page(FloodForm(formdata=None))


@blueprint.post("/bookings/flood")
@allow(Permission.BOOKINGS_REVIEW)
def cancel_flood() -> ResponseReturnValue:
    """Cancel the ticked bookings in one transaction, with a reason."""
    form = FloodForm(request.form)
    if not form.validate():
        return _page(form, status=422)
    with transaction():
        hall = get_current_hall()
        number = floods.cancel_flood(hall, form.references, by=by(), reason=form.reason.data, tell=bool(form.tell.data))
    return redirect(url_for(".flood", hours=_hours(), by=_shared().value, cancelled=number), 303)


@blueprint.post("/bookings/brake/lift")
@allow(Permission.BOOKINGS_REVIEW)
def lift_brake() -> ResponseReturnValue:
    """Let new online bookings be confirmed as usual again."""
    with transaction():
        floods.lift_brake(get_current_hall(), by=get_staff().id)
    return redirect(url_for(".flood", lifted=1), 303)


def _page(form: FloodForm, *, status: int = 200) -> Response:
    hall, hours, shared = get_current_hall(), _hours(), _shared()
    found = queries.list_recent(hall.id, since=clock.now() - timedelta(hours=hours), limit=MOST_LOOKED_AT)
    patterns = find_patterns(found, shared, hall)
    chosen = next((one for one in patterns if one.key == request.args.get("group")), None)
    sent = set(form.references)
    page = render_template(
        "booking/managing/flood.html",
        hall=hall,
        hours=hours,
        shared=shared,
        spans=SPANS,
        shared_names=SHARED_NAMES,
        found=len(found),
        places=sum(booking.visitors for booking in found),
        patterns=patterns,
        chosen=chosen,
        ticked=sent if request.method == "POST" else {one.reference for one in (chosen.bookings if chosen else ())},
        most=floods.MOST_AT_ONCE,
        form=form,
        brake=floods.find_brake(hall.id) if floods.is_braked(hall) else None,
        cancelled=request.args.get("cancelled", type=int),
        lifted=request.args.get("lifted"),
    )
    return private(page, status)


def find_patterns(bookings: Sequence[Booking], shared: Shared, hall: Hall) -> list[Pattern]:
    """Group bookings (newest first) by what they share, those with the most places first; single ones are left out."""
    name = _labels(hall)[shared]
    groups: dict[str, list[Booking]] = {}
    for booking in bookings:
        if label := name(booking):
            groups.setdefault(label, []).append(booking)
    found = [
        Pattern(key=_key(label), label=label, bookings=members)
        for label, members in groups.items()
        if len(members) >= _LEAST_ALIKE
    ]
    return sorted(found, key=lambda pattern: -pattern.places)


def _labels(hall: Hall) -> dict[Shared, Callable[[Booking], str]]:
    return {
        Shared.NETWORK: lambda booking: (booking.network or "")[:8],
        Shared.HOUR: lambda booking: f"{clock.local(booking.created_at, hall.time_zone):%Y-%m-%d %H}:00",
        Shared.PHONE: lambda booking: booking.phone[:_PHONE_PREFIX],
        Shared.ORGANISATION: lambda booking: _likeness(booking.organisation_key),
    }


def _likeness(name: str) -> str:
    """Return the beginning of a name without digits, so that names that a script numbers are alike."""
    return "".join(character for character in name if not character.isdigit())[:_NAME_PREFIX].strip()


def _key(label: str) -> str:
    return hashlib.sha256(label.encode()).hexdigest()[:16]


def _hours() -> int:
    asked = request.args.get("hours", type=int)
    return asked if asked in SPANS else SPANS[2]


def _shared() -> Shared:
    asked = request.args.get("by", "")
    return Shared(asked) if asked in list(Shared) else Shared.NETWORK
