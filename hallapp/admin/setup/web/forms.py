"""The settings as they are typed, and the values that they become."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, Form, FormField, SelectField, StringField
from wtforms.validators import ValidationError
from wtforms.widgets import ColorInput

from hallapp.admin.setup.weeks import WeekRow
from hallapp.booking.access import ACCESS_NEED_NAMES
from hallapp.booking.web.forms import printable
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import installed, language, name_of, region
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web import languages
from hallapp.core.web.fields import (
    DayField,
    Described,
    EnumField,
    LanguagesField,
    LineList,
    NumberField,
    TicksField,
    TimeOfDayField,
    WeekdaysField,
)
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.schedule.models import DayRule, Hall, Mode, Programme
from hallapp.schedule.policy import Confirmation, DoorRule, NameList, ProofOfWork
from hallapp.schedule.service import TemplateLine

MAX_ROWS = 60
_NEW = "new"  # part of the address of the page that adds a programme


CONFIRMATION_NAMES = {
    Confirmation.AT_ONCE: _l("At once: the booking is valid as soon as it is submitted"),
    Confirmation.REVIEW: _l("After review: the booking is valid once the hall accepts it"),
}
NAME_LIST_NAMES = {
    NameList.NONE: _l("None: only how many people come, and from where"),
    NameList.OPTIONAL: _l("Optional: the organiser may hand in the names"),
}
DAY_RULE_NAMES = {
    DayRule.AS_USUAL: _l("As on its weekday"),
    DayRule.OPEN: _l("Open, also on a closing day"),
    DayRule.CLOSED: _l("Closed"),
}
DOOR_RULE_NAMES = {
    DoorRule.WARN: _l("The desk shows a warning and admits the group with one more touch"),
    DoorRule.MANAGER: _l("A manager admits the group and gives a reason"),
}
PROOF_OF_WORK_NAMES = {
    ProofOfWork.OFF: _l("Off"),
    ProofOfWork.BUSY: _l("When many bookings come in"),
    ProofOfWork.ALWAYS: _l("For every online booking"),
}
MODE_NAMES = {Mode.ON_SITE: _l("On site"), Mode.ONLINE: _l("Online: nobody is counted as being inside")}


def _text(label: Any) -> StringField:
    return StringField(label, filters=[tidy], validators=[printable])


def _long_texts(label: Any) -> TextsField:
    return TextsField(label, long=True, validators=[printable])


class SettingsForm(WithTexts, RefusableForm):
    """A settings form: a refusal is shown beside its field, and a list above the form links to each."""

    def field_of(self, error: DomainError) -> Field | None:
        """Return the field beside which a refusal is shown; one about a whole list of lines is shown above the form."""
        field = super().field_of(error)
        return None if isinstance(field, FieldList) else field

    def values(self) -> dict[str, Any]:
        """Return the typed values by column name. The form must have been found valid."""
        return self.fold({field.name: field.data for field in self if field.name != "csrf_token"})


class HallForm(SettingsForm):
    """The form for the hall's details as visitors read them, in each of its languages."""

    name = TextsField(_l("Name"), validators=[printable])
    phone = _text(_l("Phone"))
    offered = LanguagesField(_l("Languages of the pages"))
    first_language = SelectField(_l("First language"), validate_choice=False)
    accent = StringField(_l("Accent colour"), filters=[tidy, visible], widget=ColorInput())
    address = TextsField(_l("Address"), validators=[printable])
    directions = _long_texts(_l("Directions"))
    intro = _long_texts(_l("Introduction"))
    coach = _long_texts(_l("Coaches"))
    access = _long_texts(_l("Access without barriers"))
    notice = _long_texts(_l("Notice"))
    bring = _long_texts(_l("What to bring"))
    late = _long_texts(_l("If the group is late"))
    pass_note = _long_texts(_l("Note on the pass"))
    appeal = _long_texts(_l("How to appeal"))

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> "HallForm":
        """Return the form as it was sent; a language that was ticked now has its fields too."""
        ticked = [one for one in form.getlist("offered") if one in installed()]
        return cls(form, languages=dict.fromkeys((*languages.offered(), *ticked)))._with_choices()

    @classmethod
    def of(cls, hall: Hall) -> "HallForm":
        """Return the form with the hall's present values."""
        present = {"offered": list(hall.language_codes), "first_language": hall.language_codes[0]}
        return cls(formdata=None, obj=hall, data=present)._with_choices()

    def _with_choices(self) -> "HallForm":
        self.first_language.choices = [(code, name_of(code)) for code in installed()]
        return self

    def validate_first_language(self, field: Field) -> None:
        """Check that the first language is one of those that are offered. Raises ValidationError."""
        if self.offered.chosen and field.data not in self.offered.chosen:
            raise ValidationError(_("Choose one of the ticked languages."))

    def values(self) -> dict[str, Any]:
        """Return the typed values by column name. The form must have been found valid."""
        found = super().values()
        first, ticked = found.pop("first_language"), found.pop("offered")
        return found | {"languages": tuple(dict.fromkeys([first, *ticked]))}


#: The limits of which an empty field is stored as 0: no limit, or no such groups.
_LIMITS = ("large_group_max", "open_per_phone", "open_per_organisation", "network_places", "brake_per_hour")


class PolicyForm(SettingsForm):
    """Show the rules of the hall."""

    group_min = NumberField(_l("Smallest group"))
    group_max = NumberField(_l("Largest group"))
    large_group_max = NumberField(_l("Largest group in several parts"), required=False)
    days_ahead = NumberField(_l("Booking window"))
    release_time = TimeOfDayField(_l("Daily release time"))
    notice_hours = NumberField(_l("Minimum notice"))
    confirmation = EnumField(_l("When a booking is confirmed"), enum=Confirmation, names=CONFIRMATION_NAMES)
    change_hours = NumberField(_l("Deadline for changes and cancelling"))
    offer_hours = NumberField(_l("Time to accept an offer"))
    name_list = EnumField(_l("List of real names"), enum=NameList, names=NAME_LIST_NAMES)
    closed_weekdays = WeekdaysField(_l("Closing days of the week"))
    holidays = EnumField(_l("On a public holiday"), enum=DayRule, names=DAY_RULE_NAMES)
    makeup_days = EnumField(_l("On a make-up working day"), enum=DayRule, names=DAY_RULE_NAMES)
    inside_capacity = NumberField(_l("People inside at once"), required=False)
    guides_on_duty = NumberField(_l("Guides on duty at once"), required=False)
    early_minutes = NumberField(_l("Earliest early arrival"), required=False)
    late_minutes = NumberField(_l("Latest late arrival"), required=False)
    door_rule = EnumField(_l("Groups that arrive early or late"), enum=DoorRule, names=DOOR_RULE_NAMES)
    ask_over_percent = NumberField(_l("More than booked, by this share"))
    ask_over_people = NumberField(_l("And by more than this many people"))
    ask_walk_in = NumberField(_l("Walk-in of more than"), required=False)
    open_per_phone = NumberField(_l("Open bookings per phone number"), required=False)
    open_per_organisation = NumberField(_l("Open bookings per organisation"), required=False)
    network_places = NumberField(_l("Places per network and day"), required=False)
    brake_per_hour = NumberField(_l("Online bookings per hour before the limit"), required=False)
    brake_hold_hours = NumberField(_l("How long a request holds its places while bookings are limited"))
    proof_of_work = EnumField(
        _l("Computing check against automated bookings"), enum=ProofOfWork, names=PROOF_OF_WORK_NAMES
    )
    confirm_by_code = BooleanField(_l("Confirm each online booking with a code"))
    line_on = BooleanField(_l("Let visitors wait in a line at the release hour"))
    line_opens = TimeOfDayField(_l("The line opens at"))
    line_per_minute = NumberField(_l("People let in per minute"))
    access_needs = TicksField(_l("Access needs asked for with a booking"), names=ACCESS_NEED_NAMES)
    retention_months = NumberField(_l("Contact details are kept for"))

    def values(self) -> dict[str, Any]:
        """Return the typed values by column name. The form must have been found valid."""
        no_limit = {name: getattr(self, name).data or 0 for name in _LIMITS}
        chosen = {"closed_weekdays": self.closed_weekdays.chosen, "access_needs": self.access_needs.chosen}
        return super().values() | no_limit | chosen

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not region().in_china:  # only China has them; the hall's rule stays as it is
            del self.makeup_days


_AS_HALL = _l("Same as the hall")


class ProgrammeForm(SettingsForm):
    """A programme; a rule that is left empty is the hall's."""

    name = TextsField(_l("Name"), validators=[printable])
    about = _long_texts(_l("A one-sentence description"))
    minutes = NumberField(_l("Length of a visit"))
    guides = NumberField(_l("Guides for each group"))
    mode = EnumField(_l("Where it takes place"), enum=Mode, names=MODE_NAMES)
    active = BooleanField(_l("Offered for booking"))
    educational = BooleanField(_l("An educational activity, for the reporting sheet of the year"))
    no_shows_count = BooleanField(_l("Staying away counts as a no-show"))
    group_min = NumberField(_l("Smallest group"), required=False)
    group_max = NumberField(_l("Largest group"), required=False)
    days_ahead = NumberField(_l("Booking window"), required=False)
    release_time = TimeOfDayField(_l("Daily release time"), required=False)
    notice_hours = NumberField(_l("Minimum notice"), required=False)
    change_hours = NumberField(_l("Deadline for changes and cancelling"), required=False)
    offer_hours = NumberField(_l("Time to accept an offer"), required=False)
    confirmation = EnumField(
        _l("When a booking is confirmed"), enum=Confirmation, names=CONFIRMATION_NAMES, none=_AS_HALL
    )
    name_list = EnumField(_l("List of real names"), enum=NameList, names=NAME_LIST_NAMES, none=_AS_HALL)
    position = NumberField(_l("Position in the list"))


class NewProgrammeForm(ProgrammeForm):
    """A new programme; without a place in the list it comes last."""

    slug = StringField(_l("Web address name"), filters=[tidy, visible])
    position = NumberField(_l("Position in the list"), required=False)

    def validate_slug(self, field: Field) -> None:
        """Raise ValidationError for the one short name that an address of ours has."""
        if field.data == _NEW:
            raise ValidationError(_("This name is used by hallapp itself. Please choose another one."))


class RowForm(Described, Form):  # type: ignore[misc]
    """One time of day on some weekdays."""

    weekdays = WeekdaysField(_l("Weekdays"))
    starts = TimeOfDayField(_l("Start"))
    places = NumberField(_l("Places"))
    guides = NumberField(_l("Guides"), required=False)

    @property
    def blank(self) -> bool:
        """Return whether nothing was typed here; ticks alone are no line."""
        fields = (self.starts, self.places, self.guides)
        return not any(text.strip() for field in fields for text in field.raw_data or ())

    def validate_weekdays(self, field: WeekdaysField) -> None:
        """Raise ValidationError where no day was ticked."""
        if not field.chosen:
            raise ValidationError(_("Tick at least one weekday."))


def _programmes() -> list[tuple[str, str]]:
    return [("", _("The hall: every programme without a template of its own"))]


class WeekForm(SettingsForm):
    """A weekly template: whose it is, from when on it holds, and its times by rows."""

    programme = SelectField(_l("Template of"), choices=_programmes, validate_choice=False)
    valid_from = DayField(_l("Valid from"))
    nothing = BooleanField(_l("No times from this day on: nothing is offered"))
    rows = LineList(FormField(RowForm), max_entries=MAX_ROWS)

    def offer_programmes(self, programmes: Iterable[Programme]) -> None:
        """Let it be the week of one of these."""
        reader = language()
        self.programme.choices = [*_programmes(), *((one.slug, one.name(reader)) for one in programmes)]

    def validate_programme(self, field: Field) -> None:
        """Raise ValidationError for a programme that the hall does not have."""
        if field.data not in dict(field.choices):
            raise ValidationError(_("Please choose one of these."))

    def apply_change(self, pressed: Mapping[str, str]) -> bool:
        """Carry out the action of a button other than “Save”; return False if “Save” was pressed."""
        if "add_row" in pressed:
            if len(self.rows) < MAX_ROWS:
                last = self.rows.entries[-1].form if len(self.rows) else None
                self.rows.append_entry(_like(last))
        elif "remove_row" in pressed:
            self.rows.entries = [row for row in self.rows if row.short_name != pressed["remove_row"]]
        else:
            return False
        return True

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything; rows in which nothing was typed do not count."""
        self.rows.entries = [row for row in self.rows if not row.form.blank]
        good = bool(super().validate(extra_validators))
        if not len(self.rows) and not self.nothing.data:
            self.form_errors.append(_("Add at least one time, or tick that nothing is offered."))
            return False
        if len(self.rows) and self.nothing.data:
            self.nothing.errors = [_("There are times below. Remove them, or untick this.")]
            return False
        return good

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of the element beside which it is shown, in the order of the form."""
        for field in (self.programme, self.valid_from, self.nothing):
            yield from ((field.id, str(message)) for message in field.errors)
        for row in self.rows:
            for field in row.form:
                yield from ((field.id, str(message)) for message in field.errors)
        yield from (("times", str(message)) for message in self.form_errors)

    def lines(self) -> tuple[TemplateLine, ...]:
        """Return the lines for the service, one for each weekday. The form must have been found valid."""
        return tuple(
            TemplateLine(weekday, row.form.starts.data, row.form.places.data, row.form.guides.data or 0)
            for row in self.rows
            for weekday in sorted(row.form.weekdays.chosen)
        )


def week_form(*, programme: str, valid_from: date, rows: Iterable[WeekRow]) -> WeekForm:
    """Return a form that is filled with these rows."""
    filled = [_filled(row.weekdays, row.starts, row.places, row.guides) for row in rows]
    data = {"programme": programme, "valid_from": valid_from, "rows": filled}
    return WeekForm(formdata=None, data=data)


def _filled(weekdays: Iterable[int], starts: time | None, places: int | None, guides: int | None) -> dict[str, Any]:
    return {"weekdays": [str(day) for day in weekdays], "starts": starts, "places": places, "guides": guides}


def _like(row: RowForm | None) -> dict[str, Any]:
    """Return the start values of a new row: the days, places and guides of the row above, and no time."""
    if row is None:
        return _filled(range(7), None, None, None)
    return _filled(row.weekdays.chosen, None, row.places.data, row.guides.data)
