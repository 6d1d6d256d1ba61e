"""The organiser's forms, and their conversion into one command."""

import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar

from email_validator import EmailNotValidError, validate_email
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    SelectChoice,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from hallapp.booking import phones, splitting, tours
from hallapp.booking.access import ACCESS_NEED_NAMES, NOTHING, REMARK_LENGTH, AccessNeeds
from hallapp.booking.commands import Parts
from hallapp.booking.errors import NotOnline, Paused
from hallapp.booking.models import TOUR_LANGUAGE_NAMES, Booking, TourLanguage
from hallapp.booking.service import PlaceBooking
from hallapp.categories.web.fields import CategoriesField
from hallapp.core import formats
from hallapp.core.errors import N_, DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy, visible
from hallapp.core.web.fields import Described, LineList, NumberField, SelectField, TicksField
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.responses import stale_form
from hallapp.kinds.web.fields import KindField
from hallapp.origins.values import OriginSet
from hallapp.printing import find_unprintable
from hallapp.questions.web.fields import QuestionFields
from hallapp.resources.errors import ResourceRefused
from hallapp.resources.web.fields import ResourcesField
from hallapp.schedule.models import Hall
from hallapp.schedule.policy import AccessNeed
from hallapp.schedule.web.current_hall import get_origins

MAX_ORIGINS = 20
_MOST_NAMED = 8
#: The numbers of the sum that people without JavaScript are asked for, in words.
NUMBER_WORDS = {
    **{2: N_("two"), 3: N_("three"), 4: N_("four"), 5: N_("five")},
    **{6: N_("six"), 7: N_("seven"), 8: N_("eight"), 9: N_("nine")},
}
#: Wheelchair places have a number instead of a tick.
_TICKED = {need: name for need, name in ACCESS_NEED_NAMES.items() if need is not AccessNeed.WHEELCHAIRS}
#: The fields of access needs in the order of the page.
ACCESS = ("wheelchairs", "access_needs", "access_remark", "access_consent")
_UNSEEN = ("Cc", "Cf")  # control and format characters, as they come with a text that was copied
_SLOT_DIGITS = 9  # the range of a database's integer, far above any slot's number


def printable(_form: Form, field: Field) -> None:
    """Refuse characters that the pass cannot print. Invisible characters are removed instead."""
    missing = find_unprintable(field.data) + (
        "" if isinstance(field, TextAreaField) or "\n" not in field.data else "\n"
    )
    unseen = [character for character in missing if unicodedata.category(character) in _UNSEEN]
    messages = []
    if len(missing) > len(unseen):
        names = _names(character for character in missing if character not in unseen)
        messages.append(
            _(
                "%(characters)s cannot be printed on the pass. Please leave this out or write it in another way.",
                characters=names,
            )
        )
    if unseen:
        field.data = "".join(character for character in field.data if character not in unseen)
        names = _names(unseen)
        messages.append(
            _(
                "Invisible characters (%(characters)s) were removed here. Please check the text and submit it again.",
                characters=names,
            )
        )
    if messages:
        raise ValidationError(" ".join(messages))


def _names(characters: Iterable[str]) -> str:
    """Return the characters, or their code points where they cannot be seen; the first few only."""
    seen = (
        f"U+{ord(character):04X}" if unicodedata.category(character)[0] in "CMZ" else character
        for character in characters
    )
    return " ".join(islice(seen, _MOST_NAMED))


def _places() -> list[SelectChoice]:
    """Return the hall's places of origin in the language in force."""
    return _places_of(get_origins(), language())


@lru_cache(maxsize=64)
def _places_of(origins: OriginSet, reader: str) -> list[SelectChoice]:
    choices = (SelectChoice(one.code, one.name, optgroup=one.group or None) for one in origins.choices(reader))
    return [SelectChoice("", _("Choose a place")), *choices]


class HeadCountField(NumberField):
    """A number of people from 1 to 9999; full-width digits are digits, and blanks alone are no number."""

    _wrong = _l("Enter the number of people in digits, such as 20.")

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read a whole number of at least one person. Raises ValueError for anything else."""
        super().process_formdata(valuelist)
        if self.data is not None and not 0 < self.data < 10_000:
            self.data = None
            raise ValueError(self._wrong)


class TourLanguageField(SelectField):
    """The language of a tour, by its code. Which of them are offered depends on the programme (`offer`)."""

    data: Any

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError for an unknown language; the service checks whether a guide speaks it."""
        if self.data and self.data not in TOUR_LANGUAGE_NAMES:
            raise ValidationError(_("Please choose one of these."))

    def offer(self, languages: Sequence[TourLanguage], *, current: TourLanguage | None = None) -> None:
        """Offer these languages, and `current`, the present one of a booking that is changed.

        Without a choice the language of the page is preselected if a guide speaks it; otherwise the organiser has to
        choose.
        """
        offered = [*languages, *([current] if current and languages and current not in languages else [])]
        if self.data not in offered:
            usual = tours.of_pages(language())
            self.data = usual.value if usual in offered else ""
        blank = [] if self.data else [("", _("Choose a language"))]
        self.choices = [*blank, *((one.value, _(TOUR_LANGUAGE_NAMES[one])) for one in offered)] if offered else []

    @property
    def is_a_choice(self) -> bool:
        """Return whether there is more than one thing to choose from."""
        return len(self.choices) > 1

    @property
    def language(self) -> TourLanguage | None:
        """Return the chosen language, or None. The form must have been found valid."""
        return TourLanguage(self.data) if self.data else None


class OriginForm(Described, Form):  # type: ignore[misc]
    """The form field for a number of people from one place."""

    division = SelectField(
        _l("Places of origin"),
        choices=_places,
        validators=[InputRequired(_l("Choose where these people come from."))],
    )
    visitors = HeadCountField(_l("People"))

    @property
    def blank(self) -> bool:
        """Return whether nothing was chosen or typed here."""
        return not self.division.data and not any(text.strip() for text in self.visitors.raw_data or ())


class PageForm(RefusableForm):
    """A page's one form, which checks its own token. `shown` are its fields in the order of the page."""

    shown: ClassVar[tuple[str, ...]] = ()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of the element beside which it is shown, in the order of the page."""
        if self.csrf_token.errors:
            yield "check", stale_form()
        for message in self.form_errors:
            yield "check", str(message)
        for name in self.shown:
            yield from self._problems_of(name)

    def _problems_of(self, name: str) -> Iterator[tuple[str, str]]:
        yield from ((_ANCHORS.get(name, name), str(message)) for message in self[name].errors)


class TimeFields:
    """The fields for programme, day and time; the buttons of the first two keep all other input."""

    programme = HiddenField()
    day = HiddenField()
    slot = StringField(_l("Time"), validators=[InputRequired(_l("Choose a time for your visit."))])

    @property
    def slot_id(self) -> int | None:
        """Return the chosen slot's number, or None where none was chosen or it cannot be one."""
        typed = self.slot.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= _SLOT_DIGITS else None

    def change_time(self, pressed: Mapping[str, str]) -> bool:
        """Show another programme or day, if one of their buttons was pressed."""
        for name in ("programme", "day"):
            if f"show_{name}" in pressed:
                getattr(self, name).data, self.slot.data = pressed[f"show_{name}"], ""
                return True
        return False


class OriginFields:
    """The lines of origins, with the buttons that add and remove one."""

    origins = LineList(FormField(OriginForm), min_entries=1, max_entries=MAX_ORIGINS + 1)

    @property
    def people(self) -> int:
        """Return the group's size, as far as it has been typed."""
        return sum(origin.form.visitors.data or 0 for origin in self.origins)

    @property
    def origins_errors(self) -> list[str]:
        """Return the errors of the origins as a whole, in addition to those of single lines."""
        return [str(error) for error in self.origins.errors if not isinstance(error, dict)]

    def change_origins(self, pressed: Mapping[str, str]) -> bool:
        """Add or remove a line, if one of their buttons was pressed."""
        if "add_origin" in pressed:
            if len(self.origins) < MAX_ORIGINS:
                self.origins.append_entry()
        elif "remove_origin" in pressed:
            remaining = [line for line in self.origins if line.short_name != pressed["remove_origin"]]
            self.origins.entries = remaining or self.origins.entries
        else:
            return False
        return True

    def drop_blank_origins(self) -> None:
        """Remove empty lines."""
        self.origins.entries = [line for line in self.origins if not line.form.blank] or self.origins.entries[:1]

    def validate_origins(self, field: FieldList) -> None:
        """Allow at most 20 lines, and each place once. Raises ValidationError."""
        if len(field) > MAX_ORIGINS:
            raise ValidationError(_("Please give at most %(most)s places.", most=MAX_ORIGINS))
        divisions = [line.form.division.data for line in field if line.form.division.data]
        if len(set(divisions)) < len(divisions):
            raise ValidationError(_("This place is listed more than once. Please put its people in one line."))

    def origins_problems(self) -> Iterator[tuple[str, str]]:
        """Yield the errors of the lines, then those of all lines together, each with its position."""
        for line in self.origins:
            for field in (line.form.division, line.form.visitors):
                yield from ((field.id, str(message)) for message in field.errors)
        yield from (("who-origins", message) for message in self.origins_errors)

    def origin_pairs(self) -> tuple[tuple[str, int], ...]:
        """Division and people of each line. The form must have been found valid."""
        return tuple((line.form.division.data, line.form.visitors.data) for line in self.origins)


class AccessFields:
    """The fields for access needs. Which are shown depends on the hall and on the booking (`offer_access`).

    They can reveal the health of a person, so nobody has to fill them in, and they need an agreement of their own.
    """

    wheelchairs = NumberField(_l("Wheelchair places"), required=False)
    access_needs = TicksField(_l("Other needs"), names=_TICKED)
    access_remark = StringField(
        _l("What else should we prepare?"),
        filters=[tidy],
        validators=[Length(max=REMARK_LENGTH, message=_l("Please shorten this to %(max)d characters.")), printable],
    )
    access_consent = BooleanField(_l("We agree that the hall uses this to prepare the visit."))
    access_shown: tuple[AccessNeed, ...] = ()

    @staticmethod
    def access_values(booking: Booking) -> dict[str, Any]:
        """Return the present values of a booking for these fields. Needs that it has were agreed to before."""
        needs = booking.access
        return {
            "wheelchairs": needs.wheelchairs or None,
            "access_needs": list(needs.needs),
            "access_remark": needs.remark,
            "access_consent": bool(needs),
        }

    def offer_access(self, hall: Hall, current: AccessNeeds = NOTHING) -> None:
        """Show the needs for which the hall asks, and those of `current`, which a booking that is changed has."""
        self.access_shown = tuple(
            need for need in AccessNeed if need in hall.access_offered or need in current.kinds or current.remark
        )

    def access(self) -> AccessNeeds:
        """Return the needs. The form must have been found valid."""
        return AccessNeeds(
            wheelchairs=self.wheelchairs.data or 0, needs=self.access_needs.chosen, remark=self.access_remark.data or ""
        )

    @property
    def has_access(self) -> bool:
        """Return whether any of these fields is filled in or wrong, so that they must be seen."""
        fields = (self.wheelchairs, self.access_needs, self.access_remark, self.access_consent)
        return any(field.data or field.errors for field in fields)

    def validate_access_consent(self, field: Field) -> None:
        """Require the agreement where needs are given. Raises ValidationError."""
        if self.access() and not field.data:
            raise ValidationError(_("Please tick this box, or leave the access needs empty."))


class ContactFields(AccessFields):
    """The fields for the contact, the note and the access needs."""

    contact_name = StringField(
        _l("Contact person"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter the name of a contact person.")),
            Length(max=80, message=_l("Please shorten this to %(max)d characters.")),
            printable,
        ],
    )
    phone = TelField(
        _l("Phone"), filters=[tidy], validators=[DataRequired(_l("Enter a phone number at which we can reach you."))]
    )
    email = EmailField(_l("E-mail"), filters=[tidy], validators=[Optional()])
    note = TextAreaField(
        _l("Note (special needs)"),
        filters=[tidy],
        validators=[Length(max=500, message=_l("Please shorten this to %(max)d characters.")), printable],
    )

    def validate_phone(self, field: Field) -> None:
        """Require a phone number that can be dialled. Raises ValidationError."""
        try:
            phones.parse(field.data)
        except ValueError:
            raise ValidationError(phones.correction()) from None

    def validate_email(self, field: Field) -> None:
        """Require a well-formed e-mail address. Raises ValidationError."""
        try:
            mail_address(field.data)
        except EmailNotValidError:
            raise ValidationError(_("Please check this address. It should look like name@example.com.")) from None

    def contact(self) -> dict[str, Any]:
        """Contact, note and access needs as a command takes them. The form must have been found valid."""
        return {
            "contact_name": self.contact_name.data,
            "phone": phones.parse(self.phone.data),
            "email": mail_address(self.email.data) if self.email.data else None,
            "note": self.note.data,
            "access": self.access(),
        }


class BookingForm(TimeFields, OriginFields, ContactFields, QuestionFields, PageForm):
    """The booking page's one form. Buttons other than the last one change the page and keep all that was typed.

    `paused` is the refusal of a group that may not book for some time, if there was one, as the staff see it;
    `not_online` is true if the organiser was asked to call the hall instead; `missed` is then a booking of this browser
    with which they can appeal against a pause.
    """

    shown = (
        *("programme", "slot", "tour_language", "organisation", "kind", "origins", "categories", "resources"),
        *("contact_name", "phone", "email", *ACCESS, "note", "duplicate_accepted", "consent", "answer"),
    )
    paused: Paused | None = None
    not_online: bool = False
    missed: Booking | None = None

    submission = HiddenField(default=lambda: secrets.token_urlsafe(16))
    wait = BooleanField()
    tour_language = TourLanguageField(_l("Language of the tour"))
    organisation = StringField(
        _l("Group or organisation"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Enter the name of your group.")),
            Length(max=200, message=_l("Please shorten this to %(max)d characters.")),
            printable,
        ],
    )
    kind = KindField(
        _l("Kind of group"),
        validators=[InputRequired(_l("Choose the kind of your group."))],
    )
    categories = CategoriesField(_l("Who is coming"))
    resources = ResourcesField(_l("Equipment and rooms"))
    duplicate_accepted = BooleanField()
    consent = BooleanField(
        validators=[DataRequired(_l("Please tick this box: we may only keep your details if you agree."))]
    )

    altcha = HiddenField()
    question = HiddenField()
    answer = StringField(_l("Your answer in digits"), filters=[tidy, visible])

    @property
    def parts(self) -> Parts:
        """Return the parts that a large group has chosen; none where it chose one time, or nothing."""
        return splitting.read(self.slot.data or "")

    @property
    def slot_id(self) -> int | None:
        """Return the chosen slot's number, that of the first part of a large group; None where there is none."""
        return self.parts[0][0] if self.parts else super().slot_id

    def apply_change(self, pressed: Mapping[str, str]) -> bool:
        """Carry out the action of a button of the page; return False for the button that books."""
        return self.change_time(pressed) or self.change_origins(pressed) or "refresh" in pressed

    def validate(self, extra_validators: Any = None) -> bool:
        """Check everything; lines of origins in which nothing was typed do not count."""
        self.drop_blank_origins()
        return bool(super().validate(extra_validators))

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal; the last day of a pause is formatted for people."""
        if isinstance(error, Paused):
            self.paused = error
            error.params["until"] = formats.day(error.until, language(), year=True)
        self.not_online = self.not_online or isinstance(error, NotOnline)
        if isinstance(error, ResourceRefused):
            self.refusal = error
            self.resources.refuse(error)
        else:
            super().refuse(error)

    def has_error_at(self, error: DomainError) -> bool:
        """Return whether there is an error already where this refusal would be shown."""
        field = self.field_of(error)
        return bool(self.origins_errors if field is self.origins else field is not None and field.errors)

    def to_command(self, *, hall_id: int, known: tuple[int, ...] = (), network: str | None = None) -> PlaceBooking:
        """Return the command for the service. The form must have been found valid."""
        return PlaceBooking(
            hall_id=hall_id,
            slot_id=self.slot_id if self.slot_id is not None else 0,
            parts=self.parts,
            programme=self.programme.data or None,
            organisation=self.organisation.data,
            kind=self.kind.data,
            origins=self.origin_pairs(),
            categories=self.categories.data,
            resources=self.resources.data,
            **self.contact(),
            answers=self.answers(),
            language=language(),
            tour_language=self.tour_language.language,
            submission=self.submission.data or "",
            consented=self.consent.data,
            wait=self.wait.data,
            duplicate_accepted=self.duplicate_accepted.data,
            known=known,
            network=network,
        )

    def _problems_of(self, name: str) -> Iterator[tuple[str, str]]:
        if name == "origins":
            yield from self.origins_problems()
        elif name == "resources":
            yield from self.resources.problems()
        else:
            yield from super()._problems_of(name)
        if name == "note":
            yield from self.question_problems()


_ANCHORS = {"programme": "when", "slot": "times"}


def mail_address(typed: str) -> str:
    """Return a mail address as bookings store it. Raises EmailNotValidError."""
    plain = unicodedata.normalize("NFKC", typed)
    address = validate_email(plain, check_deliverability=False, allow_smtputf8=False)
    return address.ascii_email or address.normalized
