"""The forms in which an organiser changes a booking: its people, its time, its contact."""

from collections.abc import Iterator, Mapping
from typing import Any, Self

from wtforms import HiddenField

from hallapp.booking import phones
from hallapp.booking.answers import AnswersData
from hallapp.booking.commands import PeopleChange
from hallapp.booking.models import Booking
from hallapp.booking.service import ContactData
from hallapp.booking.web.forms import ACCESS, BookingForm, ContactFields, OriginFields, PageForm, TimeFields
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.questions import queries as questions
from hallapp.questions.web.fields import QuestionFields
from hallapp.resources.errors import ResourceRefused
from hallapp.schedule.errors import SlotFull


class PeopleForm(OriginFields, PageForm):
    """The form for the number of people and their places of origin."""

    shown = ("origins", "resources")
    what = HiddenField()
    resources = BookingForm.resources

    @classmethod
    def of(cls, booking: Booking, _asked: Mapping[str, str]) -> Self:
        """Return the form filled with the people who are booked."""
        lines = [{"division": origin.division, "visitors": origin.visitors} for origin in booking.origins]
        return cls(formdata=None, data={"what": "people", "origins": lines, "resources": booking.resources})

    def apply_change(self, pressed: Mapping[str, str]) -> bool:
        """Carry out one of the page's own buttons; return False for the button that changes the booking."""
        return self.change_origins(pressed) or "refresh" in pressed

    def validate(self, extra_validators: Any = None) -> bool:
        """Validate everything; empty lines do not count."""
        self.drop_blank_origins()
        return bool(super().validate(extra_validators))

    def refuse(self, error: DomainError) -> None:
        """Show a service's refusal; a full slot is shown beside the people."""
        if isinstance(error, SlotFull) and not error.params["asked"]:
            message = _(
                "There is no room for so many people at this time. Please reduce the group, or choose another time."
            )
            self.origins.errors = [*self.origins.errors, message]
        elif isinstance(error, SlotFull):
            message = _(
                "Your group asked for %(asked)s more places at this time; places left: %(left)s. Please reduce the "
                "group, or choose another time.",
                **error.params,
            )
            self.origins.errors = [*self.origins.errors, message]
        elif isinstance(error, ResourceRefused):
            self.resources.refuse(error)
        else:
            super().refuse(error)

    def to_command(self) -> PeopleChange:
        """Return the new origins and resources. The form must have been found valid."""
        return PeopleChange(self.origin_pairs(), self.resources.asked)

    def _problems_of(self, name: str) -> Iterator[tuple[str, str]]:
        return self.resources.problems() if name == "resources" else self.origins_problems()


class MoveForm(TimeFields, PageForm):
    """The form for another time, of any programme."""

    shown = ("programme", "slot")
    what = HiddenField()

    @classmethod
    def of(cls, booking: Booking, asked: Mapping[str, str]) -> Self:
        """Return the form on the booking's own programme and day, unless others are requested."""
        slot = booking.slot
        own = {"programme": slot.programme.slug, "day": "" if asked.get("programme") else slot.day.isoformat()}
        chosen = {name: asked.get(name) or value for name, value in own.items()}
        return cls(formdata=None, data={"what": "time", "slot": asked.get("slot", ""), **chosen})

    def apply_change(self, pressed: Mapping[str, str]) -> bool:
        """Carry out one of the page's own buttons; return False for the button that changes the booking."""
        return self.change_time(pressed) or "refresh" in pressed

    def to_command(self) -> int:
        """Return the new slot's number; 0, which no slot has, where the value is not a number."""
        return self.slot_id or 0


class ContactForm(ContactFields, PageForm):
    """The form for the contact, the language of the tour, the note and the access needs."""

    shown = ("tour_language", "contact_name", "phone", "email", *ACCESS, "note")
    what = HiddenField()
    tour_language = BookingForm.tour_language

    @classmethod
    def of(cls, booking: Booking, _asked: Mapping[str, str]) -> Self:
        """Return the form filled with the present contact."""
        known = {"contact_name": booking.contact_name, "email": booking.email or "", "note": booking.note}
        known |= cls.access_values(booking)
        phone = phones.display(booking.phone) if booking.phone else ""
        return cls(
            formdata=None,
            data={"what": "contact", "phone": phone, "tour_language": booking.tour_language, **known},
        )

    def apply_change(self, pressed: Mapping[str, str]) -> bool:
        """Return whether only the page's language was to change."""
        return "refresh" in pressed

    def to_command(self) -> ContactData:
        """Return the new contact. The form must have been found valid."""
        return ContactData(**self.contact(), tour_language=self.tour_language.language)


class AnswersForm(QuestionFields, PageForm):
    """The form for the answers to the questions of the programme."""

    what = HiddenField()

    @classmethod
    def of(cls, booking: Booking, _asked: Mapping[str, str]) -> Self:
        """Return the form with the present answers, which `ask_about` adds."""
        return cls(formdata=None, data={"what": "answers"})

    def ask_about(self, booking: Booking) -> None:
        """Put the questions of the booking's programme."""
        present = questions.find_answers(booking.hall_id, [booking.id])[booking.id]
        self.ask(questions.list_active(booking.hall_id, booking.slot.programme_id), present)

    def apply_change(self, pressed: Mapping[str, str]) -> bool:
        """Return whether only the page's language was to change."""
        return "refresh" in pressed

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield every error with the id of the element beside which it is shown."""
        yield from super().problems()
        yield from self.question_problems()

    def to_command(self) -> AnswersData:
        """Return the new answers. The form must have been found valid."""
        return AnswersData(given=self.answers(), asked=tuple(self.replaced()))


ChangeForm = PeopleForm | MoveForm | ContactForm | AnswersForm
#: The form of each thing that can be changed, by its word in addresses and forms.
FORMS: dict[str, type[PeopleForm] | type[MoveForm] | type[ContactForm] | type[AnswersForm]] = {
    "people": PeopleForm,
    "time": MoveForm,
    "contact": ContactForm,
    "answers": AnswersForm,
}
