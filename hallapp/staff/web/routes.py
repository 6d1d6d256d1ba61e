"""The staff of a hall, for its administrators: invite, change, close, reset, and two-step codes."""

from collections.abc import Callable
from functools import partial
from typing import Protocol

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import joining, queries, service, twostep
from hallapp.accounts.errors import OwnAccount
from hallapp.accounts.joining import LINK_DAYS, Given
from hallapp.accounts.models import LinkPurpose, Staff
from hallapp.accounts.roles import ROLE_NAMES, Permission
from hallapp.accounts.web.forms import StaffForm
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.staff.web import links
from hallapp.staff.web.forms import ROLE_MEANINGS, InviteForm, RequireForm, ResetForm, RoleForm, RuleForm, Switch

blueprint = Blueprint("staff_admin", __name__)

_REFUSED_SHOWN = 200


@blueprint.get("/admin/staff")
@allow(Permission.STAFF_MANAGE)
def index() -> ResponseReturnValue:
    """Show all staff, and the hall's rule on two-step codes."""
    hall_id = get_staff().hall_id
    return _list_page(RuleForm(formdata=None, data={"two_step": queries.get_two_step_rule(hall_id)}))


@blueprint.post("/admin/staff/two-step")
@allow(Permission.STAFF_MANAGE)
def set_two_step_rule() -> ResponseReturnValue:
    """Set who must use two-step codes: no one, managers and above, or everyone."""
    form, staff = RuleForm(request.form), get_staff()
    if not form.validate():
        return _list_page(form), 422
    with transaction():
        service.set_two_step_rule(hall_id=staff.hall_id, rule=form.two_step.data, by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


@blueprint.route("/admin/staff/invite", methods=["GET", "POST"])
@allow(Permission.STAFF_MANAGE)
def invite() -> ResponseReturnValue:
    """Open an account for a person, who sets a password by the link that is shown once."""
    if request.method == "GET":
        return _invite_page(InviteForm(formdata=None))
    form, staff = InviteForm(request.form), get_staff()

    def give() -> ResponseReturnValue:
        command = form.to_command(hall_id=staff.hall_id, by=staff.id)
        return _give_link(lambda: joining.invite(command), email=form.email.data)

    return submit_form(form, give, lambda: _invite_page(form))


@blueprint.get("/admin/staff/refused")
@allow(Permission.STAFF_MANAGE)
def refused() -> ResponseReturnValue:
    """Show the sign-ins that were refused lately: of which accounts, how often, and from how many networks."""
    hall = get_current_hall()
    found = queries.list_refused(hall.id, limit=_REFUSED_SHOWN)
    return render_template("staff/refused.html", hall=hall, refused=found, days=service.REFUSED_KEPT.days)


@blueprint.get("/admin/staff/<number>")
@allow(Permission.STAFF_MANAGE)
def person(number: str) -> ResponseReturnValue:
    """Show one person: role and sign-in."""
    return _person_page(_get(number))


@blueprint.post("/admin/staff/<number>/role")
@allow(Permission.STAFF_MANAGE)
def change_role(number: str) -> ResponseReturnValue:
    """Change a person's role."""
    form = RoleForm(request.form)
    return submit_form(
        form,
        lambda: _carry_out(number, partial(service.change_role, role=form.role.data)),
        lambda: _person_page(_get(number), role=form),
    )


@blueprint.post("/admin/staff/<number>/deactivate")
@allow(Permission.STAFF_MANAGE)
def deactivate(number: str) -> ResponseReturnValue:
    """Close an account; its sessions and its link end at once."""
    return _try(number, service.close)


@blueprint.post("/admin/staff/<number>/reactivate")
@allow(Permission.STAFF_MANAGE)
def reactivate(number: str) -> ResponseReturnValue:
    """Open a closed account again."""
    return _try(number, service.reactivate)


@blueprint.post("/admin/staff/<number>/sign-out")
@allow(Permission.STAFF_MANAGE)
def sign_out(number: str) -> ResponseReturnValue:
    """End every session of a person."""
    return _try(number, service.end_sessions)


@blueprint.post("/admin/staff/<number>/reset")
@allow(Permission.STAFF_MANAGE)
def reset(number: str) -> ResponseReturnValue:
    """Give a person a new link for setting a password; the old password ends."""
    form, staff = ResetForm(request.form), _get(number)
    if not form.validate():
        return _person_page(staff, reset=form), 422
    by = get_staff().id
    return attempt(
        lambda: _give_link(lambda: joining.reset(_get(number), by=by), email=form.email.data),
        lambda error: _person_page(_get(number), refusal=translate(error)),
    )


@blueprint.post("/admin/staff/<number>/revoke-link")
@allow(Permission.STAFF_MANAGE)
def revoke_link(number: str) -> ResponseReturnValue:
    """Withdraw a person's link."""
    return _try(number, joining.revoke)


@blueprint.post("/admin/staff/<number>/two-step")
@allow(Permission.STAFF_MANAGE)
def require_two_step(number: str) -> ResponseReturnValue:
    """Require two-step codes of one person, or leave it to the hall's rule."""
    form, staff = RequireForm(request.form), _get(number)
    if not form.validate():
        return _person_page(staff, require=form), 422
    return _try(number, partial(service.require_two_step, required=form.required.data is Switch.ON))


@blueprint.post("/admin/staff/<number>/two-step-off")
@allow(Permission.STAFF_MANAGE)
def switch_off_two_step(number: str) -> ResponseReturnValue:
    """Turn off the two-step codes of a person who has lost the phone."""
    return _try(number, _switch_off)


def _switch_off(staff: Staff, *, by: int) -> None:
    if staff.id == by:
        raise OwnAccount
    twostep.switch_off(staff, by=by)


def _get(number: str) -> Staff:
    """Return a person of this hall; 404 for anyone else."""
    return queries.get_staff(get_staff().hall_id, get_number(number))


class _Change(Protocol):
    """A change of one account, in the name of somebody."""

    def __call__(self, staff: Staff, /, *, by: int) -> object: ...


def _carry_out(number: str, change: _Change) -> ResponseReturnValue:
    by = get_staff().id
    with transaction():
        change(_get(number), by=by)
    return redirect(url_for(".person", number=number, saved=1), 303)


def _try(number: str, change: _Change) -> ResponseReturnValue:
    """Carry out an action without a form; a refusal is shown at the top of the person's page."""
    return attempt(
        lambda: _carry_out(number, change), lambda error: _person_page(_get(number), refusal=translate(error))
    )


def _give_link(give: Callable[[], Given], *, email: str | None) -> ResponseReturnValue:
    """Give a link, send it where an address was typed, and show it: it is shown this once. Raises DomainError."""
    hall = get_current_hall()
    with transaction():
        given = give()
        if email:
            links.send(hall, given, email=email)
    return render_template(
        "staff/link.html",
        person=given.staff,
        link=links.address_of(hall, given),
        email=email,
        days=LINK_DAYS,
        invited=given.purpose is LinkPurpose.INVITATION,
    )


def _list_page(rule: RuleForm) -> str:
    hall = get_current_hall()
    return render_template(
        "staff/index.html",
        hall=hall,
        people=queries.list_staff(hall.id),
        links={link.staff_id: link for link in queries.list_open_links(hall.id)},
        roles=ROLE_NAMES,
        rule=rule,
        demanded=queries.get_two_step_rule(hall.id),
    )


def _invite_page(form: InviteForm) -> str:
    return render_template("staff/invite.html", form=form, meanings=ROLE_MEANINGS, days=LINK_DAYS)


def _person_page(staff: Staff, *, refusal: str | None = None, **forms: StaffForm) -> str:
    hall = get_current_hall()
    switch = Switch.ON if staff.two_step_required else Switch.OFF
    shown: dict[str, StaffForm] = {
        "role": RoleForm(formdata=None, data={"role": staff.role}),
        "reset": ResetForm(formdata=None),
        "require": RequireForm(formdata=None, data={"required": switch}),
        **forms,
    }
    return render_template(
        "staff/person.html",
        hall=hall,
        person=staff,
        me=get_staff().id == staff.id,
        link=next((link for link in queries.list_open_links(hall.id) if link.staff_id == staff.id), None),
        forms=shown,
        meanings=ROLE_MEANINGS,
        roles=ROLE_NAMES,
        covered=queries.get_two_step_rule(hall.id).covers(staff.role),
        refusal=refusal,
    )
