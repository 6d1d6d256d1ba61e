"""The form of the hall's certificates."""

from collections.abc import Iterable
from typing import Any, Self

from wtforms.validators import Length

from hallapp.certificates.models import WORDS_LENGTH, CertificateSetting, Scope
from hallapp.certificates.service import SaveSetting
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import EnumField, without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.core.web.local_texts import TextsField, WithTexts
from hallapp.resources.web.forms import ProgrammesField
from hallapp.schedule.models import Programme

_SCOPES = {
    Scope.NONE: _l("No group"),
    Scope.ALL: _l("The groups of all programmes"),
    Scope.CHOSEN: _l("The groups of these programmes"),
}


class SettingForm(WithTexts, RefusableForm):
    """The groups that get a certificate, and the words on it."""

    scope = EnumField(_l("Who gets a certificate"), enum=Scope, names=_SCOPES, default=Scope.NONE)
    programmes = ProgrammesField(_l("Programmes"))
    words: Any = TextsField(
        _l("Words of the hall"),
        long=True,
        validators=[
            without_controls,
            Length(max=WORDS_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
        ],
    )

    @classmethod
    def of(cls, setting: CertificateSetting | None, chosen: Iterable[int]) -> Self:
        """Return the form with the present values of the hall."""
        return cls(formdata=None, obj=setting, data={"programmes": [str(number) for number in chosen]})

    def offer(self, programmes: Iterable[Programme]) -> Self:
        """Show these programmes; return the form."""
        self.programmes.names = {one.id: one.name(language()) for one in programmes}
        return self

    def to_command(self, *, hall_id: int, by: int) -> SaveSetting:
        """Return the command for the service. The form must have been found valid."""
        return SaveSetting(
            hall_id=hall_id,
            by=by,
            scope=self.scope.data,
            words=self.words.data,
            programmes=self.programmes.chosen,
        )
