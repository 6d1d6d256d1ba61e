"""The week's groups and who leads each: assign by hand or by suggestion; the sheet of a day to print."""

from datetime import date, timedelta
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import phones
from hallapp.booking import queries as bookings
from hallapp.booking.models import Booking, BookingState
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt
from hallapp.guides import assigning, queries
from hallapp.guides.eligibility import monday_of
from hallapp.guides.errors import CannotLead, GuideNotChosen
from hallapp.guides.models import OBSTACLE_NAMES
from hallapp.guides.web.blueprint import blueprint
from hallapp.guides.web.forms import number_in
from hallapp.guides.week import lay_out
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

_AHEAD_DAYS = 2 * 366


@blueprint.get("/admin/guides/week")
@allow(Permission.GUIDES_ASSIGN)
def this_week() -> ResponseReturnValue:
    """Show the week of a day (`from`), this one unless another is asked for."""
    hall = get_current_hall()
    try:
        day = date.fromisoformat(request.args.get("from", "")[:10])
    except ValueError:
        day = hall.today()
    return redirect(url_for(".week", monday=_shown(hall, day)), 303)


@blueprint.get("/admin/guides/week/<week:monday>")
@allow(Permission.GUIDES_ASSIGN)
def week(monday: date) -> ResponseReturnValue:
    """Show the groups of a week."""
    return _week_page(get_current_hall(), monday)


@blueprint.post("/admin/guides/week/<week:monday>/suggest")
@allow(Permission.GUIDES_ASSIGN)
def suggest_week(monday: date) -> ResponseReturnValue:
    """Give the groups of a week the guides that suit them best."""
    return _suggest(monday, days=7)


@blueprint.post("/admin/guides/day/<day:day>/suggest")
@allow(Permission.GUIDES_ASSIGN)
def suggest_day(day: date) -> ResponseReturnValue:
    """Give the groups of a day the guides that suit them best."""
    return _suggest(day, days=1)


@blueprint.post("/admin/guides/bookings/<reference>")
@allow(Permission.GUIDES_ASSIGN)
def assign(reference: str) -> ResponseReturnValue:
    """Assign a guide to a group, replace the guide (`old`), or remove them."""
    staff = get_staff()
    booking = bookings.get_booking(staff.hall_id, reference)
    old, new = number_in(request.form.get("old")), number_in(request.form.get("guide"))

    def assign_guide() -> ResponseReturnValue:
        if (old or new) is None:
            raise GuideNotChosen
        with transaction():
            _carry_out(bookings.get_booking(staff.hall_id, reference), old, new, by=staff.id)
        return _to_week(booking.slot.day, saved=booking.reference, anchor=f"group-{booking.reference}")

    def refused(error: DomainError) -> str:
        again = bookings.get_booking(staff.hall_id, reference)
        return _week_page(get_current_hall(), monday_of(again.slot.day), refused=(again, old, error, new))

    return attempt(assign_guide, refused)


@blueprint.get("/admin/guides/day/<day:day>/sheet")
@allow(Permission.GUIDES_ASSIGN)
def sheet(day: date) -> ResponseReturnValue:
    """Show the groups of a day on paper, with who leads each."""
    hall = get_current_hall()
    _shown(hall, day)
    leading: dict[int, list[str]] = {}
    for each in queries.list_assignments(hall.id, first=day, last=day):
        leading.setdefault(each.booking_id, []).append(each.guide.name)
    groups = [each for each in queries.list_groups(hall.id, first=day, last=day) if each.state != BookingState.ABSENT]
    return render_template(
        "guides/sheet.html",
        hall=hall,
        day=day,
        groups=groups,
        leading=leading,
        phone_display=phones.display,
        now=clock.now(),
    )


def _carry_out(booking: Booking, old: int | None, new: int | None, *, by: int) -> None:
    accept = "accept" in request.form
    if new is None:
        assigning.unassign(booking, old or 0, by=by)
    elif old is None:
        assigning.assign(booking, new, by=by, accept=accept)
    else:
        assigning.replace(booking, old, new, by=by, accept=accept)


def _suggest(first: date, *, days: int) -> ResponseReturnValue:
    last = _shown(get_current_hall(), first) + timedelta(days=days - 1)
    with transaction():
        suggestions = assigning.assign_suggested(get_current_hall(), first=first, last=last, by=get_staff().id)
        left = sum(each.guide is None for each in suggestions)
    anchor = f"day-{first}" if days == 1 else None
    return _to_week(first, assigned=len(suggestions) - left, left=left, anchor=anchor)


def _to_week(day: date, *, anchor: str | None, **told: Any) -> ResponseReturnValue:
    return redirect(url_for(".week", monday=monday_of(day), _anchor=anchor, **told), 303)


def _shown(hall: Hall, day: date) -> date:
    """Return a day that these pages reach; 404 for another one."""
    today = hall.today()
    if not min(hall.opened_on, today) - timedelta(days=7) <= day <= today + timedelta(days=_AHEAD_DAYS):
        abort(404)
    return day


def _week_page(
    hall: Hall, monday: date, *, refused: tuple[Booking, int | None, DomainError, int | None] | None = None
) -> str:
    _shown(hall, monday)
    sunday = monday + timedelta(days=6)
    days = lay_out(hall, monday, sunday)
    again = {each.booking_id: each.booking for each in queries.list_needing_again(hall.id, after=clock.now())}
    return render_template(
        "guides/week.html",
        hall=hall,
        monday=monday,
        sunday=sunday,
        one_week=timedelta(days=7),
        days=days,
        missing=sum(day.missing for day in days),
        again=[each for each in again.values() if not monday <= each.slot.day <= sunday],
        has_guides=bool(queries.list_guides(hall.id, active_only=True)),
        today=hall.today(),
        refused=_refusal(*refused) if refused else {},
        told={name: number_in(request.args.get(name)) for name in ("assigned", "left")},
        saved=request.args.get("saved"),
        obstacle_names=OBSTACLE_NAMES,
    )


def _refusal(booking: Booking, old: int | None, error: DomainError, chosen: int | None) -> dict[str, object]:
    """Return the text of the page beside a refused form."""
    return {
        "booking": booking.id,
        "old": old,
        "chosen": chosen,
        "message": translate(error),
        "soft": isinstance(error, CannotLead) and error.obstacle.is_soft,
    }
