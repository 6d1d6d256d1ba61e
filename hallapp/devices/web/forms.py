"""The manager's forms for devices."""

from typing import Any

from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.i18n import translate
from hallapp.core.text import tidy
from hallapp.core.web.fields import EnumField
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.devices.errors import DeviceNameInvalid
from hallapp.devices.models import KIND_NAMES, DeviceKind, DeviceWords
from hallapp.devices.service import NAME_LENGTH, WORDS_LENGTH, AddDevice, SaveWords


def _typable(_form: Any, field: Any) -> None:
    """Refuse invisible characters, and remove them from the shown value. Raises ValidationError."""
    unseen = [character for character in field.data or "" if not (character.isprintable() or character == "\n")]
    if unseen:
        field.data = "".join(character for character in field.data if character not in unseen)
        raise ValidationError(translate(DeviceNameInvalid(NAME_LENGTH if field.name == "name" else WORDS_LENGTH)))


class DeviceForm(RefusableForm):
    """A new device."""

    shown_last = "name"
    name = StringField(
        _l("Name of the device"),
        [_typable],
        filters=[tidy],
        render_kw={"maxlength": NAME_LENGTH, "autocomplete": "off"},
    )
    kind = EnumField(_l("Purpose"), enum=DeviceKind, names={kind: _l(name) for kind, name in KIND_NAMES.items()})

    def to_command(self, *, hall_id: int, by: int) -> AddDevice:
        """Return the command; the form must have been found valid."""
        return AddDevice(hall_id=hall_id, by=by, name=self.name.data, kind=self.kind.data)


class WordsForm(WithTexts, RefusableForm):
    """The form for the texts on the devices."""

    kiosk: Any = TextsField(_l("Where to go after check-in"), long=True, validators=[_typable], render_kw={"rows": 2})
    organisations = BooleanField(_l("The big screen names the organisations that are expected"))

    @classmethod
    def of(cls, words: DeviceWords) -> "WordsForm":
        """Return the form with the stored texts."""
        return cls(formdata=None, obj=words)

    def to_command(self, *, hall_id: int, by: int) -> SaveWords:
        """Return the command; the form must have been found valid."""
        return SaveWords(
            hall_id=hall_id,
            by=by,
            kiosk=self.kiosk.data,
            organisations=self.organisations.data,
        )
