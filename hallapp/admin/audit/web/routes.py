"""The audit log of one hall, newest entries first."""

from dataclasses import replace

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.accounts import queries as accounts
from hallapp.accounts.roles import Permission
from hallapp.admin.audit import queries, words
from hallapp.admin.audit.web.forms import TrailForm
from hallapp.core.web.access import allow
from hallapp.core.web.rownumbers import find_number
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("audit", __name__)

PAGE = 50


@blueprint.get("/admin/audit")
@allow(Permission.AUDIT_READ)
def index() -> ResponseReturnValue:
    """Show a page of the trail; `before` and `after` in the address are numbers of entries to continue at."""
    hall = get_current_hall()
    people = accounts.list_staff(hall.id)
    form = TrailForm(request.args)
    form.offer(people)
    names = {one.id: one.name for one in people}
    shown = {"hall": hall, "form": form, "names": names, "words": words, "entries": [], "newer": None, "older": None}
    if not form.validate():
        return render_template("admin/audit/index.html", **shown), 422
    before, after = _number("before"), _number("after")
    trail = form.to_trail(hall.time_zone)
    trail = replace(trail, subject=queries.find_subject(hall.id, trail.subject))
    found = list(accounts.list_trail(hall.id, trail, limit=PAGE + 1, before=before, after=after))
    more = len(found) > PAGE
    entries = (found[-PAGE:] if after else found[:PAGE]) if more else found
    if entries:
        newer = entries[0].id if before or (after and more) else None
        older = entries[-1].id if after or more else None
        named = {f"staff {number}": name for number, name in names.items()} | queries.names_of(hall.id, entries)
        shown |= {"entries": entries, "newer": newer, "older": older, "named": named}
    return render_template("admin/audit/index.html", **shown)


def _number(name: str) -> int | None:
    asked = request.args.get(name, "")
    return find_number(asked)
