"""The forms of delegations."""

from collections.abc import Sequence

from wtforms import BooleanField, Field, SelectChoice, StringField, TextAreaField
from wtforms.validators import Length, ValidationError

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import SelectField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.delegations.models import Delegation
from hallapp.delegations.service import DelegationData, OrganiserData

_SHORTER = _l("Please shorten this to %(max)d characters.")


def _line(label: str, most: int) -> StringField:
    return StringField(label, filters=[tidy], validators=[without_controls, Length(max=most, message=_SHORTER)])


def _lines(label: str) -> TextAreaField:
    limits = [without_controls, Length(max=2000, message=_SHORTER)]
    return TextAreaField(label, filters=[tidy], validators=limits)


class OrganiserForm(RefusableForm):
    """The organiser's answers about their delegation."""

    leader = _line(_l("Head of the delegation"), 80)
    hosts = _line(_l("Your contact or host at the hall"), 200)
    vehicles = _lines(_l("Number plates and names for the gate"))
    welcome = _line(_l("Words of welcome on the big screen"), 120)
    welcome_agreed = BooleanField(_l("We agree that the screen in the lobby shows these words to everybody"))

    def validate_welcome_agreed(self, field: Field) -> None:
        """Require the agreement of the group to its welcome. Raises ValidationError."""
        if self.welcome.data and not field.data:
            raise ValidationError(_("Please tick this box, or leave the welcome empty."))

    def to_data(self) -> OrganiserData:
        """Return the data for the service. The form must have been found valid."""
        names = ("leader", "hosts", "welcome", "vehicles")
        return OrganiserData(**{name: getattr(self, name).data or "" for name in names})


class DelegationForm(RefusableForm):
    """The attributes of a booking as a delegation."""

    level = SelectField(_l("Level"), choices=[], default="")
    leader = _line(_l("Head of the delegation"), 80)
    hosts = _line(_l("Received by"), 200)
    welcome = _line(_l("Welcome on the big screen"), 120)
    welcome_agreed = BooleanField(_l("The group agrees that the screen shows this"))
    vehicles = _lines(_l("Vehicles and names for the gate"))

    def offer(self, levels: Sequence[str], delegation: Delegation | None) -> None:
        """Offer the levels of the hall, and the present one, which the hall may have renamed since."""
        present = [delegation.level] if delegation and delegation.level and delegation.level not in levels else []
        self.level.choices = [
            SelectChoice("", _("Not stated")),
            *(SelectChoice(one, one) for one in (*levels, *present)),
        ]

    def validate_welcome_agreed(self, field: Field) -> None:
        """Require the agreement of the group to its welcome. Raises ValidationError."""
        if self.welcome.data and not field.data:
            raise ValidationError(_("Ask the group and tick this box, or leave the welcome empty."))

    def to_data(self) -> DelegationData:
        """Return the data for the service. The form must have been found valid."""
        return DelegationData(
            level=self.level.data or "",
            leader=self.leader.data or "",
            hosts=self.hosts.data or "",
            welcome=self.welcome.data or "",
            welcome_agreed=self.welcome_agreed.data,
            vehicles=self.vehicles.data or "",
        )


class LevelsForm(RefusableForm):
    """The levels of a hall's delegations."""

    levels = TextAreaField(_l("Levels, one in each line"), filters=[tidy], validators=[without_controls])
    asked = BooleanField(_l("Organisers may name their delegation on the page of their booking"))

    def validate_levels(self, field: Field) -> None:
        """Allow 20 levels of 40 characters. Raises ValidationError."""
        lines = [line.strip() for line in (field.data or "").splitlines() if line.strip()]
        if len(lines) > 20 or any(len(line) > 40 for line in lines):
            raise ValidationError(_("Please enter at most 20 levels of 40 characters."))
