"""The forms of talks: the guest's, the host's and the manager's."""

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, Self

from email_validator import EmailNotValidError
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError

from hallapp.accounts.models import Staff
from hallapp.booking import phones
from hallapp.booking.models import TOUR_LANGUAGE_NAMES
from hallapp.booking.web.forms import mail_address
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web.fields import (
    NumberField,
    SelectField,
    TicksField,
    TimeOfDayField,
    WeekdaysField,
    without_controls,
)
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.core.web.rownumbers import find_number
from hallapp.schedule.models import Hall, Programme
from hallapp.talks import models
from hallapp.talks.hosts import SaveHost, SaveRules, Span
from hallapp.talks.models import MODE_NAMES, TalkHost, TalkMode, TalkSetting
from hallapp.talks.service import BookTalk

_INSTANT = re.compile(r"[0-9]{8}T[0-9]{4}", re.ASCII)
_FORMAT = "%Y%m%dT%H%M"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOST = 1000
_MOST_DAYS_OFF = 100
PERIODS = (1, 2, 3)
_CHOOSE = _l("Please choose one of these.")


def shown_instant(instant: datetime) -> str:
    """Return an instant as addresses of this room give it, in UTC."""
    return f"{instant.astimezone(UTC):{_FORMAT}}"


def read_instant(typed: str) -> datetime | None:
    """Return the instant that an address gives, or None."""
    if not _INSTANT.fullmatch(typed):
        return None
    try:
        return datetime.strptime(typed, _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def _limits(most: int) -> list[Any]:
    return [without_controls, Length(max=most, message=_l("Please shorten this to %(max)d characters."))]


def _check_email(field: Field) -> None:
    try:
        if field.data:
            mail_address(field.data)
    except EmailNotValidError:
        raise ValidationError(_("Please check this address. It should look like name@example.com.")) from None


class TalkForm(RefusableForm):
    """The guest's form; time, host, mode and language come from the address."""

    submission = HiddenField(default=lambda: secrets.token_urlsafe(16), filters=[visible])
    starts = HiddenField(filters=[visible])
    host = HiddenField(filters=[visible])
    mode = HiddenField(filters=[visible])
    language = HiddenField(filters=[visible])
    guest = StringField(
        _l("Full name"), filters=[tidy], validators=[DataRequired(_l("Enter your name.")), *_limits(80)]
    )
    phone = TelField(
        _l("Phone"), filters=[tidy], validators=[DataRequired(_l("Enter a phone number at which we can reach you."))]
    )
    email = EmailField(_l("E-mail"), filters=[tidy])
    division = SelectField(_l("Where you come from"), choices=[], default="")
    wish = StringField(_l("What you want to talk about"), filters=[tidy], validators=_limits(models.WISH_LENGTH))
    consent = BooleanField(
        _l("I agree to my details being kept for this talk, as the privacy notice describes"),
        validators=[DataRequired(_l("Please tick this box, so that the hall may keep your details for the talk."))],
    )

    def offer(self, hall: Hall) -> Self:
        """Offer the places of origin of a hall; return the form."""
        places = [
            SelectChoice(one.code, one.name, optgroup=one.group or None) for one in hall.origins.choices(language())
        ]
        self.division.choices = [SelectChoice("", _("Choose a place")), *places]
        return self

    def validate_phone(self, field: Field) -> None:
        """Require a phone number that can be dialled. Raises ValidationError."""
        try:
            phones.parse(field.data)
        except ValueError:
            raise ValidationError(phones.correction()) from None

    def validate_email(self, field: Field) -> None:
        """Accept an empty field, or a well-formed address. Raises ValidationError."""
        _check_email(field)

    def to_command(self, hall: Hall, *, starts_at: datetime, mode: TalkMode) -> BookTalk:
        """Return the command for the service. The form must have been found valid."""
        return BookTalk(
            hall=hall,
            submission=(self.submission.data or secrets.token_urlsafe(16))[:64],
            starts_at=starts_at,
            host=find_number(self.host.data or ""),
            mode=mode,
            language=(self.language.data or "")[:8],
            page_language=language(),
            guest=self.guest.data,
            phone=phones.parse(self.phone.data),
            email=mail_address(self.email.data) if self.email.data else None,
            division=self.division.data or "",
            wish=self.wish.data or "",
        )


class NoteForm(RefusableForm):
    """The note that only host and guest see."""

    shown_last = "note"
    note = TextAreaField(_l("Private note"), filters=[tidy], validators=_limits(models.NOTE_LENGTH))
    seen = HiddenField()  # the mark of the note that the page has shown


class CancelForm(RefusableForm):
    """The host's reason for cancelling a talk."""

    shown_last = "reason"
    reason = StringField(_l("Reason, for the guest"), filters=[tidy], validators=_limits(models.REASON_LENGTH))


class RatingForm(RefusableForm):
    """The guest's stars and comment."""

    shown_last = "comment"
    stars = RadioField(_l("How was the talk?"), validate_choice=False)
    comment = StringField(_l("A comment for the hall"), filters=[tidy], validators=_limits(models.COMMENT_LENGTH))

    def offer(self, names: dict[int, str]) -> Self:
        """Offer the stars by name; return the form."""
        self.stars.choices = [SelectChoice(str(number), _(name)) for number, name in names.items()]
        return self

    def validate_stars(self, field: Field) -> None:
        """Raise ValidationError where no star was chosen."""
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(_CHOOSE)


def _number(label: Any, least: int) -> NumberField:
    def is_within(_form: Any, field: Any) -> None:
        if field.data is not None and not least <= field.data <= _MOST:
            raise ValidationError(_("Enter a number from %(least)s to %(most)s.", least=least, most=_MOST))

    return NumberField(label, validators=[is_within])


class RulesForm(RefusableForm):
    """The rules of a hall for its talks."""

    open = BooleanField(_l("Guests can book talks"))
    programme = SelectField(_l("Programme in which guests at the hall are counted"), choices=[], default="")
    minutes = _number(_l("Minutes of a talk"), 5)
    notice_hours = _number(_l("Hours of notice"), 0)
    days_ahead = _number(_l("Days ahead"), 0)
    most_open = _number(_l("Talks to come for one phone number"), 1)
    missed_most = _number(_l("Missed talks until a pause (0: no pause)"), 0)
    missed_days = _number(_l("Days within which they are counted"), 1)
    pause_days = _number(_l("Days of the pause"), 1)

    @classmethod
    def of(cls, setting: TalkSetting | None) -> Self:
        """Return the form with the present rules of the hall, or with the usual ones."""
        usual = {"minutes": 30, "notice_hours": 2, "days_ahead": 14, "most_open": 1}
        usual |= {"missed_most": 0, "missed_days": 180, "pause_days": 90}
        if setting is None:
            return cls(formdata=None, data=usual)
        return cls(formdata=None, obj=setting, data={"programme": str(setting.programme_id or "")})

    def offer(self, programmes: Iterable[Programme]) -> Self:
        """Offer these programmes; return the form."""
        named = [SelectChoice(str(one.id), one.name(language())) for one in programmes]
        self.programme.choices = [SelectChoice("", _("None")), *named]
        return self

    def to_command(self, *, hall_id: int, by: int) -> SaveRules:
        """Return the command for the service. The form must have been found valid."""
        names = (
            "open",
            "minutes",
            "notice_hours",
            "days_ahead",
            "most_open",
            "missed_most",
            "missed_days",
            "pause_days",
        )
        values = {name: getattr(self, name).data for name in names}
        return SaveRules(hall_id=hall_id, by=by, programme_id=find_number(self.programme.data or ""), **values)


class HostForm(WithTexts, RefusableForm):
    """A host: who they are, what they talk about, and when."""

    name = StringField(
        _l("Name shown to guests"),
        filters=[tidy],
        validators=[DataRequired(_l("Enter a name.")), *_limits(models.NAME_LENGTH)],
    )
    account = SelectField(_l("Account"), choices=[], default="")
    profile: Any = TextsField(_l("About the host"), long=True, validators=_limits(500))
    topics: Any = TextsField(_l("Topics"), validators=_limits(200))
    spoken = TicksField(_l("Languages"), names=TOUR_LANGUAGE_NAMES)
    modes = TicksField(_l("Ways to talk"), names=MODE_NAMES)
    link = StringField(_l("Link of the host’s room online"), filters=[tidy], validators=_limits(models.LINK_LENGTH))
    email = EmailField(_l("E-mail of the host"), filters=[tidy])
    days_1, days_2, days_3 = (WeekdaysField(_l("Weekdays")) for _number_of in PERIODS)
    from_1, from_2, from_3 = (TimeOfDayField(_l("Starts at"), required=False) for _number_of in PERIODS)
    to_1, to_2, to_3 = (TimeOfDayField(_l("Ends at"), required=False) for _number_of in PERIODS)
    days_off = TextAreaField(_l("Days without talks"), filters=[tidy], validators=[without_controls])
    active = BooleanField(_l("Takes talks"))

    @classmethod
    def of(cls, host: TalkHost | None) -> Self:
        """Return the form with a host's present values, or for a new one."""
        if host is None:
            return cls(formdata=None, data={"active": True, "spoken": [language()[:2]], "modes": ["on_site"]})
        data: dict[str, Any] = {
            "account": str(host.staff_id or ""),
            "days_off": "\n".join(one.day.isoformat() for one in host.days_off),
            "spoken": host.languages.split(","),
            "modes": host.modes.split(","),
        }
        periods: dict[Any, list[str]] = {}
        for hours in host.hours:
            periods.setdefault((hours.starts, hours.ends), []).append(str(hours.weekday))
        for number, ((starts, ends), days) in zip(PERIODS, periods.items(), strict=False):
            data |= {f"days_{number}": days, f"from_{number}": starts, f"to_{number}": ends}
        names = ("name", "profile", "topics", "link", "email", "active")
        return cls(formdata=None, data=data | {name: getattr(host, name) for name in names})

    def offer(self, accounts: Iterable[Staff]) -> Self:
        """Offer these accounts; return the form."""
        people = [SelectChoice(str(one.id), one.name) for one in accounts]
        self.account.choices = [SelectChoice("", _("None: this host does not sign in")), *people]
        return self

    @property
    def spans(self) -> list[Span]:
        """Return the periods of the week that were typed."""
        typed = [(self[f"days_{n}"], self[f"from_{n}"].data, self[f"to_{n}"].data) for n in PERIODS]
        return [(day, starts, ends) for days, starts, ends in typed if starts and ends for day in sorted(days.chosen)]

    @property
    def days(self) -> list[date]:
        """Return the days off that were typed. Raises ValueError for a line that is no day."""
        lines = [line.strip() for line in (self.days_off.data or "").splitlines() if line.strip()]
        if not all(_DAY.fullmatch(line) for line in lines):
            raise ValueError("a line is not a day")
        return [date.fromisoformat(line) for line in lines]

    def validate_spoken(self, field: TicksField) -> None:
        """Require a language. Raises ValidationError."""
        if not field.chosen:
            raise ValidationError(_("Tick at least one language."))

    def validate_modes(self, field: TicksField) -> None:
        """Require a way to talk. Raises ValidationError."""
        if not field.chosen:
            raise ValidationError(_CHOOSE)

    def validate_link(self, field: Field) -> None:
        """Require an address where talks are online. Raises ValidationError."""
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(_("Enter an address that begins with https://."))
        if TalkMode.ONLINE in self.modes.chosen and not field.data:
            raise ValidationError(_("Talks online need the link of a room."))

    def validate_email(self, field: Field) -> None:
        """Accept an empty field, or a well-formed address. Raises ValidationError."""
        _check_email(field)

    def validate_days_off(self, _field: Field) -> None:
        """Require days. Raises ValidationError."""
        try:
            is_too_long = len(self.days) > _MOST_DAYS_OFF
        except ValueError:
            raise ValidationError(_("Enter one day in each line, such as 2026-12-05.")) from None
        if is_too_long:
            raise ValidationError(_("Please enter at most %(most)s days.", most=_MOST_DAYS_OFF))

    def validate_days_1(self, _field: Field) -> None:
        """Require complete periods of the week. Raises ValidationError."""
        for number in PERIODS:
            days, starts, ends = (self[f"{name}_{number}"] for name in ("days", "from", "to"))
            given = (bool(days.chosen), starts.data is not None, ends.data is not None)
            if any(given) and not all(given):
                raise ValidationError(_("A period needs weekdays, a beginning and an end."))
            if all(given) and starts.data >= ends.data:
                raise ValidationError(_("A period ends after it begins."))

    def to_command(self, *, hall_id: int, by: int, number: int | None) -> SaveHost:
        """Return the command for the service. The form must have been found valid."""
        return SaveHost(
            hall_id=hall_id,
            by=by,
            number=number,
            staff_id=find_number(self.account.data or ""),
            name=self.name.data,
            profile=self.profile.data,
            topics=self.topics.data,
            languages=self.spoken.chosen,
            modes=self.modes.chosen,
            link=self.link.data or "",
            email=mail_address(self.email.data) if self.email.data else None,
            active=self.active.data,
            spans=self.spans,
            days_off=self.days,
        )
