"""The steps of the first run as they are typed."""

from collections.abc import Collection
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from wtforms import Field, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from hallapp.accounts.web.forms import NameForm, NewPasswordForm
from hallapp.booking.web.forms import printable
from hallapp.core import clock
from hallapp.core.errors import N_
from hallapp.core.i18n import country_name, language
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.regions import CHINA, time_zones, usual_zone
from hallapp.core.text import tidy
from hallapp.core.web.fields import DayField, WeekdaysField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.first_run import errors
from hallapp.first_run.places import find_places, list_countries
from hallapp.origins import world
from hallapp.origins.errors import OriginSetUnknown
from hallapp.origins.queries import title_of
from hallapp.origins.values import OriginSet, sort_key
from hallapp.schedule.holidays import is_calendar
from hallapp.schedule.models import Hall
from hallapp.schedule.starter import STARTERS, CreateHall

_EARLIEST = date(1800, 1, 1)


class CodeForm(RefusableForm):
    """The one-time code that the terminal shows."""

    code = StringField(
        _l("Setup code"), [InputRequired(_l("Enter the code that was printed in the terminal.")), without_controls]
    )


class StepForm(RefusableForm):
    """A step whose typed texts the browser's session keeps until the last one."""

    def typed(self) -> dict[str, list[str]]:
        """Return the typed texts by field, none longer than its column, to fill the form again."""
        fields = (field for field in self if field.name != "csrf_token")
        return {field.name: [text[: _most_of(field.name)] for text in field.raw_data or ()] for field in fields}


def _most_of(name: str) -> int:
    """Return the number of characters of a field, which may be that of a text in one language, such as `name_en`."""
    columns: Any = Hall.__table__.c
    column = columns.get(name)
    if column is None or name.partition("_")[0] in _TEXTS:
        column = columns.get(name.partition("_")[0])
    kind = getattr(column, "type", None)
    return getattr(kind, "most", None) or getattr(kind, "length", None) or 64


_TEXTS = ("name", "address")


def _limits(name: str) -> dict[str, Any]:
    most = _most_of(name)
    return {"validators": [printable, Length(max=most)], "render_kw": {"maxlength": most}}


def _list_countries() -> list[SelectChoice]:
    named = [(country_name(code), code) for code in list_countries()]
    return [SelectChoice(code, name) for name, code in sorted(named, key=lambda one: sort_key(one[0]))]


class CountryForm(StepForm):
    """The country of the hall, which decides what the next step offers."""

    country = SelectField(_l("Country"), choices=_list_countries, default=CHINA, validate_choice=False)

    def validate_country(self, field: SelectField) -> None:
        """Check that it is one of the list. Raises ValidationError."""
        if field.data not in list_countries():
            raise ValidationError(_("Please choose one of these."))


class HallForm(WithTexts, StepForm):
    """The name of the hall, where it is, and the places that it counts its visitors by."""

    name: Any = TextsField(_l("Name"), **_limits("name"))
    address: Any = TextsField(_l("Address"), **_limits("address"))
    phone = StringField(_l("Phone"), filters=[tidy], **_limits("phone"))
    origin_set = SelectField(_l("Places of origin"), validate_choice=False)
    home_division = SelectField(_l("Place of the hall"), validate_choice=False)
    time_zone = SelectField(_l("Time zone"), validate_choice=False)

    def __init__(self, formdata: Any = None, *, country: str, languages: Collection[str], **kwargs: Any) -> None:
        places = find_places(country)
        usual = {
            "origin_set": places.code if places else world.CODE,
            "home_division": places.home if places else "",
            "time_zone": usual_zone(country) or "",
        }
        super().__init__(formdata, data=usual, languages=languages, **kwargs)
        self.country, self.places = country, places
        sets = [places] if places else []
        self.origin_set.choices = [(one.code, title_of(one)) for one in (*sets, world.make_set(country))]
        self.home_division.choices = [("", _("Choose a place")), *_list_homes(places)]
        zones = time_zones(country) or sorted(available_timezones())
        asked = [] if usual_zone(country) else [("", _("Choose a time zone"))]
        self.time_zone.choices = [*asked, *((zone, zone) for zone in zones)]

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether the step is complete; a hall without any name is refused beside the first field of it."""
        named = {self.name.parts[0].field.name: [self._check_named]}
        valid: bool = super().validate({**(extra_validators or {}), **named})
        return valid

    def _check_named(self, _form: Any, _field: Field) -> None:
        if not self.name.data:
            raise ValidationError(_("Enter the name of the hall in one language at least."))

    def validate_origin_set(self, field: SelectField) -> None:
        """Check that it is one of the list. Raises ValidationError."""
        _check_choice(field, OriginSetUnknown.message)

    def validate_home_division(self, field: SelectField) -> None:
        """Check that it is a place of the set; in the set of the world it is the country. Raises ValidationError."""
        if self.origin_set.data != world.CODE:
            _check_choice(field, N_("Choose the place of the hall."))

    def validate_time_zone(self, field: SelectField) -> None:
        """Check that it is a zone of the country. Raises ValidationError."""
        _check_choice(field, N_("Choose a time zone"))

    def facts(self) -> dict[str, Any]:
        """Return the facts of the new hall; the form must have been found valid."""
        facts = self.fold({field.name: field.data for field in self if field.name != "csrf_token"})
        home = self.country if self.origin_set.data == world.CODE else self.home_division.data
        # Where the place of the hall has public holidays of its own, they are the hall's.
        return facts | {
            "country": self.country,
            "home_division": home,
            "holiday_calendar": home if is_calendar(home) else None,
        }


def _list_homes(places: OriginSet | None) -> list[tuple[str, str]]:
    found = places.choices(language()) if places else ()
    return [(one.code, one.name) for one in found if places and places.division(one.code).is_place]


def _check_choice(field: SelectField, message: str) -> None:
    if not field.data or field.data not in [code for code, _name in field.choices]:
        raise ValidationError(_(message))


class ProgrammesField(SelectMultipleField):  # type: ignore[misc]
    """The programmes that a hall may begin with, as check boxes."""

    data: Any
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, _form: Any) -> None:
        """Refuse a list without any known programme."""
        self.data = [one.slug for one in STARTERS if one.slug in (self.data or ())]
        if not self.data:
            raise ValidationError(_(errors.NoProgramme.message))


class OpeningForm(StepForm):
    """The first open day, the closing days of the week, and the programmes."""

    opened_on = DayField(_l("First open day"))
    closed_weekdays = WeekdaysField(_l("Closing days of the week"))
    programmes = ProgrammesField(
        _l("Programmes"), choices=[SelectChoice(one.slug, one.slug) for one in STARTERS], validate_choice=False
    )

    def check_day(self, today: date) -> None:
        """Refuse a first day that is closed or out of range; past days may be of any weekday.

        Raises:
            FirstDayFar, FirstDayClosed.
        """
        day = self.opened_on.data
        if not _EARLIEST <= day <= clock.months_before(today, -12):
            raise errors.FirstDayFar
        if day >= today and day.weekday() in self.closed_weekdays.chosen:
            raise errors.FirstDayClosed


class AccountForm(NewPasswordForm, NameForm, StepForm):
    """The name and the password of the first administrator."""

    shown_last = "name"


def to_command(hall: HallForm, opening: OpeningForm) -> CreateHall:
    """Return the command for the hall of these valid steps."""
    return CreateHall(
        slug="hall",
        **hall.facts(),
        opened_on=opening.opened_on.data,
        closed_weekdays="".join(str(day) for day in sorted(opening.closed_weekdays.chosen)),
        programmes=tuple(opening.programmes.data),
    )
