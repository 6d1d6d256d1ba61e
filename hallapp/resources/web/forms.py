"""The form for a resource."""

from collections.abc import Iterable
from typing import Any, Self

from wtforms import BooleanField, SelectMultipleField
from wtforms.validators import Length, ValidationError

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import EnumField, NumberField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.resources.models import NAME_LENGTH, UNIT_LENGTH, AskedBy, Scope
from hallapp.resources.service import SaveResource
from hallapp.resources.values import ResourceFacts
from hallapp.schedule.models import Programme

_MOST = 10_000
_SCOPES = {
    Scope.MOMENT: _l("All visits at the same moment share them, such as headsets and rooms"),
    Scope.SLOT: _l("There are so many for each single time, such as seats in its bus"),
}
_ASKED = {
    AskedBy.ORGANISER: _l("Groups ask for them on the booking page"),
    AskedBy.STAFF: _l("Only the staff give them to a group"),
    AskedBy.RULE: _l("Every booking gets them by the rule below, without being asked"),
}


def _texts(label: Any, most: int) -> TextsField:
    too_long = Length(max=most, message=_l("Please shorten this to %(max)d characters."))
    return TextsField(label, validators=[without_controls, too_long])


def _number(label: Any, *, least: int, required: bool = True) -> NumberField:
    def is_within(_form: Any, field: Any) -> None:
        if field.data is not None and not least <= field.data <= _MOST:
            raise ValidationError(_("Enter a number from %(least)s to %(most)s.", least=least, most=_MOST))

    return NumberField(label, required=required, validators=[is_within])


class ProgrammesField(SelectMultipleField):  # type: ignore[misc]
    """Programmes of the hall by check boxes; none means all."""

    names: dict[int, str]

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)
        self.names = {}

    @property
    def chosen(self) -> frozenset[int]:
        """Return the ids of the ticked programmes; others are ignored."""
        ticked = {str(one) for one in self.data or ()}
        return frozenset(number for number in self.names if str(number) in ticked)


class ResourceForm(WithTexts, RefusableForm):
    """The form for a resource."""

    name: Any = _texts(_l("Name"), NAME_LENGTH)
    unit: Any = _texts(_l("Counted in"), UNIT_LENGTH)
    quantity = _number(_l("How many there are"), least=0)
    scope = EnumField(_l("Who shares them"), enum=Scope, names=_SCOPES, default=Scope.MOMENT)
    asked_by = EnumField(_l("Who decides"), enum=AskedBy, names=_ASKED, default=AskedBy.ORGANISER)
    per_booking = _number(_l("How many a group may have"), least=1)
    people_each = _number(_l("For every so many people"), least=1, required=False)
    programmes = ProgrammesField(_l("Programmes that use them"))
    retired = BooleanField(_l("Retired: nobody can ask for it any more"))

    @classmethod
    def of(cls, one: ResourceFacts | None) -> Self:
        """Return the form with the present values of a resource, or empty."""
        if one is None:
            return cls(formdata=None, data={"per_booking": 1})
        names = ("name", "unit", "quantity", "scope", "asked_by", "per_booking", "people_each", "retired")
        values = {name: getattr(one, name) for name in names}
        return cls(formdata=None, data=values | {"programmes": [str(number) for number in one.programmes]})

    def offer(self, programmes: Iterable[Programme]) -> Self:
        """Show these programmes; return the form."""
        self.programmes.names = {one.id: one.name(language()) for one in programmes}
        return self

    def to_command(self, *, hall_id: int, staff_id: int, number: int | None) -> SaveResource:
        """Return the command for the service. The form must have been found valid."""
        return SaveResource(
            hall_id=hall_id,
            staff_id=staff_id,
            number=number,
            languages=self.languages,
            names=self.name.data,
            units=self.unit.data,
            quantity=self.quantity.data,
            scope=self.scope.data,
            asked_by=self.asked_by.data,
            per_booking=self.per_booking.data,
            people_each=self.people_each.data,
            programmes=self.programmes.chosen,
            retired=self.retired.data,
        )
