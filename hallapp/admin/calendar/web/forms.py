"""The manager's forms for the calendar, and their conversion to commands."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField
from wtforms.validators import InputRequired, Length, ValidationError

from hallapp.core import formats
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, region
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import DayField, EnumField, NumberField, TimeOfDayField
from hallapp.core.web.forms import Refusable, RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.schedule.closed_days import SetDays
from hallapp.schedule.models import CalendarDay, DayKind, Programme, Slot
from hallapp.schedule.service import AddSlot, EditSlot, SetDay

_TOO_LONG = _l("Please shorten this to %(max)d characters.")


class Opening(StrEnum):
    """The decision that opens or closes a day."""

    RULES = "rules"
    OPEN = "open"
    CLOSED = "closed"


class Span(StrEnum):
    """The change that applies to several days at once."""

    CLOSED = "closed"
    RULES = "rules"


OPENING_NAMES = {
    Opening.RULES: _l("According to the rules"),
    Opening.OPEN: _l("Opened as an exception"),
    Opening.CLOSED: _l("Closed for the day"),
}
SPAN_NAMES = {Span.CLOSED: _l("Close these days"), Span.RULES: _l("Let these days follow the rules again")}
_DAY_FACTS = ("reason", "inside_capacity", "guides_on_duty", "kind", "name")
KIND_NAMES = {DayKind.HOLIDAY: _l("Public holiday"), DayKind.MAKEUP: _l("Make-up workday")}


def _texts(label: Any, most: int) -> TextsField:
    return TextsField(label, validators=[Length(max=most, message=_TOO_LONG)], render_kw={"maxlength": most})


def _weekdays() -> list[SelectChoice]:
    names = formats.weekdays(language())
    shown = [f"周{name}" for name in names] if language() == "zh" else names
    own = SelectChoice("", _("The usual times of that weekday"))
    return [own, *(SelectChoice(str(number), shown[number]) for number in region().week)]


class _WithReason(WithTexts, RefusableForm):
    reason: Any = _texts(_l("Reason"), 200)

    @property
    def whole_reason(self) -> str:
        """Return the reason in all languages in which it was given, in the hall's order."""
        return "\n".join(dict.fromkeys(self.reason.data.values()))

    def check_reason(self) -> None:
        """Require a reason in some language, because visitors read it. Raises ValidationError."""
        if not self.reason.data:
            raise ValidationError(_("Enter the reason of the closure: visitors will read it."))


class DayForm(_WithReason):
    """The form for the exceptions of one day."""

    opening = EnumField(_l("Open or closed"), enum=Opening, names=OPENING_NAMES)
    like_weekday = SelectField(_l("Follow the times of"), choices=_weekdays, validate_choice=False)
    inside_capacity = NumberField(_l("People inside at once"), required=False)
    guides_on_duty = NumberField(_l("Guides on duty"), required=False)
    kind = EnumField(_l("Public holiday status"), enum=DayKind, names=KIND_NAMES, none=_l("Nothing"))
    name: Any = _texts(_l("Name"), 60)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not region().in_china:  # only China has make-up workdays
            self.kind.choices = [choice for choice in self.kind.choices if choice.value != DayKind.MAKEUP.value]

    @classmethod
    def of(cls, row: CalendarDay | None) -> "DayForm":
        """Return the form with the day's present values."""
        if row is None:
            return cls(formdata=None, data={"opening": Opening.RULES})
        own = {name: getattr(row, name) for name in _DAY_FACTS}
        opening = Opening.RULES if row.open is None else Opening.OPEN if row.open else Opening.CLOSED
        like = "" if row.like_weekday is None else str(row.like_weekday)
        return cls(formdata=None, data={**own, "opening": opening, "like_weekday": like})

    def validate_like_weekday(self, field: SelectField) -> None:
        """Accept a weekday, or the day's own. Raises ValidationError."""
        if field.data and field.data not in tuple("0123456"):
            raise ValidationError(_("Please choose one of these."))

    def validate_opening(self, field: EnumField) -> None:
        """Require a reason where a day is closed. Raises ValidationError."""
        if field.data is Opening.CLOSED:
            self.check_reason()

    def to_command(self, *, hall_id: int, by: int, day: date) -> SetDay:
        """Return the command for the service. The form must have been found valid."""
        chosen = {Opening.RULES: None, Opening.OPEN: True, Opening.CLOSED: False}
        return SetDay(
            hall_id=hall_id,
            by=by,
            day=day,
            open=chosen[self.opening.data],
            like_weekday=int(self.like_weekday.data) if self.like_weekday.data else None,
            reason=self.reason.data,
            inside_capacity=self.inside_capacity.data,
            guides_on_duty=self.guides_on_duty.data,
            kind=self.kind.data,
            name=self.name.data,
        )


class DaysForm(_WithReason):
    """Several days that are closed, or left to the rules again, at once."""

    span = EnumField(_l("Actions"), enum=Span, names=SPAN_NAMES)
    first = DayField(_l("First day"))
    last = DayField(_l("Last day"))

    def validate_span(self, field: EnumField) -> None:
        """Require a reason where days are closed. Raises ValidationError."""
        if field.data is Span.CLOSED:
            self.check_reason()

    def to_command(self, *, hall_id: int, by: int) -> SetDays:
        """Return the command for the service. The form must have been found valid."""
        return SetDays(
            hall_id=hall_id,
            by=by,
            first=self.first.data,
            last=self.last.data,
            closed=self.span.data is Span.CLOSED,
            reason=self.reason.data,
        )

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside its field; a refusal of one day is shown beside the first or the last day."""
        if error.field == "day":
            error.field = "first" if error.code == "day_past" else "last"
        super().refuse(error)


class SlotForm(Refusable, FlaskForm):  # type: ignore[misc]
    """One slot of the day's table; its errors are shown together at the end of its row."""

    open = SelectField(
        _l("Open or closed"),
        choices=[SelectChoice("1", _l("Open")), SelectChoice("0", _l("Closed"))],
        validate_choice=False,
    )
    visitor_capacity = NumberField(_l("Places"))
    guide_capacity = NumberField(_l("Guides"))

    @classmethod
    def of(cls, slot: Slot) -> "SlotForm":
        """Return the form with the slot's present values."""
        places = {"visitor_capacity": slot.visitor_capacity, "guide_capacity": slot.guide_capacity}
        return cls(formdata=None, data={**places, "open": "1" if slot.open else "0"})

    def validate_open(self, field: SelectField) -> None:
        """Open or closed. Raises ValidationError."""
        if field.data not in ("1", "0"):
            raise ValidationError(_("Please choose one of these."))

    def to_command(self, *, hall_id: int, by: int, slot_id: int) -> EditSlot:
        """Return the command for the service. The form must have been found valid."""
        return EditSlot(
            hall_id=hall_id,
            by=by,
            slot_id=slot_id,
            open=self.open.data == "1",
            visitor_capacity=self.visitor_capacity.data,
            guide_capacity=self.guide_capacity.data,
        )


class ExtraForm(RefusableForm):
    """An extra opening on a day."""

    programme = SelectField(
        _l("Programme"), validate_choice=False, validators=[InputRequired(_l("Please choose one of these."))]
    )
    starts = TimeOfDayField(_l("Starts at"))
    visitor_capacity = NumberField(_l("Places"))
    guide_capacity = NumberField(_l("Guides"))

    def offer(self, programmes: Sequence[Programme]) -> "ExtraForm":
        """Let one of these programmes be chosen."""
        self.programme.choices = [SelectChoice(programme.slug, programme.name(language())) for programme in programmes]
        return self

    def validate_programme(self, field: SelectField) -> None:
        """Check that the programme is one of the hall's. Raises ValidationError."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Please choose one of these."))

    def to_command(self, *, hall_id: int, by: int, day: date) -> AddSlot:
        """Return the command for the service. The form must have been found valid."""
        return AddSlot(
            hall_id=hall_id,
            by=by,
            programme=self.programme.data,
            day=day,
            starts=self.starts.data,
            visitor_capacity=self.visitor_capacity.data,
            guide_capacity=self.guide_capacity.data,
        )


class HolidaysForm(RefusableForm):
    """The form for the year whose statutory holidays are written into the calendar."""

    year = NumberField(_l("Year"))

    def validate_year(self, field: NumberField) -> None:
        """Check that the year is possible. Raises ValidationError."""
        if not field.errors and not 2000 <= (field.data or 0) <= 2200:
            raise ValidationError(_("Choose a year."))
