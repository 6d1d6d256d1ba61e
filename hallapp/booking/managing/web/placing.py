"""The page on which the staff book for a group: by telephone, at the counter, for people without a smartphone."""

from dataclasses import replace
from datetime import date, timedelta

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import may
from hallapp.booking import queries as bookings
from hallapp.booking import service, tours
from hallapp.booking.errors import Duplicate
from hallapp.booking.managing import queries
from hallapp.booking.managing.errors import ManagerNeeded
from hallapp.booking.managing.facts import can_be_booked
from hallapp.booking.managing.web.blueprint import advance_waiting_list, blueprint, by
from hallapp.booking.managing.web.forms import StaffBookingForm
from hallapp.booking.models import Booking, Source
from hallapp.booking.service import PlaceBooking
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import csrf
from hallapp.schedule.models import Slot
from hallapp.schedule.web.current_hall import get_current_hall

_STRIP_DAYS = 14
_BEFORE = 3


@blueprint.get("/bookings/new")
@allow(Permission.BOOKINGS_CHANGE)
def new() -> ResponseReturnValue:
    """Show an empty page; `?day=` and `?slot=` choose a time beforehand."""
    advance_waiting_list()
    chosen = {name: request.args.get(name, "") for name in ("day", "slot")}
    return _page(StaffBookingForm(formdata=None, data=chosen))


@blueprint.post("/bookings/new")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@allow(Permission.BOOKINGS_CHANGE)
def place() -> ResponseReturnValue:
    """Place the booking, or carry out another button of the page."""
    form = StaffBookingForm(request.form)
    if form.apply_change(request.form):
        return _page(form)

    def place_booking() -> ResponseReturnValue:
        command = _command(form)
        with transaction():
            if command.over_limit and not may(Permission.BOOKINGS_REVIEW):
                raise ManagerNeeded
            booking = service.place(command)
        return redirect(url_for(".booking", reference=booking.reference, done="placed"), 303)

    return submit_form(form, place_booking, lambda: _page(form))


def _command(form: StaffBookingForm) -> PlaceBooking:
    return replace(
        form.to_command(hall_id=get_current_hall().id),
        programme=None,
        source=Source(form.source.data),
        language=form.pass_language.data,
        by=by(),
        over_limit=form.over_limit.data or None,
    )


def _same_group(form: StaffBookingForm) -> list[Booking]:
    """Return the bookings of a group that has one already, in their present state: the refusal's own are gone.

    They went with its transaction.
    """
    if not isinstance(form.refusal, Duplicate):
        return []
    command = _command(form)
    slot_day = next(iter(form.refusal.found)).slot.day
    found = bookings.list_same_group(
        command.hall_id, slot_day, phone=command.phone, organisation_key=command.organisation_key
    )
    return list(found)


def _page(form: StaffBookingForm) -> Response:
    hall = get_current_hall()
    today = hall.today()
    day = _day(form.day.data, today=today)
    strip = _strip(day, today=today)
    slots = queries.list_slots(hall.id, {*strip, day})
    form.tour_language.offer(tours.list_languages(hall) if any(one.guides for one in hall.programmes) else ())
    form.offer_access(hall)
    page = render_template(
        "booking/managing/new.html",
        form=form,
        hall=hall,
        day=day,
        today=today,
        strip=[(each, _most_free(slots[each])) for each in strip],
        slots=[slot for slot in slots[day] if can_be_booked(slot)],
        duplicates=_same_group(form),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _day(typed: str | None, *, today: date) -> date:
    """Return the day whose times are shown: the requested one if it is valid and not past, else today."""
    try:
        asked = date.fromisoformat(typed or "")
    except ValueError:
        return today
    return max(asked, today)


def _strip(day: date, *, today: date) -> list[date]:
    """Return the days to choose from: two weeks from today on, or around a later day."""
    last = date.max - timedelta(days=_STRIP_DAYS)
    first = today if day < today + timedelta(days=_STRIP_DAYS) else min(day - timedelta(days=_BEFORE), last)
    return [first + timedelta(days=number) for number in range(_STRIP_DAYS)]


def _most_free(slots: list[Slot]) -> int | None:
    """Return the places of the emptiest time of a day that can still be booked; None where there is no time."""
    free = [slot.visitors_free for slot in slots if can_be_booked(slot)]
    return max(free) if free else None
