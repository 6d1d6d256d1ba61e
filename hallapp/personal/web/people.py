"""The administrators' page of requests of a person: find their data, export it, erase it."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length, ValidationError

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import phones
from hallapp.booking.lifecycle import By
from hallapp.booking.models import Actor
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.i18n import translate
from hallapp.core.text import tidy
from hallapp.core.web.access import allow
from hallapp.core.web.fields import without_controls
from hallapp.core.web.forms import RefusableForm, attempt, submit_form
from hallapp.core.web.responses import private
from hallapp.notifications.web.forms import kind_name
from hallapp.personal import export, finding, service
from hallapp.personal.errors import NothingChosen, NothingGiven, NotSure
from hallapp.personal.export import Found
from hallapp.personal.finding import PersonTerms
from hallapp.personal.web.own import send_zip
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("people", __name__)

_LONGEST = 100
_MOST_DIGITS = 9
_TICKS = ("booking", "person", "walk_in", "talk", "block", "message")


class PersonForm(RefusableForm):
    """The form that describes the person who asks."""

    phone = StringField(_l("Phone"), filters=[tidy], validators=[without_controls, Length(max=_LONGEST)])
    email = StringField(_l("E-mail"), filters=[tidy], validators=[without_controls, Length(max=_LONGEST)])
    name = StringField(_l("Name of the person"), filters=[tidy], validators=[without_controls, Length(max=_LONGEST)])

    def validate_phone(self, field: StringField) -> None:
        """Read the phone as the booking page does. Raises ValidationError."""
        self.number = ""
        if field.data:
            try:
                self.number = phones.parse(field.data)
            except ValueError:
                raise ValidationError(_("Enter the whole phone number.")) from None

    def to_terms(self) -> PersonTerms:
        """Return the terms. The form must have been found valid. Raises NothingGiven."""
        terms = PersonTerms(phone=self.number, email=self.email.data or "", name=self.name.data or "")
        if not terms:
            raise NothingGiven
        return terms


@blueprint.get("/admin/people")
@allow(Permission.PERSONAL_DATA)
def index() -> ResponseReturnValue:
    """Show the search for a person."""
    return _page(PersonForm(formdata=None))


@blueprint.post("/admin/people")
@allow(Permission.PERSONAL_DATA)
def find() -> ResponseReturnValue:
    """Show what the hall stores about a person; the audit log gets the kinds of terms, and not the terms."""
    form = PersonForm(request.form)

    def search() -> ResponseReturnValue:
        hall, terms = get_current_hall(), form.to_terms()
        given = [name for name in ("phone", "email", "name") if getattr(terms, name)]
        with transaction():
            service.record(hall, "personal_data_searched", {"fields": given}, by=_by())
        return _page(form, found=finding.find(hall, terms), terms=terms)

    return submit_form(form, search, lambda: _page(form))


@blueprint.post("/admin/people/export")
@allow(Permission.PERSONAL_DATA)
def export_data() -> ResponseReturnValue:
    """Send the ticked entries as a file."""

    def write() -> ResponseReturnValue:
        hall, found = get_current_hall(), _chosen()
        content = export.write(hall, found)
        with transaction():
            service.record(hall, "personal_data_exported", service.count(found), by=_by())
        return send_zip(content, hall.slug)

    return attempt(write, _again)


@blueprint.post("/admin/people/erase")
@allow(Permission.PERSONAL_DATA)
def erase() -> ResponseReturnValue:
    """Erase the ticked entries; visits that are still to come are cancelled."""

    def erase_data() -> ResponseReturnValue:
        with transaction():
            found = _chosen()
            if not request.form.get("sure"):
                raise NotSure
            service.erase(get_current_hall(), found, by=_by())
        return redirect(url_for(".index", erased=1), 303)

    return attempt(erase_data, _again)


def _by() -> By:
    return By(actor=Actor.STAFF, staff_id=get_staff().id)


def _chosen() -> Found:
    """Return the ticked entries of this hall. Raises NothingChosen."""
    found = finding.choose(
        get_current_hall(),
        bookings=[one for one in request.form.getlist("booking") if "\0" not in one],
        people=_numbers_in("person"),
        walk_ins=_numbers_in("walk_in"),
        talks=_numbers_in("talk"),
        entries=_numbers_in("block"),
        messages=_numbers_in("message"),
    )
    if not found:
        raise NothingChosen
    return found


def _numbers_in(name: str) -> list[int]:
    """Return the numbers of ticked rows; what is no number belongs to no row."""
    typed = request.form.getlist(name)
    return [int(one) for one in typed if one.isascii() and one.isdecimal() and len(one) <= _MOST_DIGITS]


def _again(error: DomainError) -> Response:
    """Return the results once more with the ticks; the search travels along in hidden fields."""
    form = PersonForm(request.form)
    found = finding.find(get_current_hall(), form.to_terms()) if form.validate() and _is_given(form) else None
    return _page(form, found=found, refusal=error)


def _is_given(form: PersonForm) -> bool:
    return any(field.data for field in (form.phone, form.email, form.name))


def _page(
    form: PersonForm,
    *,
    found: Found | None = None,
    terms: PersonTerms | None = None,
    refusal: DomainError | None = None,
) -> Response:
    shown = {
        "form": form,
        "found": found,
        "terms": terms,
        "visits": finding.visits_of(found) if found else {},
        "days": finding.days_of(found) if found else {},
        "most": finding.MOST,
        "kind_name": kind_name,
        "ticked": {(name, one) for name in _TICKS for one in request.form.getlist(name)},
        "refusal": translate(refusal) if refusal else "",
    }
    return private(render_template("personal/people.html", **shown))
