"""The search form of the audit trail; its fields are in the address, so the address can be kept and shared."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any

from wtforms import Field, Form, SelectField, StringField
from wtforms.validators import Length, ValidationError

from hallapp.accounts.models import Staff
from hallapp.accounts.queries import Trail
from hallapp.accounts.web.forms import typable
from hallapp.admin.audit.words import ACTIONS, action_name
from hallapp.core import clock
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import DayField, Described

COMMAND = "0"  # commands and other actions without a person
_YEARS = range(2000, 2201)  # far more than any audit trail has


class _OptionalDay(DayField):
    """A day, or none."""

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError for a day of no trail."""
        if self.data is not None and self.data.year not in _YEARS:
            raise ValidationError(_("Enter a day such as 2026-12-05."))


class TrailForm(Described, Form):  # type: ignore[misc]
    """The filters of the audit log: person, action, days and object."""

    who = SelectField(_l("Done by"), default="", validate_choice=False)
    action = SelectField(_l("Action"), default="", validate_choice=False)
    since = _OptionalDay(_l("From day"), name="from")
    until = _OptionalDay(_l("To day"), name="to")
    subject = StringField(
        _l("Object"),
        filters=[tidy],
        validators=[typable, Length(max=80, message=_l("Please shorten this to %(max)d characters."))],
        render_kw={"maxlength": 80, "autocomplete": "off"},
    )

    def offer(self, people: Sequence[Staff]) -> None:
        """Set the options: all present and former staff, and all actions."""
        self.who.choices = [("", _("Anybody")), (COMMAND, _("A command")), *((str(one.id), one.name) for one in people)]
        known = sorted(((action, action_name(action)) for action in ACTIONS), key=lambda one: one[1])
        asked = self.action.data
        unknown = [(asked, asked)] if asked and asked not in ACTIONS and asked.isprintable() else []
        self.action.choices = [("", _("Anything")), *known, *unknown]

    def validate_who(self, field: Field) -> None:
        """Check that the person belongs to this hall. Raises ValidationError."""
        if field.data and field.data not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def validate_action(self, field: Field) -> None:
        """Raise ValidationError for values that cannot occur in an audit trail."""
        if field.data and (len(field.data) > 40 or not field.data.isprintable()):
            raise ValidationError(_("Please choose one of these."))

    def validate_until(self, field: Field) -> None:
        """Raise ValidationError where the days end before they begin."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("This day is before the first one."))

    def to_trail(self, zone: str) -> Trail:
        """Return the selection of entries; days are the hall's. The form must have been found valid."""
        return Trail(
            staff_id=int(self.who.data) if self.who.data else None,
            action=self.action.data or None,
            subject=self.subject.data or None,
            since=_begin(self.since.data, zone) if self.since.data else None,
            until=_begin(self.until.data + timedelta(days=1), zone) if self.until.data else None,
        )


def _begin(day: date, zone: str) -> Any:
    return clock.at(day, time.min, zone)
