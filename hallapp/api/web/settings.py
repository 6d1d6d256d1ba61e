"""The administrators' page of the keys of the API."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from wtforms import Field, SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.accounts import queries as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.api import keys
from hallapp.api.keys import NAME_LENGTH, SCOPES, MakeKey
from hallapp.api.models import ApiKey
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.access import allow
from hallapp.core.web.fields import DayField, TicksField, without_controls
from hallapp.core.web.forms import RefusableForm, submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("api_keys", __name__)

SCOPE_NAMES = {
    Permission.BOOKINGS_CHANGE: N_("Read, place, change and cancel bookings, and get their passes"),
    Permission.BOOKINGS_REVIEW: N_("Confirm and decline bookings, and exceed the limits"),
    Permission.BOOKINGS_EXPORT: N_("Export bookings and arrivals as files"),
    Permission.DESK_ADMIT: N_("Admit groups, count people in and out, take this back, and read how many are inside"),
    Permission.DESK_OVERRIDE: N_("Admit groups that a rule of the desk refuses, with a reason"),
    Permission.REPORTS_READ: N_("Read the figures of reports"),
    Permission.STAFF_MANAGE: N_("Invite, change and close accounts of the staff, except those of administrators"),
}
#: How long the previous key stays valid after a rotation, in hours.
_OLD_FOR = {"0": N_("It ends at once"), "24": N_("One day"), "168": N_("One week"), "720": N_("30 days")}


class _OptionalDay(DayField):
    def pre_validate(self, _form: Any) -> None:
        """Accept an empty field."""


class KeyForm(RefusableForm):
    """The form for a new key."""

    name = StringField(
        _l("Name of the system"),
        filters=[tidy],
        validators=[
            without_controls,
            DataRequired(_l("Enter a name.")),
            Length(max=NAME_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
        ],
    )
    scopes = TicksField(_l("What the key opens"), names=SCOPE_NAMES, one_at_least=False)
    expires_on = _OptionalDay(_l("Last day on which the key is valid"))

    def validate_expires_on(self, field: Field) -> None:
        """Refuse a day of the past. Raises ValidationError."""
        if field.data is not None and not get_current_hall().today() <= field.data:
            raise ValidationError(_("This day is in the past."))

    def to_command(self) -> MakeKey:
        """Return the command. The form must have been found valid."""
        staff, last = get_staff(), self.expires_on.data
        ends = None
        if last is not None:
            ends = clock.at(last, clock.MIDNIGHT, get_current_hall().time_zone) + timedelta(days=1)
        return MakeKey(
            hall_id=staff.hall_id, by=staff.id, name=self.name.data, scopes=self.scopes.chosen, expires_at=ends
        )


class RotateForm(RefusableForm):
    """The form that gives a key a new secret."""

    old_for = SelectField(
        _l("How long the present key stays valid"),
        choices=lambda: [(hours, _(name)) for hours, name in _OLD_FOR.items()],
        default="24",
    )


@blueprint.get("/admin/api-keys")
@allow(Permission.KEYS_MANAGE)
def index() -> ResponseReturnValue:
    """Show the keys of the hall, and the form for another one."""
    return _page(KeyForm(formdata=None))


@blueprint.post("/admin/api-keys")
@allow(Permission.KEYS_MANAGE)
def make() -> ResponseReturnValue:
    """Make a key and show it, once."""
    form = KeyForm(request.form)

    def make_key() -> ResponseReturnValue:
        with transaction():
            key, text = keys.make(form.to_command())
        return _shown_once(key, text)

    return submit_form(form, make_key, lambda: _page(form))


@blueprint.get("/admin/api-keys/<number>")
@allow(Permission.KEYS_MANAGE)
def key_page(number: str) -> ResponseReturnValue:
    """Show a key, to be rotated or revoked."""
    return _page(RotateForm(formdata=None), _get(number))


@blueprint.post("/admin/api-keys/<number>/rotate")
@allow(Permission.KEYS_MANAGE)
def rotate(number: str) -> ResponseReturnValue:
    """Give a key a new secret and show it, once."""
    form, known = RotateForm(request.form), _get(number)

    def rotate_key() -> ResponseReturnValue:
        with transaction():
            key = keys.get_key(known.hall_id, known.number)
            text = keys.rotate(key, by=get_staff().id, old_for=timedelta(hours=int(form.old_for.data)))
        return _shown_once(key, text)

    return submit_form(form, rotate_key, lambda: _page(form, _get(number)))


@blueprint.post("/admin/api-keys/<number>/revoke")
@allow(Permission.KEYS_MANAGE)
def revoke(number: str) -> ResponseReturnValue:
    """Let a key open nothing any more."""
    known = _get(number)
    with transaction():
        keys.revoke(keys.get_key(known.hall_id, known.number), by=get_staff().id)
    return redirect(url_for(".index", saved=1), 303)


def _get(number: str) -> ApiKey:
    """Return a key of the administrator's hall. Raises NoResultFound."""
    return keys.get_key(get_staff().hall_id, get_number(number))


def _shown_once(key: ApiKey, text: str) -> Response:
    response = make_response(render_template("api/key.html", key=key, text=text))
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(form: KeyForm | RotateForm, key: ApiKey | None = None) -> str:
    hall_id = get_staff().hall_id
    return render_template(
        "api/index.html",
        form=form,
        key=key,
        keys=() if key else keys.list_keys(hall_id),
        makers={person.id: person for person in accounts.list_staff(hall_id)},
        scopes=SCOPES,
        scope_names=SCOPE_NAMES,
        hall=get_current_hall(),
        now=clock.now(),
    )
