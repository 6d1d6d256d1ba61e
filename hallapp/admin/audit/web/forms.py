"""What somebody looks for in the audit trail; it stands in the address, which so can be kept and sent on."""

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

COMMAND = "0"  # stands for whatever no person did
_YEARS = range(2000, 2201)  # far more than any trail


class _OptionalDay(DayField):
    """A day, or none."""

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError for a day of no trail."""
        if self.data is not None and self.data.year not in _YEARS:
            raise ValidationError(_("Write a day such as 2026-12-05."))


class TrailForm(Described, Form):  # type: ignore[misc]
    """The filters: who, what, on which days, and to what."""

    who = SelectField(_l("By whom"), default="", validate_choice=False)
    action = SelectField(_l("What"), default="", validate_choice=False)
    since = _OptionalDay(_l("From day"), name="from")
    until = _OptionalDay(_l("To day"), name="to")
    subject = StringField(
        _l("To what"),
        filters=[tidy],
        validators=[typable, Length(max=80, message=_l("Please shorten this to %(max)d characters."))],
        render_kw={"maxlength": 80, "autocomplete": "off"},
    )

    def offer(self, people: Sequence[Staff]) -> None:
        """Offer everybody who works or worked here, and everything that can be done."""
        self.who.choices = [("", _("Anybody")), (COMMAND, _("A command")), *((str(one.id), one.name) for one in people)]
        known = sorted(((action, action_name(action)) for action in ACTIONS), key=lambda one: one[1])
        asked = self.action.data
        unknown = [(asked, asked)] if asked and asked not in ACTIONS and asked.isprintable() else []
        self.action.choices = [("", _("Anything")), *known, *unknown]

    def validate_who(self, field: Field) -> None:
        """Raises ValidationError for nobody of this hall."""
        if field.data and field.data not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def validate_action(self, field: Field) -> None:
        """Raises ValidationError for what no trail can hold."""
        if field.data and (len(field.data) > 40 or not field.data.isprintable()):
            raise ValidationError(_("Please choose one of these."))

    def validate_until(self, field: Field) -> None:
        """Raises ValidationError where the days end before they begin."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_("This day lies before the first one."))

    def to_trail(self, zone: str) -> Trail:
        """What to look for; days are the hall's. The form must have been found valid."""
        return Trail(
            staff_id=int(self.who.data) if self.who.data else None,
            action=self.action.data or None,
            subject=self.subject.data or None,
            since=_begin(self.since.data, zone) if self.since.data else None,
            until=_begin(self.until.data + timedelta(days=1), zone) if self.until.data else None,
        )


def _begin(day: date, zone: str) -> Any:
    return clock.at(day, time.min, zone)
