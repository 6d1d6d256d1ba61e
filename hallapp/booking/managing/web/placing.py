"""The page on which the staff book for a group: by telephone, at the counter, for people without a smartphone."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import may
from hallapp.booking import queries as bookings
from hallapp.booking import series, service, splitting, tours
from hallapp.booking.errors import DateRefused, Duplicate
from hallapp.booking.managing.errors import ManagerNeeded, NoDateChosen
from hallapp.booking.managing.facts import can_be_booked
from hallapp.booking.managing.web.blueprint import advance_waiting_list, blueprint, by, number_of
from hallapp.booking.managing.web.forms import StaffBookingForm
from hallapp.booking.models import Booking, Source
from hallapp.booking.series import Rule, SeriesDate
from hallapp.booking.service import PlaceBooking
from hallapp.booking.splitting import Proposal
from hallapp.categories.queries import list_families
from hallapp.core.database import transaction
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import csrf, private
from hallapp.questions import queries as questions
from hallapp.questions.values import Given
from hallapp.questions.web.fields import allow_files
from hallapp.resources.queries import find_left, list_resources
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall, Slot
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
    allow_files(get_current_hall().id)
    form = StaffBookingForm(request.form)
    _ask(form)
    if form.apply_change(request.form):
        return _page(form)

    def place_booking() -> ResponseReturnValue:
        command = _command(form)
        if command.over_limit and not may(Permission.BOOKINGS_REVIEW):
            raise ManagerNeeded
        if form.rule is not None and "book_dates" not in request.form:
            return _page(form, _preview(command, form.rule))
        with transaction():
            booking = _place_series(command, form.rule) if form.rule else service.place(command)
        return redirect(url_for(".booking", reference=booking.reference, done="placed"), 303)

    return submit_form(form, place_booking, lambda: _page_again(form))


def _place_series(command: PlaceBooking, rule: Rule) -> Booking:
    """Book the ticked dates of a series; return the first. Raises NoDateChosen, and DateRefused for one of them."""
    known = {one.slot.id: one.slot for one in _preview(command, rule) if one.slot and one.can_be_booked(command)}
    ticked = [number_of(typed) for typed in request.form.getlist("date")]
    if not ticked or not known.keys() >= set(ticked):
        raise NoDateChosen
    seen_as_taken = {number_of(typed) for typed in request.form.getlist("taken")}
    chosen = [slot for number, slot in known.items() if number in ticked]
    return series.place(command, chosen, accepted=seen_as_taken)[0]


def _preview(command: PlaceBooking, rule: Rule) -> list[SeriesDate]:
    return series.preview(command, rule, language=language())


def _ask(form: StaffBookingForm) -> None:
    """Put the questions of all programmes: which of them is booked is chosen on the same page."""
    form.ask(one for one in questions.list_asked(get_current_hall().id) if one.active)


def _answers(form: StaffBookingForm, hall_id: int) -> tuple[Given, ...]:
    """Return the answers to the questions of the programme that was chosen."""
    slot = schedule.find_slot(hall_id, form.slot_id) if form.asked and form.slot_id is not None else None
    return form.answers(slot.programme_id) if slot else ()


def _command(form: StaffBookingForm) -> PlaceBooking:
    hall_id = get_current_hall().id
    return replace(
        form.to_command(hall_id=hall_id),
        answers=_answers(form, hall_id),
        programme=None,
        source=Source(form.source.data),
        language=form.pass_language.data,
        by=by(),
        over_limit=form.over_limit.data or None,
        block_accepted=form.block_accepted.data,
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


def _page_again(form: StaffBookingForm) -> Response:
    """Return the page of a form that was refused; with the dates of its series as they are now, if it is of one."""
    if not isinstance(form.refusal, (DateRefused, NoDateChosen)) or form.rule is None:
        return _page(form)
    return _page(form, _preview(_command(form), form.rule))


def _propose(form: StaffBookingForm, hall: Hall, slots: Sequence[Slot]) -> list[Proposal]:
    """Return how a large group could come on a day in several parts, by programme."""
    return [
        proposal
        for programme in hall.programmes
        if programme.active and programme.policy.group_max < form.people <= hall.large_group_max
        for proposal in splitting.propose(slots, programme, form.people, wanted=None, is_offered=can_be_booked)
    ]


def _page(form: StaffBookingForm, dates: Sequence[SeriesDate] = ()) -> Response:
    hall = get_current_hall()
    today = hall.today()
    day = _day(form.day.data, today=today)
    strip = _strip(day, today=today)
    slots = schedule.list_slots_of_days(hall.id, {*strip, day})
    form.tour_language.offer(tours.list_languages(hall) if any(one.guides for one in hall.programmes) else ())
    form.offer_access(hall)
    form.categories.offer(list_families(hall.id))
    left = find_left(hall.id, [day])
    form.resources.offer(list_resources(hall.id), by_staff=True, left=left.get(form.slot_id or 0))
    _ask(form)
    page = render_template(
        "booking/managing/new.html",
        form=form,
        hall=hall,
        day=day,
        today=today,
        strip=[(each, _most_free(slots[each])) for each in strip],
        slots=[slot for slot in slots[day] if can_be_booked(slot)],
        proposals=_propose(form, hall, slots[day]),
        dates=dates,
        command=_command(form) if dates else None,
        ticked=request.form.getlist("date") if "book_dates" in request.form else None,
        duplicates=_same_group(form),
        resources_left=left,
        programme_names={one.id: one.name(language()) for one in hall.programmes},
    )
    return private(page)


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
