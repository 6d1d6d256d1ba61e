"""The form for the names of a kind of organisation."""

from typing import Any

from wtforms import BooleanField
from wtforms.validators import Length

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.kinds.models import NAME_LENGTH
from hallapp.kinds.service import SaveKind
from hallapp.kinds.values import Kind
from hallapp.schedule.models import Hall

_TOO_LONG = Length(max=NAME_LENGTH, message=_l("Please shorten this to %(max)d characters."))


class KindForm(WithTexts, RefusableForm):
    """The names of a kind, by language."""

    name: Any = TextsField(_l("Name"), validators=[without_controls, _TOO_LONG])
    of_individuals = BooleanField(_l("These are people without an organisation, such as families"))

    @classmethod
    def of(cls, kind: Kind | None) -> "KindForm":
        """Return the form with the present names of a kind, the standard ones too; or empty."""
        form = cls(formdata=None)
        if kind is not None:
            for part in form.name.parts:
                part.field.data = kind.name(part.language)
        return form

    def to_command(self, hall: Hall, *, by: int, code: str | None) -> SaveKind:
        """Return the command for the service. The form must have been found valid."""
        return SaveKind(
            hall=hall,
            by=by,
            code=code,
            names=self.name.data,
            languages=self.languages,
            of_individuals=self.of_individuals.data,
        )
