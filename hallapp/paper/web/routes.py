"""Routes for paper: the day's list to print, and the form to type it in."""

from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.responses import private
from hallapp.desk.errors import Refusal
from hallapp.desk.web import answers
from hallapp.paper import queries, service
from hallapp.paper.errors import DayNotOpen
from hallapp.paper.web.forms import PaperEntry, PaperRow
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("paper", __name__)

EMPTY_LINES = 3


@blueprint.get("/desk/paper")
@allow(Permission.DESK_ADMIT)
def day_list() -> ResponseReturnValue:
    """Show the groups of a day to print on A4: the desk's list for a power cut."""
    hall = get_current_hall()
    day = _day(request.args.get("day", ""), hall)
    return _page("paper/list.html", hall, day, found=queries.get_day(hall.id, day), empty_lines=EMPTY_LINES)


@blueprint.get("/desk/paper/enter")
@allow(Permission.DESK_ADMIT)
def enter() -> ResponseReturnValue:
    """Show the empty form for entering a paper list."""
    hall = get_current_hall()
    day = _open_day(request.args.get("day", ""), hall)
    return _entry_page(hall, PaperEntry.of(hall, day, queries.get_day(hall.id, day)), checked=False)


@blueprint.post("/desk/paper/enter")
@allow(Permission.DESK_ADMIT)
def submit() -> ResponseReturnValue:
    """Show a preview of the counts; count them once this preview has been confirmed."""
    hall = get_current_hall()
    day = _open_day(request.form.get("day", ""), hall)
    entry = PaperEntry.of(hall, day, queries.get_day(hall.id, day), request.form)
    fine = entry.validate()
    seen = request.form.get("seen", "") == entry.digest
    if not (request.form.get("act") == "count" and seen):
        return _entry_page(hall, entry, checked=True, status=200 if fine else 422)
    refused = [row for row in entry.ready if not _count(row, hall)]
    if fine and not refused:
        return redirect(url_for(".enter", day=day, done=1), 303)
    entry = _again(hall, day, entry)
    return _entry_page(hall, entry, checked=True, status=409 if fine else 422)


def _count(row: PaperRow, hall: Hall) -> bool:
    """Count one row in a transaction of its own, so that a bad one holds no other up."""
    try:
        with transaction():
            service.enter(row.to_noted(get_staff()))
    except Refusal as refusal:
        row.form.refusals.append(answers.words(refusal, hall))
        return False
    return True


def _again(hall: Hall, day: date, before: PaperEntry) -> PaperEntry:
    """Return the form after some rows were counted, with the refusals."""
    entry = PaperEntry.of(hall, day, queries.get_day(hall.id, day), request.form)
    entry.validate()
    refusals = {row.key: row.form.refusals for row in before.rows}
    for row in entry.rows:
        row.form.refusals = refusals.get(row.key, [])
        row.fine = row.fine and not row.form.refusals
    return entry


def _entry_page(hall: Hall, entry: PaperEntry, *, checked: bool, status: int = 200) -> ResponseReturnValue:
    today = hall.today()
    return _page(
        "paper/enter.html",
        hall,
        entry.day,
        entry=entry,
        status=status,
        checked=checked,
        days=[today - timedelta(days=back) for back in range(service.DAYS_BACK.days + 1)],
    )


def _page(template: str, hall: Hall, day: date, *, status: int = 200, **shown: object) -> ResponseReturnValue:
    page = render_template(template, hall=hall, day=day, now=clock.now(), **shown)
    return private(page, status)


def _open_day(typed: str, hall: Hall) -> date:
    """Return a day that may be typed in. Raises DayNotOpen."""
    day = _day(typed, hall)
    if not hall.today() - service.DAYS_BACK <= day <= hall.today():
        raise DayNotOpen
    return day


def _day(typed: str, hall: Hall) -> date:
    """Return a day as an address has it; today for anything else."""
    try:
        return date.fromisoformat(typed) if len(typed) == 10 and typed.isascii() else hall.today()
    except ValueError:
        return hall.today()
