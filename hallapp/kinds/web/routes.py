"""The manager's pages of the kinds of organisation."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt, submit_form
from hallapp.kinds import service
from hallapp.kinds.standard import INDIVIDUAL
from hallapp.kinds.values import Kind
from hallapp.kinds.web.current import get_kinds
from hallapp.kinds.web.forms import KindForm
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("kinds", __name__)


@blueprint.get("/admin/kinds")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the kinds of the hall in their order, and the form for another one."""
    return _page(KindForm.of(None), None)


@blueprint.post("/admin/kinds")
@allow(Permission.SETTINGS_CHANGE)
def add() -> ResponseReturnValue:
    """Add a kind of the hall's own."""
    return _save(None)


@blueprint.get("/admin/kinds/<code>")
@allow(Permission.SETTINGS_CHANGE)
def kind(code: str) -> ResponseReturnValue:
    """Show a kind to rename."""
    found = _get(code)
    return _page(KindForm.of(found), found)


@blueprint.post("/admin/kinds/<code>")
@allow(Permission.SETTINGS_CHANGE)
def rename(code: str) -> ResponseReturnValue:
    """Change the names of a kind."""
    return _save(_get(code))


@blueprint.post("/admin/kinds/<code>/move")
@allow(Permission.SETTINGS_CHANGE)
def move(code: str) -> ResponseReturnValue:
    """Move a kind up, or down, in the order of the hall."""
    up = request.form.get("to") == "up"
    return _act(code, lambda by: service.move(get_current_hall(), code, up=up, by=by))


@blueprint.post("/admin/kinds/<code>/retire")
@allow(Permission.SETTINGS_CHANGE)
def retire(code: str) -> ResponseReturnValue:
    """Offer a kind no longer; the groups and the figures keep it."""
    return _act(code, lambda by: service.retire(get_current_hall(), code, by=by))


@blueprint.post("/admin/kinds/<code>/offer")
@allow(Permission.SETTINGS_CHANGE)
def offer(code: str) -> ResponseReturnValue:
    """Offer a kind again that was retired, or a standard kind that the hall does not have."""
    return _act(code, lambda by: service.offer(get_current_hall(), code, by=by))


def _save(found: Kind | None) -> ResponseReturnValue:
    form, staff = KindForm(), get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            service.save(form.to_command(get_current_hall(), by=staff.id, code=found.code if found else None))
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _page(form, found))


def _act(code: str, verb: Callable[[int], None]) -> ResponseReturnValue:
    staff = get_staff()

    def act() -> ResponseReturnValue:
        with transaction():
            verb(staff.id)
        return redirect(url_for(".index", saved=1, _anchor=f"kind-{code}"), 303)

    return attempt(act, lambda error: _page(KindForm.of(None), None, refusal=translate(error)))


def _get(code: str) -> Kind:
    return get_kinds().get(code) or abort(404)


def _page(form: KindForm, found: Kind | None, *, refusal: str = "") -> str:
    return render_template(
        "kinds/index.html",
        form=form,
        kind=found,
        kinds=list(get_kinds().values()),
        unused=service.list_unused(get_current_hall()),
        needed=INDIVIDUAL,
        refusal=refusal,
    )
