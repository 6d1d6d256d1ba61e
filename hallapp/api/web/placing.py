"""Bookings by programs: a body becomes the command of the staff's page, checked by the form of that page."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import request

from hallapp.accounts.roles import Permission
from hallapp.api.web import bodies, resources
from hallapp.api.web.access import get_caller
from hallapp.api.web.operations import IDEMPOTENCY_KEY
from hallapp.api.web.spec import InputInvalid
from hallapp.booking import queries, splitting
from hallapp.booking.lifecycle import ORGANISER, By, by_staff
from hallapp.booking.managing.errors import ManagerNeeded
from hallapp.booking.managing.web.forms import StaffBookingForm
from hallapp.booking.models import Booking, Source
from hallapp.booking.series import Rule
from hallapp.booking.service import PlaceBooking
from hallapp.core.i18n import gettext as _
from hallapp.core.web.problems import FieldError
from hallapp.questions import queries as questions
from hallapp.schedule import queries as schedule

_STAFF = "staff"
#: What the page of an organiser does not let them change.
_OF_STAFF = ("organisation", "kind")
_LARGEST_ID = 2**63 - 1


def to_command(body: Mapping[str, Any]) -> PlaceBooking:
    """Return the command of a booking, or of a large group in its `parts`. Raises InputInvalid, CategoryNotAsked."""
    if "parts" in body:
        parts = splitting.write(tuple((part["slot"], part["visitors"]) for part in body["parts"]))
        body = {name: value for name, value in body.items() if name != "parts"} | {"slot": parts}
    return _command(_check(body), body)


def to_series(body: Mapping[str, Any]) -> tuple[PlaceBooking, Rule]:
    """Return the command of a series with its rule; the rules of the staff hold. Raises as `to_command`."""
    body = {**body, "rules": _STAFF}
    form = _check(body)
    if form.rule is None:
        raise ValueError("the schema requires a rule")
    return _command(form, body), form.rule


def _check(body: Mapping[str, Any]) -> StaffBookingForm:
    hall_id = get_caller().hall_id
    bodies.check_categories(hall_id, body)
    form = StaffBookingForm(
        bodies.as_form({name: value for name, value in body.items() if name != bodies.ANSWERS}),
        meta=bodies.WITHOUT_TOKEN,
    )
    slot = schedule.find_slot(hall_id, form.slot_id) if form.slot_id is not None else None
    form.answers_required = body["rules"] != _STAFF
    bodies.ask(form, questions.list_active(hall_id, slot.programme_id) if slot else (), body)
    bodies.check(form)
    return form


def _command(form: StaffBookingForm, body: Mapping[str, Any]) -> PlaceBooking:
    caller = get_caller()
    return replace(
        form.to_command(hall_id=caller.hall_id),
        programme=None,
        source=Source.API,
        language=form.pass_language.data,
        by=by_of(body),
        over_limit=over_limit_of(body),
        block_accepted=form.block_accepted.data,
        submission=f"api {caller.number} {request.headers.get(IDEMPOTENCY_KEY) or secrets.token_urlsafe(16)}",
    )


def by_of(body: Mapping[str, Any]) -> By:
    """Return by whose rules an act is done. Raises InputInvalid for what an organiser does not change."""
    if body["rules"] == _STAFF:
        return by_staff(get_caller().id)
    wrong = [name for name in _OF_STAFF if name in body] if request.method == "PATCH" else []
    if wrong:
        message = _("Only the staff change this.")
        raise InputInvalid([FieldError(field=name, message=message) for name in wrong])
    return ORGANISER


def over_limit_of(body: Mapping[str, Any]) -> str | None:
    """Return the reason to exceed the limits. Raises ManagerNeeded without the scope, or by an organiser's rules."""
    reason: str | None = body.get("over_limit")
    if reason and not (get_caller().may(Permission.BOOKINGS_REVIEW) and body["rules"] == _STAFF):
        raise ManagerNeeded
    return reason


def party_of(row: Booking) -> dict[str, Any]:
    """Return the large group of which a booking is a part."""
    return {"party": str(row.party), "items": resources.bookings(queries.list_parts(row))}


def read_group_id(text: str | None) -> int | None:
    """Return the number of a large group or series, as a filter of bookings; 0, which none has, for one too large."""
    if text is None:
        return None
    number = int(text)
    return number if number <= _LARGEST_ID else 0
