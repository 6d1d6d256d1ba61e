"""The page of the hall's place: country, holidays, week, clock, paper, time zone and opening day."""

import hashlib
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import ValidationError

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.admin.setup.web.forms import SettingsForm
from hallapp.admin.web import settle
from hallapp.core.i18n import country_name
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.regions import CHINA, Clock, Paper, countries, usual
from hallapp.core.text import tidy, visible
from hallapp.core.web.access import allow
from hallapp.core.web.fields import DayField, EnumField
from hallapp.core.web.forms import submit_form
from hallapp.schedule import regions
from hallapp.schedule.holidays import NO_HOLIDAYS, list_calendars, name_of_subdivision
from hallapp.schedule.models import Hall
from hallapp.schedule.regions import Moves, SaveRegion
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("region", __name__)

CLOCK_NAMES = {Clock.HOURS_24: _l("24 hours: 14:30"), Clock.HOURS_12: _l("12 hours: 2:30 PM")}
PAPER_NAMES = {Paper.A4: _l("A4"), Paper.LETTER: _l("Letter")}
_AS_USUAL = _l("As usual in the country")
_WEEKDAYS = {0: _l("Monday"), 5: _l("Saturday"), 6: _l("Sunday")}


class RegionForm(SettingsForm):
    """The form for the hall's place. `confirmed` is the digest of the moves that the person has seen."""

    country = SelectField(_l("Country"), validate_choice=False)
    holiday_calendar = SelectField(_l("Public holidays"), validate_choice=False)
    first_weekday = SelectField(_l("First day of the week"), validate_choice=False)
    clock = EnumField(_l("Clock"), enum=Clock, names=CLOCK_NAMES, none=_AS_USUAL)
    paper = EnumField(_l("Paper for printing"), enum=Paper, names=PAPER_NAMES, none=_AS_USUAL)
    time_zone = StringField(_l("Time zone"), filters=[tidy, visible])
    opened_on = DayField(_l("Opening day"))
    confirmed = HiddenField()

    def offer(self) -> "RegionForm":
        """Offer all countries, and the calendars of the chosen one."""
        self.country.choices = sorted(((code, country_name(code)) for code in countries()), key=lambda one: one[1])
        chosen = self.country.data if self.country.data in countries() else CHINA
        self.holiday_calendar.choices = [(NO_HOLIDAYS, _("None")), *_calendar_names(chosen)]
        self.first_weekday.choices = [("", _AS_USUAL), *((str(day), name) for day, name in _WEEKDAYS.items())]
        return self

    def validate_country(self, field: SelectField) -> None:
        """Check that there is such a country. Raises ValidationError."""
        if field.data not in countries():
            raise ValidationError(_("Please choose one of these."))

    def validate_holiday_calendar(self, field: SelectField) -> None:
        """Ask for the calendar where the country has changed. Raises ValidationError."""
        if field.data not in {code for code, _name in field.choices}:
            country = country_name(self.country.data)
            raise ValidationError(_("Choose the public holidays of %(country)s, or none.", country=country))

    def validate_first_weekday(self, field: SelectField) -> None:
        """Check that it is one of the usual first days. Raises ValidationError."""
        if field.data and field.data not in {str(day) for day in _WEEKDAYS}:
            raise ValidationError(_("Please choose one of these."))

    def values(self) -> dict[str, Any]:
        """Return the typed values by column name. The form must have been found valid."""
        found = super().values()
        del found["confirmed"]
        return found | {"first_weekday": int(self.first_weekday.data) if self.first_weekday.data else None}


@blueprint.route("/admin/region", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Change the hall's place; what another time zone or opening day moves is shown first."""
    hall = get_current_hall()
    if request.method == "GET":
        data = {"first_weekday": "" if hall.first_weekday is None else str(hall.first_weekday)}
        form = RegionForm(formdata=None, obj=_Present(hall, data)).offer()
        return _page(hall, form)
    form, staff = RegionForm(request.form).offer(), get_staff()

    def act() -> ResponseReturnValue:
        command = SaveRegion(hall_id=staff.hall_id, by=staff.id, **form.values())
        regions.check(command)
        if _moves_time(get_current_hall(), command):
            seen = _digest(get_current_hall(), command)
            if form.confirmed.data != seen:
                form.confirmed.data = seen
                return _page(get_current_hall(), form, command), 409
        return settle.carry_out(
            command,
            done=lambda: redirect(url_for(".index", saved=1), 303),
            title=_("Change the country, the time zone or the opening day"),
            back=url_for(".index"),
        )

    return submit_form(form, act, lambda: _page(get_current_hall(), form))


class _Present:
    """The hall's values as the form has them."""

    def __init__(self, hall: Hall, changed: Mapping[str, Any]) -> None:
        self._hall, self._changed = hall, changed

    def __getattr__(self, name: str) -> Any:
        return self._changed[name] if name in self._changed else getattr(self._hall, name)


def _page(hall: Hall, form: RegionForm, command: SaveRegion | None = None) -> str:
    return render_template(
        "admin/setup/region.html",
        hall=hall,
        form=form,
        usual=usual(form.country.data) if form.country.data in countries() else None,
        weekday_names=_WEEKDAYS,
        zones=sorted(available_timezones()),
        asked=command,
        moves=regions.preview(hall, command.time_zone) if command else Moves(),
    )


def _moves_time(hall: Hall, command: SaveRegion) -> bool:
    return (hall.time_zone, hall.opened_on) != (command.time_zone, command.opened_on)


def _digest(hall: Hall, command: SaveRegion) -> str:
    """Return a mark of what the person is shown, so that a booking made in the meantime is shown too."""
    shown = (command.time_zone, command.opened_on, regions.preview(hall, command.time_zone))
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def _calendar_names(country: str) -> list[tuple[str, str]]:
    name = country_name(country)
    return [(code, f"{name}: {name_of_subdivision(code)}" if "-" in code else name) for code in list_calendars(country)]
