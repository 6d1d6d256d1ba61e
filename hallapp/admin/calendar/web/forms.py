"""The shape of what a manager types into the calendar, and how it becomes commands."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from flask_wtf import FlaskForm
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from hallapp.core import formats
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import DayField, Described, EnumField, NumberField, TimeOfDayField
from hallapp.schedule.closed_days import SetDays
from hallapp.schedule.models import CalendarDay, DayKind, Programme, Slot
from hallapp.schedule.service import AddSlot, EditSlot, SetDay

_TOO_LONG = _l("Please shorten this to %(max)d characters.")


class Opening(StrEnum):
    """What decides whether a day is open."""

    RULES = "rules"
    OPEN = "open"
    CLOSED = "closed"


class Span(StrEnum):
    """What is done with several days at once."""

    CLOSED = "closed"
    RULES = "rules"


OPENING_NAMES = {
    Opening.RULES: _l("As the rules say"),
    Opening.OPEN: _l("Open by hand"),
    Opening.CLOSED: _l("Closed by hand"),
}
SPAN_NAMES = {Span.CLOSED: _l("Close these days"), Span.RULES: _l("Leave these days to the rules again")}
_DAY_FACTS = ("reason_zh", "reason_en", "inside_capacity", "guides_on_duty", "kind", "name_zh", "name_en")
KIND_NAMES = {DayKind.HOLIDAY: _l("Statutory holiday"), DayKind.MAKEUP: _l("Make-up working day")}


class _Form(FlaskForm):  # type: ignore[misc]
    """A form of the calendar, which shows a refusal of the service beside the field that it is about."""

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside its field, or above the form where it has none."""
        field = getattr(self, error.field or "", None)
        if field is None:
            self.form_errors.append(translate(error))
        else:
            field.errors = [*field.errors, translate(error)]


class _CalendarForm(Described, _Form):
    """One whose fields point at their errors; there is one of its kind on a page."""


def _text(label: str, most: int) -> StringField:
    return StringField(label, filters=[tidy], validators=[Length(max=most, message=_TOO_LONG)])


def _weekdays() -> list[SelectChoice]:
    names = formats.weekdays(language())
    shown = [f"周{name}" for name in names] if language() == "zh" else names
    own = SelectChoice("", _("The day’s own weekday"))
    return [own, *(SelectChoice(str(number), name) for number, name in enumerate(shown))]


class _WithReason(_CalendarForm):
    reason_zh = _text(_l("Reason in Chinese"), 200)
    reason_en = _text(_l("Reason in English"), 200)

    @property
    def reason(self) -> str:
        """The reason in the languages in which it was given, Chinese first."""
        return "\n".join(dict.fromkeys(filter(None, (self.reason_zh.data, self.reason_en.data))))

    def check_reason(self) -> None:
        """Raises ValidationError where there is none at all: visitors are told why."""
        if not self.reason:
            raise ValidationError(_("Give the reason of the closure: visitors read it."))


class DayForm(_WithReason):
    """What is special about one day."""

    opening = EnumField(_l("Open or closed"), enum=Opening, names=OPENING_NAMES)
    like_weekday = SelectField(_l("Follow the times of"), choices=_weekdays, validate_choice=False)
    inside_capacity = NumberField(_l("People inside at once"), required=False)
    guides_on_duty = NumberField(_l("Guides on duty"), required=False)
    kind = EnumField(_l("What the state says of it"), enum=DayKind, names=KIND_NAMES, none=_l("Nothing"))
    name_zh = _text(_l("Name in Chinese"), 40)
    name_en = _text(_l("Name in English"), 60)

    @classmethod
    def of(cls, row: CalendarDay | None) -> "DayForm":
        """The form as the day stands."""
        if row is None:
            return cls(formdata=None, data={"opening": Opening.RULES})
        own = {name: getattr(row, name) for name in _DAY_FACTS}
        opening = Opening.RULES if row.open is None else Opening.OPEN if row.open else Opening.CLOSED
        like = "" if row.like_weekday is None else str(row.like_weekday)
        return cls(formdata=None, data={**own, "opening": opening, "like_weekday": like})

    def validate_like_weekday(self, field: SelectField) -> None:
        """A weekday, or the day's own. Raises ValidationError."""
        if field.data and field.data not in tuple("0123456"):
            raise ValidationError(_("Please choose one of these."))

    def validate_opening(self, field: EnumField) -> None:
        """Who closes a day says why. Raises ValidationError."""
        if field.data is Opening.CLOSED:
            self.check_reason()

    def to_command(self, *, hall_id: int, by: int, day: date) -> SetDay:
        """The command for the service. The form must have been found valid."""
        chosen = {Opening.RULES: None, Opening.OPEN: True, Opening.CLOSED: False}
        return SetDay(
            hall_id=hall_id,
            by=by,
            day=day,
            open=chosen[self.opening.data],
            like_weekday=int(self.like_weekday.data) if self.like_weekday.data else None,
            reason_zh=self.reason_zh.data,
            reason_en=self.reason_en.data,
            inside_capacity=self.inside_capacity.data,
            guides_on_duty=self.guides_on_duty.data,
            kind=self.kind.data,
            name_zh=self.name_zh.data,
            name_en=self.name_en.data,
        )


class DaysForm(_WithReason):
    """Several days that are closed, or left to the rules again, at once."""

    span = EnumField(_l("What to do"), enum=Span, names=SPAN_NAMES)
    first = DayField(_l("First day"))
    last = DayField(_l("Last day"))

    def validate_span(self, field: EnumField) -> None:
        """Who closes days says why. Raises ValidationError."""
        if field.data is Span.CLOSED:
            self.check_reason()

    def to_command(self, *, hall_id: int, by: int) -> SetDays:
        """The command for the service. The form must have been found valid."""
        return SetDays(
            hall_id=hall_id,
            by=by,
            first=self.first.data,
            last=self.last.data,
            closed=self.span.data is Span.CLOSED,
            reason_zh=self.reason_zh.data,
            reason_en=self.reason_en.data,
        )

    def refuse(self, error: DomainError) -> None:
        """As elsewhere; a refusal of one day stands beside the one of the two that it can only be about."""
        if error.field == "day":
            error.field = "first" if error.code == "day_past" else "last"
        super().refuse(error)


class SlotForm(_Form):
    """One slot of the day's table; its errors stand together at the end of its row."""

    open = SelectField(
        _l("Open or closed"),
        choices=[SelectChoice("1", _l("Open")), SelectChoice("0", _l("Closed"))],
        validate_choice=False,
    )
    visitor_capacity = NumberField(_l("Places"))
    guide_capacity = NumberField(_l("Guides"))

    @classmethod
    def of(cls, slot: Slot) -> "SlotForm":
        """The form as the slot stands."""
        places = {"visitor_capacity": slot.visitor_capacity, "guide_capacity": slot.guide_capacity}
        return cls(formdata=None, data={**places, "open": "1" if slot.open else "0"})

    def validate_open(self, field: SelectField) -> None:
        """Open or closed. Raises ValidationError."""
        if field.data not in ("1", "0"):
            raise ValidationError(_("Please choose one of these."))

    def to_command(self, *, hall_id: int, by: int, slot_id: int) -> EditSlot:
        """The command for the service. The form must have been found valid."""
        return EditSlot(
            hall_id=hall_id,
            by=by,
            slot_id=slot_id,
            open=self.open.data == "1",
            visitor_capacity=self.visitor_capacity.data,
            guide_capacity=self.guide_capacity.data,
        )


class ExtraForm(_CalendarForm):
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
        """One of the hall's programmes. Raises ValidationError."""
        if field.data not in [choice.value for choice in field.choices]:
            raise ValidationError(_("Please choose one of these."))

    def to_command(self, *, hall_id: int, by: int, day: date) -> AddSlot:
        """The command for the service. The form must have been found valid."""
        return AddSlot(
            hall_id=hall_id,
            by=by,
            programme=self.programme.data,
            day=day,
            starts=self.starts.data,
            visitor_capacity=self.visitor_capacity.data,
            guide_capacity=self.guide_capacity.data,
        )


class HolidaysForm(_CalendarForm):
    """The year whose statutory holidays shall be written into the calendar."""

    year = NumberField(_l("Year"))

    def validate_year(self, field: NumberField) -> None:
        """A year that can be one. Raises ValidationError."""
        if not field.errors and not 2000 <= (field.data or 0) <= 2200:
            raise ValidationError(_("Choose a year."))
