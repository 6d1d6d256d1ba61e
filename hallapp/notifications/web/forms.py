"""The search form of the outbox; its fields are in the address."""

from datetime import time, timedelta
from typing import Any

from wtforms import Field, Form, SelectField
from wtforms.validators import ValidationError

from hallapp.core import clock
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import DayField, Described
from hallapp.notifications import kinds
from hallapp.notifications.models import Channel, Delivery, Fate, Hold
from hallapp.notifications.queries import Wanted

FATE_NAMES: dict[Fate, str] = {
    Fate.WAITING: N_("Waiting"),
    Fate.SENDING: N_("Being sent"),
    Fate.HELD: N_("Held"),
    Fate.SENT: N_("Sent"),
    Fate.GIVEN_UP: N_("Given up"),
}
CHANNEL_NAMES: dict[Channel, str] = {
    Channel.EMAIL: N_("Mail"),
    Channel.SMS: N_("Text message"),
    Channel.CHAT: N_("Chat robot"),
}
#: Why a text message is held.
HOLD_NAMES: dict[Hold, str] = {
    Hold.NO_TEMPLATE: N_("The provider has no template for this message, this language and this country, or no sign."),
    Hold.LIMIT: N_("The limit of text messages of the day is reached."),
}
#: The reports of providers.
DELIVERY_NAMES: dict[Delivery, str] = {
    Delivery.DELIVERED: N_("Arrived on the phone"),
    Delivery.FAILED: N_("Did not arrive"),
}
_YEARS = range(2000, 2201)


def kind_name(outbox_kind: str) -> str:
    """Return the name of a message's kind in the reader's language; an unknown kind is returned unchanged."""
    kind = kinds.find_kind(outbox_kind)
    return _(kind.name) if kind else outbox_kind


class _AnyDay(DayField):
    """A day, or none."""

    def pre_validate(self, _form: Any) -> None:
        """Raise ValidationError for a day of no message."""
        if self.data is not None and self.data.year not in _YEARS:
            raise ValidationError(_("Enter a day such as 2026-12-05."))


class OutboxForm(Described, Form):  # type: ignore[misc]
    """The filters: delivery, kind, channel, and day of writing."""

    fate = SelectField(_l("Delivery"), default="", validate_choice=False)
    kind = SelectField(_l("Message"), default="", validate_choice=False)
    channel = SelectField(_l("Channel"), default="", validate_choice=False)
    day = _AnyDay(_l("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fate.choices = [("", _("Any")), *((one.value, _(name)) for one, name in FATE_NAMES.items())]
        self.channel.choices = [("", _("Any")), *((one.value, _(name)) for one, name in CHANNEL_NAMES.items())]
        self.kind.choices = [("", _("Any")), *((one.key, _(one.name)) for one in kinds.list_kinds())]

    def validate_fate(self, field: Field) -> None:
        """Check that the value is one of the options. Raises ValidationError."""
        _one_of(field)

    def validate_kind(self, field: Field) -> None:
        """Check that the value is one of the options. Raises ValidationError."""
        _one_of(field)

    def validate_channel(self, field: Field) -> None:
        """Check that the value is one of the options. Raises ValidationError."""
        _one_of(field)

    def to_wanted(self, zone: str) -> Wanted:
        """Return the selection of messages; days are the hall's. The form must have been found valid."""
        kind, day = self.kind.data, self.day.data
        return Wanted(
            fate=Fate(self.fate.data) if self.fate.data else None,
            kinds=kinds.get_kind(kind).outbox_kinds if kind else None,
            channel=Channel(self.channel.data) if self.channel.data else None,
            since=clock.at(day, time.min, zone) if day else None,
            until=clock.at(day + timedelta(days=1), time.min, zone) if day else None,
        )


def _one_of(field: Field) -> None:
    if field.data not in {value for value, _name in field.choices}:
        raise ValidationError(_("Please choose one of these."))
