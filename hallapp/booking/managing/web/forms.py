"""The staff's forms: a booking for a group, and the fields of each verb."""

from enum import StrEnum
from typing import Any, ClassVar, Self

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, Form, HiddenField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from hallapp.booking import phones, reference
from hallapp.booking.answers import AnswersData
from hallapp.booking.bigrams import organisation_key
from hallapp.booking.errors import Blocked, DateRefused
from hallapp.booking.models import SOURCE_NAMES, Booking, Source
from hallapp.booking.series import MOST_DATES, Repeat, Rule
from hallapp.booking.service import ContactData
from hallapp.booking.terms import visible
from hallapp.booking.web.forms import MAX_ORIGINS, BookingForm, ContactFields, OriginFields, TimeFields
from hallapp.core import formats
from hallapp.core.errors import N_, DomainError
from hallapp.core.i18n import force_locale, installed, language, name_of, translate
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import DayField, Described, NumberField, without_controls
from hallapp.core.web.forms import Refusable, RefusableForm
from hallapp.questions import queries as questions
from hallapp.questions.web.fields import QuestionFields
from hallapp.resources.errors import ResourceRefused
from hallapp.schedule.web.current_hall import get_current_hall

#: Reasons to decline that are often meant, as message ids: the organiser reads them in their own language.
DECLINE_REASONS = {
    "event": N_("The hall is needed for an event of its own at that time."),
    "guides": N_("No guide is available for that time."),
    "crowded": N_("Other groups at that time would make the hall too crowded for a good visit."),
    "unclear": N_("Please tell us more about your group in the note, and book again."),
}
_SPARE_LINES = 2
_SHORTER = _l("Please shorten this to %(max)d characters.")


def plain(text: str | None) -> str:
    """Return lines as typed, without invisible characters."""
    lines = tidy(text).split("\n")
    return "\n".join(visible(line) for line in lines).strip()


def one_line(text: str | None) -> str:
    """Return the text as one line."""
    return " ".join(plain(text).split())


def over_limit_field() -> StringField:
    """Return a manager's reason for letting a group in over the limits."""
    return StringField(
        _l("Reason to exceed the limits"), filters=[one_line], validators=[Length(max=200, message=_SHORTER)]
    )


_NOT_BY_HAND = (Source.ONLINE, Source.API)


def _sources() -> list[tuple[str, str]]:
    return [(source.value, _(name)) for source, name in SOURCE_NAMES.items() if source not in _NOT_BY_HAND]


REPEAT_NAMES = {
    Repeat.WEEKLY: N_("Every week"),
    Repeat.FORTNIGHTLY: N_("Every two weeks"),
    Repeat.MONTHLY_DATE: N_("Every month on the same date, such as the 15th"),
    Repeat.MONTHLY_WEEKDAY: N_("Every month on the same weekday, such as the second Friday"),
}


def _repeats() -> list[tuple[str, str]]:
    return [("", _("Once")), *((repeat.value, _(name)) for repeat, name in REPEAT_NAMES.items())]


class OptionalDayField(DayField):
    """A day that may be left empty."""

    def pre_validate(self, _form: Any) -> None:
        """Accept an empty field."""


class StaffBookingForm(BookingForm):
    """The form for a booking made by the staff: the organiser's form, and the booking channel."""

    answers_required = False
    consent = BooleanField(
        validators=[DataRequired(_l("Please tell them what is kept, and tick this box when they agree."))]
    )
    source = SelectField(_l("Booking channel"), choices=_sources, default=Source.PHONE.value)
    pass_language = SelectField(
        _l("Language of the pass and of messages"),
        choices=lambda: [(code, name_of(code)) for code in installed()],
        default=language,
    )
    over_limit = over_limit_field()
    block_accepted = BooleanField()
    repeat = SelectField(_l("Repeat the visit"), choices=_repeats, default="")
    visits = NumberField(_l("Number of visits"), required=False)
    until = OptionalDayField(_l("Or until"))
    shown = (  # type: ignore[assignment]
        *(*BookingForm.shown, "repeat", "visits", "until", "source", "pass_language", "over_limit", "block_accepted"),
    )

    def validate_visits(self, field: Field) -> None:
        """Require one end of a series, the number of visits or the last day. Raises ValidationError."""
        if not self.repeat.data or field.errors or self.until.errors:
            return
        if (field.data is None) == (self.until.data is None):
            raise ValidationError(_("Enter either the number of visits or the last day."))
        if field.data is not None and not 1 < field.data <= MOST_DATES:
            raise ValidationError(_("Enter a number from 2 to %(most)s.", most=MOST_DATES))

    @property
    def rule(self) -> Rule | None:
        """Return the rule of a series, or None for one visit. The form must have been found valid."""
        if not self.repeat.data:
            return None
        return Rule(repeat=Repeat(self.repeat.data), times=self.visits.data, until=self.until.data)

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal; that of a date of a series with its day and its cause."""
        if isinstance(error, DateRefused) and isinstance(error.cause, Blocked):
            super().refuse(error.cause)
        elif isinstance(error, DateRefused):
            day, reason = formats.day(error.day, language(), year=True), translate(error.cause)
            words = _("Nothing was booked. %(day)s: %(reason)s", day=day, reason=reason)
            self.repeat.errors = [*self.repeat.errors, words]
            self.refusal = error
        else:
            super().refuse(error)


class VerbForm(Refusable, Described, Form):  # type: ignore[misc]
    """The form of one verb on a booking's page; its fields have ids of their own beside those of other verbs."""

    verb: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self:
            field.id = field.label.field_id = f"{self.verb}-{field.id}"

    def field_of(self, error: DomainError) -> Field | None:
        """Return the field beside which a refusal is shown; that of a hidden field is shown at the top of the form."""
        field = super().field_of(error)
        return None if isinstance(field, HiddenField) else field

    @property
    def touched(self) -> bool:
        """Return whether something is wrong here, so that the form must be seen."""
        return bool(self.errors)

    @property
    def messages(self) -> list[str]:
        """Return every error message, for pages that no longer show the form itself."""
        return [*self.form_errors, *(str(text) for field in self for text in field.errors if isinstance(text, str))]


class MovePartsForm(VerbForm):
    """Move all parts of a large group to another day."""

    verb = "move-parts"
    day = DayField(_l("Day"), validators=[InputRequired(_l("Choose a day."))])


class ConfirmForm(VerbForm):
    """Confirm a request; a waiting group may be let in over the limits."""

    verb = "confirm"
    over_limit = over_limit_field()


class DeclineForm(VerbForm):
    """Decline a request, with a reason for the organiser."""

    verb = "decline"
    reason = SelectField(
        _l("Reason"),
        choices=lambda: [("", _("In my own words")), *((key, _(words)) for key, words in DECLINE_REASONS.items())],
        default="",
    )
    reply = TextAreaField(
        _l("Message to the organiser"), filters=[plain], validators=[Length(max=400, message=_SHORTER)]
    )

    def validate_reply(self, field: Field) -> None:
        """Require a reason, chosen or typed. Raises ValidationError."""
        if not field.data and not self.reason.data:
            raise ValidationError(_("Choose a reason, or enter one: the organiser will read it."))

    def reply_to(self, booking: Booking) -> str:
        """Return the message for the organiser, in their own language where one was chosen."""
        with force_locale(booking.language):
            chosen = _(DECLINE_REASONS[self.reason.data]) if self.reason.data else ""
        return "\n".join(part for part in (chosen, self.reply.data) if part)


class Scope(StrEnum):
    """The visits that a cancellation covers: one, all parts of a large group, or the later ones of a series."""

    THIS = "this"
    PARTS = "parts"
    LATER = "later"


class CancelForm(VerbForm):
    """Cancel, with a message to the organiser; of a large group or a series, one has to say how much of it."""

    verb = "cancel"
    scope = StringField()
    reply = TextAreaField(
        _l("Message to the organiser"), filters=[plain], validators=[Length(max=500, message=_SHORTER)]
    )


class MoveForm(TimeFields, VerbForm):
    """Another time, of any programme; `day` is the day whose times are shown."""

    verb = "move"
    programme = None
    day = HiddenField()
    over_limit = over_limit_field()


class PeopleForm(OriginFields, VerbForm):
    """The form for the number of people and their origins; empty lines do not count."""

    verb = "people"
    resources = BookingForm.resources
    over_limit = over_limit_field()

    @classmethod
    def of(cls, booking: Booking) -> Self:
        """Return the form with the booking's present values."""
        lines = [{"division": each.division, "visitors": each.visitors} for each in booking.origins]
        return cls(data={"origins": lines, "resources": booking.resources})

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal; that of a resource beside its number."""
        if isinstance(error, ResourceRefused):
            self.resources.refuse(error)
        else:
            super().refuse(error)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything."""
        self.drop_blank_origins()
        return bool(super().validate(extra_validators))

    def add_spare_lines(self) -> None:
        """Let more places be named."""
        for _number in range(min(_SPARE_LINES, MAX_ORIGINS - len(self.origins))):
            self.origins.append_entry()


class ContactForm(ContactFields, VerbForm):
    """The form for the group and its contact."""

    verb = "contact"
    organisation = BookingForm.organisation
    kind = BookingForm.kind
    tour_language = BookingForm.tour_language

    @classmethod
    def of(cls, booking: Booking) -> Self:
        """Return the form with the booking's present values."""
        shown = phones.display(booking.phone) if booking.phone else ""
        names = ("organisation", "contact_name", "email", "note", "tour_language")
        own = {name: getattr(booking, name) for name in names} | cls.access_values(booking)
        return cls(data={**own, "kind": booking.kind, "phone": shown})

    def to_data(self) -> ContactData:
        """Return the data for the service. The form must have been found valid."""
        return ContactData(
            organisation=self.organisation.data,
            kind=self.kind.data,
            tour_language=self.tour_language.language,
            **self.contact(),
        )


class AnswersForm(QuestionFields, VerbForm):
    """The form for the answers to the questions of the programme; the staff may leave each of them out."""

    verb = "answers"
    answers_required = False

    def ask_about(self, booking: Booking) -> Self:
        """Put the questions of the booking's programme, with the present answers; return the form."""
        asked = questions.list_active(booking.hall_id, booking.slot.programme_id)
        self.ask(asked, questions.find_answers(booking.hall_id, [booking.id])[booking.id])
        return self

    def to_data(self) -> AnswersData:
        """Return the data for the service. The form must have been found valid."""
        return AnswersData(given=self.answers(), asked=tuple(self.replaced()))


class AbsentForm(VerbForm):
    """The button that marks a booking as a no-show."""

    verb = "absent"


class SetRightForm(VerbForm):
    """An absence was marked wrongly: a button alone."""

    verb = "set-right"


class ReissueForm(VerbForm):
    """A new pass in the place of one that was lost or leaked: a button alone."""

    verb = "reissue"


class LiftForm(VerbForm):
    """Let a paused group book again."""

    verb = "lift"
    reason = StringField(
        _l("Reason to lift it"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter why the group may book again.")), Length(max=200, message=_SHORTER)],
    )


DECISIONS = ("accept", "refuse")


class AppealAnswerForm(VerbForm):
    """The answer to an appeal: accepted or refused, with words for the organiser; a refusal needs them."""

    verb = "appeal"
    decision = HiddenField()
    words = TextAreaField(
        _l("Message to the organiser"), filters=[tidy], validators=[without_controls, Length(max=500, message=_SHORTER)]
    )

    def validate_decision(self, field: Field) -> None:
        """Require one of the two buttons. Raises ValidationError."""
        if field.data not in DECISIONS:
            raise ValidationError(_("Please choose one of these."))

    def validate_words(self, field: Field) -> None:
        """Require a reason for a refusal. Raises ValidationError."""
        if self.decision.data != "accept" and not field.data:
            raise ValidationError(_("Enter why the appeal is refused: the organiser reads it."))


class BlockForm(RefusableForm):
    """A new entry of the block list: a phone, an organisation, or both; an end, or the tick that there is none."""

    phone = TelField(_l("Phone"), filters=[tidy], validators=[Optional()])
    organisation = StringField(
        _l("Organisation"), filters=[tidy], validators=[Length(max=200, message=_SHORTER), without_controls]
    )
    reason = TextAreaField(
        _l("Reason"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter why this group is blocked.")),
            Length(max=500, message=_SHORTER),
            without_controls,
        ],
    )
    until = OptionalDayField(_l("Last day"))
    no_end = BooleanField(_l("Without an end, until someone lifts it"))

    def validate_phone(self, field: Field) -> None:
        """Require a number that can be dialled. Raises ValidationError."""
        try:
            phones.parse(field.data)
        except ValueError:
            raise ValidationError(_("This is no phone number that can be dialled.")) from None

    def validate_organisation(self, field: Field) -> None:
        """Require a name by which an organisation is recognised, or a phone. Raises ValidationError."""
        if not field.data and not self.phone.data:
            raise ValidationError(_("Enter a phone, an organisation, or both."))
        if field.data and not organisation_key(field.data):
            raise ValidationError(_("Enter the name of an organisation."))

    def validate_until(self, field: Field) -> None:
        """Require either a day of today or later, or the tick. Raises ValidationError."""
        if not field.errors and (field.data is None) != bool(self.no_end.data):
            raise ValidationError(_("Enter the last day, or tick that there is no end."))
        if field.data and field.data < get_current_hall().today():
            raise ValidationError(_("This day has passed."))


class FloodForm(Described, FlaskForm):  # type: ignore[misc]
    """The form that cancels bookings of a flood: their references, ticked in the page's table, and the reason."""

    reason = StringField(
        _l("Reason for cancelling"),
        filters=[one_line],
        validators=[DataRequired(_l("Enter why these bookings are cancelled.")), Length(max=200, message=_SHORTER)],
    )
    tell = BooleanField(_l("Send the organisers a message with this reason"))

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        typed = formdata.getlist("booking") if formdata else []
        self.references = list(dict.fromkeys(reference.tidy(one) for one in typed if reference.is_valid(one)))
        self.none_ticked = False

    def validate(self, extra_validators: Any = None) -> bool:
        """Require a reason, and at least one booking."""
        good = bool(super().validate(extra_validators))
        self.none_ticked = not self.references
        return good and not self.none_ticked
