"""Routes for the calendar: a month, one of its days, and manual changes."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.admin.calendar import layout, queries
from hallapp.admin.calendar.web.forms import DayForm, DaysForm, ExtraForm, HolidaysForm, Opening, SlotForm, Span
from hallapp.admin.web import settle
from hallapp.booking.models import STATE_NAMES, BookingState
from hallapp.core import clock, formats
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt
from hallapp.periods import Period, PeriodUnknown
from hallapp.schedule import queries as schedule
from hallapp.schedule.days import SeedHolidays, SettleDay
from hallapp.schedule.models import DayKind, Hall, Slot
from hallapp.schedule.month import FULLNESS_NAMES, WHY_NAMES, Fullness
from hallapp.schedule.service import ReleaseSlot
from hallapp.schedule.web.current_hall import get_current_hall, keep_slots_ahead
from hallapp.talks.queries import list_on_closed_days

blueprint = Blueprint("calendar", __name__, url_prefix="/admin/calendar")
SLOT = "<int(max=2147483647):slot_id>"  # the range of a database's integer


@blueprint.get("")
@blueprint.get("/<month:period>")
@allow(Permission.CALENDAR_CHANGE)
def month(period: Period | None = None) -> ResponseReturnValue:
    """Show a month, this one unless another is asked for."""
    hall = get_current_hall()
    keep_slots_ahead(hall)
    return _month_page(hall, period or _this_month(hall))


@blueprint.post("/days")
@allow(Permission.CALENDAR_CHANGE)
def set_days() -> ResponseReturnValue:
    """Close several days, or leave them to the rules again."""
    hall, form = get_current_hall(), DaysForm(request.form)
    first, last = form.first.data, form.last.data
    return settle.submit_change(
        form,
        lambda: form.to_command(hall_id=hall.id, by=get_staff().id),
        page=lambda: _month_page(hall, _asked_month(hall), days_form=form),
        done=lambda: redirect(url_for(".month", period=f"{first:%Y-%m}", saved=1), 303),
        title=lambda: _span_title(first, last, closed=form.span.data is Span.CLOSED),
        back=url_for(".month", period=str(_asked_month(hall))),
        reason=form.whole_reason,
    )


@blueprint.post("/holidays")
@allow(Permission.CALENDAR_CHANGE)
def holidays() -> ResponseReturnValue:
    """Write the statutory holidays of a year into the calendar, once they are announced."""
    hall, form = get_current_hall(), HolidaysForm(request.form)
    year = form.year.data
    return settle.submit_change(
        form,
        lambda: SeedHolidays(hall_id=hall.id, by=get_staff().id, year=year),
        page=lambda: _month_page(hall, _asked_month(hall), holidays_form=form),
        done=lambda: redirect(url_for(".month", period=str(_asked_month(hall)), saved=1), 303),
        title=lambda: _("Import the holidays of %(year)s", year=str(year)),
        back=url_for(".month", period=str(_asked_month(hall))),
    )


@blueprint.get("/days/<day:day>")
@allow(Permission.CALENDAR_CHANGE)
def day(day: date) -> ResponseReturnValue:
    """Show one day with its slots and bookings."""
    return _day_page(_hall_with(day), day)


@blueprint.post("/days/<day:day>")
@allow(Permission.CALENDAR_CHANGE)
def set_day(day: date) -> ResponseReturnValue:
    """Change the exceptions of a day."""
    hall, form = _hall_with(day), DayForm(request.form)
    return settle.submit_change(
        form,
        lambda: form.to_command(hall_id=hall.id, by=get_staff().id, day=day),
        page=lambda: _day_page(hall, day, day_form=form),
        done=lambda: _to_day(day),
        title=lambda: _day_title(day, closed=form.opening.data is Opening.CLOSED),
        back=url_for(".day", day=day),
        reason=form.whole_reason,
    )


@blueprint.post("/days/<day:day>/settle")
@allow(Permission.CALENDAR_CHANGE)
def settle_day(day: date) -> ResponseReturnValue:
    """Settle the bookings of a day that the rules would close or leave without room."""
    hall = _hall_with(day)
    return settle.carry_out(
        SettleDay(hall_id=hall.id, day=day),
        done=lambda: _to_day(day),
        title=_("Resolve the bookings of %(day)s", day=formats.day(day, language(), year=True)),
        back=url_for(".day", day=day),
    )


@blueprint.post("/days/<day:day>/slots")
@allow(Permission.CALENDAR_CHANGE)
def add_slot(day: date) -> ResponseReturnValue:
    """Offer an extra time on a day."""
    hall = _hall_with(day)
    form = ExtraForm(request.form).offer(schedule.list_programmes(hall.id))
    return settle.submit_change(
        form,
        lambda: form.to_command(hall_id=hall.id, by=get_staff().id, day=day),
        page=lambda: _day_page(hall, day, extra_form=form),
        done=lambda: _to_day(day),
        title=lambda: _day_title(day, closed=False),
        back=url_for(".day", day=day),
    )


@blueprint.post(f"/slots/{SLOT}")
@allow(Permission.CALENDAR_CHANGE)
def edit_slot(slot_id: int) -> ResponseReturnValue:
    """Change one slot by hand."""
    slot, form = _get_slot(slot_id), SlotForm(request.form)
    hall, day = get_current_hall(), slot.day
    return settle.submit_change(
        form,
        lambda: form.to_command(hall_id=hall.id, by=get_staff().id, slot_id=slot_id),
        page=lambda: _day_page(hall, day, slot_form=(slot_id, form)),
        done=lambda: _to_day(day, slot=slot_id),
        title=lambda: _slot_title(slot, hall),
        back=url_for(".day", day=day),
    )


@blueprint.post(f"/slots/{SLOT}/release")
@allow(Permission.CALENDAR_CHANGE)
def release_slot(slot_id: int) -> ResponseReturnValue:
    """Let a slot follow the template again."""
    slot, hall = _get_slot(slot_id), get_current_hall()
    form, day = SlotForm.of(slot), slot.day

    def release() -> ResponseReturnValue:
        return settle.carry_out(
            ReleaseSlot(hall_id=hall.id, by=get_staff().id, slot_id=slot_id),
            done=lambda: _to_day(day, slot=slot_id),
            title=_slot_title(slot, hall),
            back=url_for(".day", day=day),
        )

    def refused(error: DomainError) -> str:
        form.refuse(error)
        return _day_page(hall, day, slot_form=(slot_id, form))

    return attempt(release, refused)


def _slot_title(slot: Slot, hall: Hall) -> str:
    when = formats.when(slot.starts_at, slot.ends_at, hall.time_zone, language(), year=True)
    return _("Change %(when)s", when=when)


def _day_title(day: date, *, closed: bool) -> str:
    shown = formats.day(day, language(), year=True)
    return _("Close %(day)s", day=shown) if closed else _("Change %(day)s", day=shown)


def _span_title(first: date, last: date, *, closed: bool) -> str:
    shown = {"first": formats.day(first, language()), "last": formats.day(last, language(), year=True)}
    if closed:
        return _("Close %(first)s to %(last)s", **shown)
    return _("Let %(first)s to %(last)s follow the rules", **shown)


def _hall_with(day: date) -> Hall:
    """Return the hall whose calendar reaches a day; 404 where it does not."""
    hall = get_current_hall()
    if not layout.is_shown(hall, day):
        abort(404)
    return hall


def _get_slot(slot_id: int) -> Slot:
    """Return a slot of the staff's own hall; 404 for any other one."""
    return schedule.find_slot(get_staff().hall_id, slot_id) or abort(404)


def _this_month(hall: Hall) -> Period:
    today = hall.today()
    return Period.month(today.year, today.month)


def _asked_month(hall: Hall) -> Period:
    """Return the month from whose page a form was sent."""
    try:
        return Period.parse(request.form.get("month", ""))
    except PeriodUnknown:
        return _this_month(hall)


def _to_day(day: date, *, slot: int | None = None) -> ResponseReturnValue:
    return redirect(url_for(".day", day=day, saved=1, _anchor=f"slot-{slot}" if slot else None), 303)


def _month_page(
    hall: Hall, period: Period, *, days_form: DaysForm | None = None, holidays_form: HolidaysForm | None = None
) -> str:
    if not layout.is_shown(hall, period.first):
        abort(404)
    return render_template(
        "admin/calendar/month.html",
        hall=hall,
        month=layout.lay_out(hall, period),
        talks=list_on_closed_days(hall, period.first, period.last),
        today=hall.today(),
        furthest=layout.furthest(hall),
        days_form=days_form or DaysForm(formdata=None, data={"span": Span.CLOSED}),
        holidays_form=holidays_form,
        **_words(),
    )


def _day_page(
    hall: Hall,
    day: date,
    *,
    day_form: DayForm | None = None,
    extra_form: ExtraForm | None = None,
    slot_form: tuple[int, SlotForm] | None = None,
) -> str:
    """Return the page of a day, with a form that was refused in the place of its own."""
    [shown] = schedule.list_month(hall, day, day)
    programmes = schedule.list_programmes(hall.id)
    bookings = queries.list_bookings_of_day(hall.id, day)
    forms = {each.slot.id: SlotForm.of(each.slot) for each in shown.slots}
    number, refused = slot_form or (None, None)
    return render_template(
        "admin/calendar/day.html",
        hall=hall,
        shown=shown,
        now=clock.now(),
        editable=day >= hall.today(),
        talks=list_on_closed_days(hall, day, day),
        unsettled=bool(layout.list_unsettled(hall, first=day, last=day)),
        previous=_neighbour(hall, day, -1),
        following=_neighbour(hall, day, 1),
        day_form=day_form or DayForm.of(shown.special),
        extra_form=extra_form or ExtraForm(formdata=None).offer(programmes),
        slot_forms=forms if number is None else {**forms, number: refused},
        refused_slot=number,
        bookings=bookings,
        state_names=STATE_NAMES,
        BookingState=BookingState,
        **_words(),
    )


def _neighbour(hall: Hall, day: date, step: int) -> date | None:
    other = day + timedelta(days=step)
    return other if layout.is_shown(hall, other) else None


def _words() -> dict[str, Any]:
    return {
        "state_words": FULLNESS_NAMES,
        "why_words": WHY_NAMES,
        "Fullness": Fullness,
        "DayKind": DayKind,
    }
