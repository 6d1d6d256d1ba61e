"""Views of the API: the accounts of the staff, as a company's directory keeps them in step with itself."""

from typing import Any

from flask import Response
from sqlalchemy.exc import NoResultFound

from hallapp.accounts import joining, queries, service
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission, Role
from hallapp.api.errors import AdministratorProtected, NothingToChange
from hallapp.api.web import bodies, refusals, resources
from hallapp.api.web.access import get_caller
from hallapp.api.web.answers import Content, act, check_unchanged, create, send
from hallapp.api.web.blueprints import staff
from hallapp.api.web.marks import guarded, refuses, repeatable, scope
from hallapp.api.web.schemas import staff as schemas
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.staff.web import links
from hallapp.staff.web.forms import InviteForm

_MOST = 2**31 - 1


@staff.route("/staff")
@staff.response(200, schemas.People)
@scope(Permission.STAFF_MANAGE)
def list_staff() -> Response:
    """List the accounts of the hall's staff by name, also closed ones."""
    hall_id = get_caller().hall_id
    links_of = _list_linked(hall_id)
    return send({"items": [resources.person(one, has_link=one.id in links_of) for one in queries.list_staff(hall_id)]})


@staff.route("/staff", methods=["POST"])
@staff.arguments(schemas.NewPerson)
@staff.response(201, schemas.Invited)
@scope(Permission.STAFF_MANAGE)
@repeatable
@refuses(*refusals.INVITING)
def invite_person(body: dict[str, Any]) -> Response:
    """Open an account for a person, who joins by a link; a program makes no administrators."""
    caller, hall = get_caller(), get_current_hall()
    form = InviteForm(bodies.as_form(body), meta=bodies.WITHOUT_TOKEN)
    bodies.check(form)
    email = form.email.data

    def do() -> Content:
        given = joining.invite(form.to_command(hall_id=caller.hall_id, by=caller.id))
        if email:
            links.send(hall, given, email=email)
        shown = resources.person(given.staff, has_link=True)
        return {"person": shown, "invitation": None if email else links.address_of(hall, given)}

    return create(do, place=lambda made: f"/staff/{made['person']['number']}")


@staff.route("/staff/<int:number>")
@staff.response(200, schemas.Person)
@scope(Permission.STAFF_MANAGE)
def get_person(number: int) -> Response:
    """Get an account."""
    return send(_shown(_get(number)))


@staff.route("/staff/<int:number>", methods=["PATCH"])
@staff.arguments(schemas.ChangedPerson)
@staff.response(200, schemas.Person)
@scope(Permission.STAFF_MANAGE)
@repeatable
@guarded
@refuses(*refusals.CHANGING_STAFF)
def change_person(body: dict[str, Any], number: int) -> Response:
    """Rename an account, give it another role, close it, or open it again; that of an administrator stays as it is."""
    caller = get_caller()
    if not body:
        raise NothingToChange

    def do() -> Content:
        row = _get(number, lock=True)
        if row.role is Role.ADMIN:
            raise AdministratorProtected
        check_unchanged(_shown(row))
        if "name" in body:
            service.rename(row, body["name"], by=caller.id)
        if "role" in body:
            service.change_role(row, Role(body["role"]), by=caller.id)
        if "active" in body:
            change = service.reactivate if body["active"] else service.close
            change(row, by=caller.id)
        return _shown(row)

    return act(do)


def _get(number: int, *, lock: bool = False) -> Staff:
    """Return an account of the key's hall. Raises NoResultFound."""
    if number > _MOST:
        raise NoResultFound
    return queries.get_staff(get_caller().hall_id, number, lock=lock)


def _shown(row: Staff) -> Content:
    return resources.person(row, has_link=row.id in _list_linked(row.hall_id))


def _list_linked(hall_id: int) -> set[int]:
    """Return the people who have been given a link that still opens something."""
    return {link.staff_id for link in queries.list_open_links(hall_id)}
