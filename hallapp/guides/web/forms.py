"""The manager's forms for guides, and their conversion to commands."""

from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any

from wtforms import BooleanField, Field, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import ValidationError

from hallapp.accounts.models import Staff
from hallapp.booking import tours
from hallapp.booking.models import TOUR_LANGUAGE_NAMES, TourLanguage
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import DayField, TimeOfDayField
from hallapp.core.web.forms import RefusableForm
from hallapp.guides.models import Duty, Guide
from hallapp.guides.service import NAME_LENGTH, AddLeave, GuideFacts, SetPattern
from hallapp.schedule.models import Programme

NOTE_LENGTH = 100
_DIGITS_MOST = 9
Span = tuple[int, time, time]


def number_in(typed: str | None) -> int | None:
    """Return the number of a row, or None for a text that is not one."""
    text = typed or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS_MOST else None


class _GuidesForm(RefusableForm):
    """A form of a guide's page; a refusal that asks for a tick is shown above the form."""

    def field_of(self, error: DomainError) -> Field | None:
        """Return the field beside which a refusal is shown, or None if it is shown above the form."""
        return None if error.field == "unassign" else super().field_of(error)


class _LastDayField(DayField):
    """A day that may be left out."""

    def pre_validate(self, _form: Any) -> None:
        """Accept an empty value."""


def _typable(_form: Any, field: Any) -> None:
    """Refuse invisible characters. Raises ValidationError."""
    if not (field.data or "").isprintable():
        field.data = "".join(character for character in field.data if character.isprintable())
        raise ValidationError(_("Please write this in letters and digits."))


class GuideForm(_GuidesForm):
    """The form for a guide: name, languages, programmes, and the account."""

    name = StringField(_l("Guide’s name"), [_typable], filters=[tidy], render_kw={"maxlength": NAME_LENGTH})
    languages = SelectMultipleField(
        _l("Languages"),
        choices=[SelectChoice(one.value, _l(name)) for one, name in TOUR_LANGUAGE_NAMES.items()],
        validate_choice=False,
    )
    programmes = SelectMultipleField(_l("Programmes"), validate_choice=False)
    account = SelectField(_l("Account"), validate_choice=False)
    active = BooleanField(_l("Leads groups here"))
    last_day = _LastDayField(_l("Last day as a guide"))
    unassign = BooleanField(_l("Take these groups off the guide, so that they need a guide again"))

    def offer(self, programmes: Sequence[Programme], accounts: Iterable[Staff]) -> "GuideForm":
        """Set the options."""
        self.programmes.choices = [SelectChoice(one.slug, one.name(language())) for one in programmes]
        people = [SelectChoice(str(one.id), one.name) for one in accounts]
        self.account.choices = [SelectChoice("", _("None: this guide does not sign in")), *people]
        return self

    @classmethod
    def of(cls, guide: Guide | None, *, pages: str = "") -> "GuideForm":
        """Return the form with the guide's present values; a new one speaks the language of the hall's `pages`."""
        if guide is None:
            spoken = tours.of_pages(pages)
            chosen = [spoken.value] if spoken else []
            return cls(formdata=None, data={"languages": chosen, "active": True, "account": ""})
        data = {
            "name": guide.name,
            "languages": list(guide.language_codes),
            "programmes": [each.programme.slug for each in guide.knows],
            "account": str(guide.staff_id or ""),
            "active": guide.active,
            "last_day": guide.last_day,
        }
        return cls(formdata=None, data=data)

    def validate_languages(self, field: SelectMultipleField) -> None:
        """Languages that there are. Raises ValidationError."""
        self._check_choice(field, field.data)

    def validate_programmes(self, field: SelectMultipleField) -> None:
        """Programmes of the hall. Raises ValidationError."""
        self._check_choice(field, field.data)

    def validate_account(self, field: SelectField) -> None:
        """Check that the account is one of the hall, or none. Raises ValidationError."""
        self._check_choice(field, [field.data or ""])

    def _check_choice(self, field: Any, chosen: Sequence[str]) -> None:
        if not set(chosen) <= {choice.value for choice in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def to_command(self, *, hall_id: int, by: int) -> GuideFacts:
        """Return the command for the service. The form must have been found valid."""
        return GuideFacts(
            hall_id=hall_id,
            by=by,
            name=self.name.data,
            languages=tuple(TourLanguage(one) for one in self.languages.data),
            programmes=tuple(dict.fromkeys(self.programmes.data)),
            staff_id=number_in(self.account.data),
            active=self.active.data,
            last_day=self.last_day.data,
        )


class PatternForm(_GuidesForm):
    """The hours of duty of a week: two times from and to on each day."""

    valid_from = DayField(_l("From the day"))
    valid_until = _LastDayField(_l("Until the day"))
    unassign = BooleanField(_l("Take these groups off the guide, so that they need a guide again"))

    @classmethod
    def of(cls, duties: Iterable[Duty], *, today: date) -> "PatternForm":
        """Return the form with the hours that hold on a day's week; further times of a day than two are left out."""
        data: dict[str, Any] = {"valid_from": today}
        lines = [one for one in duties if one.valid_from <= today and (one.valid_until or today) >= today]
        for weekday in range(7):
            for part, line in zip(PARTS, [one for one in lines if one.weekday == weekday], strict=False):
                data |= {f"d{weekday}{part}_from": line.starts, f"d{weekday}{part}_to": line.ends}
        return cls(formdata=None, data=data)

    def times(self, weekday: int) -> list[Any]:
        """Return the four fields of a weekday."""
        return [self[f"d{weekday}{part}_{end}"] for part in PARTS for end in ("from", "to")]

    def day_problems(self, weekday: int) -> list[str]:
        """Return the errors in the times of a weekday, each once."""
        return list(dict.fromkeys(str(error) for field in self.times(weekday) for error in field.errors))

    def validate(self, extra_validators: Any = None) -> bool:
        """Require an end for each time that begins."""
        right = bool(super().validate(extra_validators))
        for weekday in range(7):
            fields = self.times(weekday)
            for begins, ends in (fields[:2], fields[2:]):
                if bool(begins.data) != bool(ends.data) and not (begins.errors or ends.errors):
                    (begins if ends.data else ends).errors = [_("Enter both: from and to.")]
                    right = False
        return right

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside its field; an error of a weekday is shown beside that weekday."""
        if (error.field or "").startswith("day_"):
            error.field = f"d{str(error.field)[4:]}a_to"
        super().refuse(error)

    def to_command(self, *, hall_id: int, by: int, guide_id: int) -> SetPattern:
        """Return the command for the service. The form must have been found valid."""
        spans: list[Span] = []
        for weekday in range(7):
            fields = self.times(weekday)
            spans += [
                (weekday, begins.data, ends.data)
                for begins, ends in (fields[:2], fields[2:])
                if begins.data is not None and ends.data is not None
            ]
        return SetPattern(
            hall_id=hall_id,
            by=by,
            guide_id=guide_id,
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            spans=tuple(spans),
        )


PARTS = ("a", "b")
for _weekday in range(7):
    for _part in PARTS:
        for _end, _label in (("from", _l("from")), ("to", _l("until"))):
            setattr(PatternForm, f"d{_weekday}{_part}_{_end}", TimeOfDayField(_label, required=False))


class LeaveForm(_GuidesForm):
    """Days on which a guide is away."""

    first = DayField(_l("First day"))
    last = DayField(_l("Last day"))
    note = StringField(_l("Note"), [_typable], filters=[tidy], render_kw={"maxlength": NOTE_LENGTH})
    unassign = BooleanField(_l("Take these groups off the guide, so that they need a guide again"))

    def validate_note(self, field: StringField) -> None:
        """Require one line. Raises ValidationError."""
        if len(field.data) > NOTE_LENGTH:
            raise ValidationError(_("Please shorten this to %(max)d characters.", max=NOTE_LENGTH))

    def to_command(self, *, hall_id: int, by: int, guide_id: int) -> AddLeave:
        """Return the command for the service. The form must have been found valid."""
        return AddLeave(
            hall_id=hall_id,
            by=by,
            guide_id=guide_id,
            first=self.first.data,
            last=self.last.data,
            note=self.note.data,
        )
