"""The form that requests a long list as a file."""

from collections.abc import Sequence
from typing import Any

from wtforms import Field, Form, SelectField
from wtforms.validators import ValidationError

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import DayField, Described, EnumField
from hallapp.kinds.web.current import list_all_options
from hallapp.reports.exports import Format
from hallapp.reports.lists.jobs import FORMS
from hallapp.reports.lists.streams import WHAT_NAMES, Wanted, What
from hallapp.schedule.models import Hall, Programme

_YEARS = range(2000, 2201)


class _Day(DayField):
    """A day of a hall's time."""

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError where no day was given, or one of no hall."""
        super().pre_validate(form)
        if self.data is not None and self.data.year not in _YEARS:
            raise ValidationError(_("Enter a day such as 2026-12-05."))


class ExportForm(Described, Form):  # type: ignore[misc]
    """The form for an export: the list, the days and the file type; optionally one division, programme or kind."""

    what = EnumField(_l("List"), enum=What, names=WHAT_NAMES)
    first = _Day(_l("From day"), name="from")
    last = _Day(_l("To day"), name="to")
    division = SelectField(_l("Place of origin"), default="", validate_choice=False)
    programme = SelectField(_l("Programme"), default="", validate_choice=False)
    kind = SelectField(_l("Kind of organisation"), default="", validate_choice=False)
    form = SelectField(_l("File"), default=Format.XLSX.value, validate_choice=False)

    def offer(self, hall: Hall, programmes: Sequence[Programme]) -> None:
        """Set the options of the hall; the default is the data sheet of all its days."""
        self.programmes = {one.slug: one.id for one in programmes}
        places = ((one.code, one.name) for one in hall.origins.choices(language()) if not one.group)
        self.division.choices = [("", _("All")), *places]
        self.programme.choices = [("", _("All")), *((one.slug, one.name(language())) for one in programmes)]
        self.kind.choices = [("", _("All")), *list_all_options()]
        self.form.choices = [(form.value, form.value.upper()) for form in FORMS]
        if self.what.data is None and not self.what.raw_data:
            self.what.data = What.DATA
        if self.first.data is None and not self.first.raw_data:
            self.first.data = hall.opened_on
        if self.last.data is None and not self.last.raw_data:
            self.last.data = max(hall.today(), hall.opened_on)

    def validate_last(self, field: Field) -> None:
        """Raise ValidationError where the days end before they begin."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("This day is before the first one."))

    def validate_division(self, field: Field) -> None:
        """Check that the division is one of the options. Raises ValidationError."""
        _one_of(field)

    def validate_programme(self, field: Field) -> None:
        """Check that the programme is one of the options. Raises ValidationError."""
        _one_of(field)

    def validate_kind(self, field: Field) -> None:
        """Check that the kind is one of the options. Raises ValidationError."""
        _one_of(field)

    def validate_form(self, field: Field) -> None:
        """Check that the format is one of the options. Raises ValidationError."""
        _one_of(field)

    def to_wanted(self) -> Wanted:
        """Return the selection of rows. The form must have been found valid."""
        return Wanted(
            what=self.what.data,
            first=self.first.data,
            last=self.last.data,
            division=self.division.data or None,
            programme_id=self.programmes[self.programme.data] if self.programme.data else None,
            kind=self.kind.data or None,
        )


def _one_of(field: Field) -> None:
    if field.data not in {value for value, _name in field.choices}:
        raise ValidationError(_("Please choose one of these."))
