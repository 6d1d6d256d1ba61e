"""Guides for managers: who they are and when they are there; the page of a guide itself, in `my_groups`."""

from collections.abc import Callable
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import queries as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import TOUR_LANGUAGE_NAMES
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.guides import queries, service
from hallapp.guides.eligibility import list_periods
from hallapp.guides.errors import AssignmentsHit
from hallapp.guides.models import Guide
from hallapp.guides.web import calendar_feeds, my_groups, planning
from hallapp.guides.web.blueprint import blueprint
from hallapp.guides.web.forms import GuideForm, LeaveForm, PatternForm, number_in
from hallapp.schedule import queries as schedule
from hallapp.schedule.web.current_hall import get_current_hall

__all__ = ["blueprint", "calendar_feeds", "my_groups", "planning"]


@blueprint.get("/admin/guides")
@allow(Permission.GUIDES_ASSIGN)
def index() -> ResponseReturnValue:
    """Show the guides of the hall."""
    hall = get_current_hall()
    return render_template(
        "guides/index.html",
        hall=hall,
        guides=sorted(queries.list_guides(hall.id), key=lambda each: not each.active),
        tongues=TOUR_LANGUAGE_NAMES,
        today=hall.today(),
    )


@blueprint.route("/admin/guides/new", methods=["GET", "POST"])
@allow(Permission.GUIDES_ASSIGN)
def new() -> ResponseReturnValue:
    """Add a guide."""
    hall_id = get_staff().hall_id
    if request.method == "GET":
        empty = GuideForm.of(None, pages=get_current_hall().language_codes[0])
        return render_template("guides/new.html", form=_offer(empty))
    form = _offer(GuideForm(request.form))

    def add() -> ResponseReturnValue:
        with transaction():
            guide = service.add(form.to_command(hall_id=hall_id, by=get_staff().id))
        return redirect(url_for(".guide", number=guide.id, saved=1), 303)

    return submit_form(form, add, lambda: render_template("guides/new.html", form=form))


@blueprint.route("/admin/guides/<number>", methods=["GET", "POST"])
@allow(Permission.GUIDES_ASSIGN)
def guide(number: str) -> ResponseReturnValue:
    """Show one guide; POST changes name, languages and programmes."""
    found = _get(number)
    if request.method == "GET":
        return _page(found)
    form = _offer(GuideForm(request.form), found)
    return _change(
        found,
        form,
        lambda hall_id, by: service.save(
            found.id, form.to_command(hall_id=hall_id, by=by), unassign=form.unassign.data
        ),
        shown="facts",
    )


@blueprint.post("/admin/guides/<number>/pattern")
@allow(Permission.GUIDES_ASSIGN)
def set_pattern(number: str) -> ResponseReturnValue:
    """Set the week of a guide from a day on."""
    return _change_duty(number, PatternForm(request.form), service.set_pattern, shown="pattern")


@blueprint.post("/admin/guides/<number>/leave")
@allow(Permission.GUIDES_ASSIGN)
def add_leave(number: str) -> ResponseReturnValue:
    """Let a guide be away."""
    return _change_duty(number, LeaveForm(request.form), service.add_leave, shown="leave")


@blueprint.post("/admin/guides/<number>/leave/<leave>/delete")
@allow(Permission.GUIDES_ASSIGN)
def remove_leave(number: str, leave: str) -> ResponseReturnValue:
    """Let a guide be there after all."""
    staff, guide_id, leave_id = get_staff(), _get(number).id, number_in(leave)
    if leave_id is None:
        abort(404)
    with transaction():
        service.remove_leave(hall_id=staff.hall_id, guide_id=guide_id, leave_id=leave_id, by=staff.id)
    return _done(guide_id, "leave")


def _get(number: str) -> Guide:
    """Return a guide of the staff's own hall; 404 for any other."""
    guide_id = number_in(number)
    return queries.get_guide(get_staff().hall_id, guide_id) if guide_id is not None else abort(404)


def _done(guide_id: int, shown: str) -> ResponseReturnValue:
    return redirect(url_for(".guide", number=guide_id, saved=shown, _anchor=shown), 303)


def _change_duty(
    number: str, form: PatternForm | LeaveForm, verb: Callable[..., object], *, shown: str
) -> ResponseReturnValue:
    """Change when a guide is there, by the command of a form that names the guide."""
    found = _get(number)
    guide_id = found.id
    return _change(
        found,
        form,
        lambda hall_id, by: verb(
            form.to_command(hall_id=hall_id, by=by, guide_id=guide_id), unassign=form.unassign.data
        ),
        shown=shown,
    )


def _change(found: Guide, form: Any, change: Callable[[int, int], object], *, shown: str) -> ResponseReturnValue:
    """Carry out a change of a form; a refusal is shown on the page, with the affected groups."""
    staff, guide_id = get_staff(), found.id

    def save() -> ResponseReturnValue:
        with transaction():
            change(staff.hall_id, staff.id)
        return _done(guide_id, shown)

    return submit_form(form, save, lambda: _page(queries.get_guide(staff.hall_id, guide_id), **{shown: form}))


def _offer(form: GuideForm, guide: Guide | None = None) -> GuideForm:
    """Return a guide's form with the programmes of the hall, and the accounts that belong to no other guide."""
    hall_id = get_staff().hall_id
    taken = {each.staff_id for each in queries.list_guides(hall_id) if guide is None or each.id != guide.id}
    own = guide.staff_id if guide else None  # a closed account stays a choice for its guide
    staff = accounts.list_staff(hall_id)
    people = [each for each in staff if each.id not in taken and (each.active or each.id == own)]
    return form.offer(schedule.list_all_programmes(hall_id), people)


def _page(
    found: Guide,
    *,
    facts: GuideForm | None = None,
    pattern: PatternForm | None = None,
    leave: LeaveForm | None = None,
) -> str:
    hall = get_current_hall()
    today = hall.today()
    coming = queries.list_of_guide(found, after=clock.now())
    sent = facts or pattern or leave
    hits = [each.booking_id for each in sent.refusal.hits] if sent and isinstance(sent.refusal, AssignmentsHit) else []
    return render_template(
        "guides/guide.html",
        hall=hall,
        guide=found,
        facts=facts or _offer(GuideForm.of(found), found),
        pattern=pattern or PatternForm.of(found.duties, today=today),
        leave_form=leave or LeaveForm(formdata=None, data={"first": today, "last": today}),
        coming=coming,
        periods=list_periods(found.duties, today=today),
        hits=[each for each in coming if each.booking_id in hits],
        refused=next((name for name, form in (("pattern", pattern), ("leave", leave)) if form), "facts"),
        today=today,
    )
