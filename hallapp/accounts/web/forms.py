"""The forms of the sign-in page and of a person's own account."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from hallapp.accounts.errors import PasswordsDiffer
from hallapp.accounts.service import NAME_LENGTH, tidy_name
from hallapp.core import i18n
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.fields import Described


def typable(_form: Any, field: Field) -> None:
    """Refuse invisible and control characters, and remove them from the shown value. Raises ValidationError."""
    if not tidy_name(field.data or "").isprintable():
        field.data = "".join(character for character in field.data if character.isprintable())
        raise ValidationError(_("Please write this in letters and digits."))


class StaffForm(Described, FlaskForm):  # type: ignore[misc]
    """A form whose refusals are shown beside their fields."""

    shown_last: str

    def refuse(self, error: DomainError) -> None:
        """Show a refusal beside its field, or beside the last field."""
        field = self._fields.get(error.field or "") or self[self.shown_last]
        field.errors = [*field.errors, i18n.translate(error)]

    @property
    def wrong(self) -> bool:
        """Return whether the form has an error."""
        return any(field.errors for field in self)


class SignInForm(StaffForm):
    """Name and password, and the page that was asked for before."""

    shown_last = "password"
    name = StringField(_l("Sign-in name"), [InputRequired(_l("Please enter your sign-in name."))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Please enter your password."))])
    next = HiddenField()


class CodeForm(StaffForm):
    """A two-step code, from the telephone or from the list of recovery codes."""

    shown_last = "code"
    code = StringField(_l("Two-step code"), [InputRequired(_l("Please enter the code shown on your phone."))])


class NewPasswordForm(StaffForm):
    """A new password, typed twice."""

    shown_last = "password"
    password = PasswordField(_l("New password"), [InputRequired(_l("Please choose a password."))])
    again = PasswordField(_l("Repeat the password"), [InputRequired(_l("Please enter the same password again."))])

    def validate(self, extra_validators: Any = None) -> bool:
        """Both are there, and alike."""
        if not super().validate(extra_validators):
            return False
        if self.password.data != self.again.data:
            self.refuse(PasswordsDiffer())
        return not self.wrong


class OwnPasswordForm(NewPasswordForm):
    """The form in which members of staff change their own password."""

    old = PasswordField(_l("Present password"), [InputRequired(_l("Please enter your present password."))])


class NameForm(StaffForm):
    """The form in which members of staff change their own sign-in name."""

    shown_last = "name"
    name = StringField(
        _l("Sign-in name"),
        [InputRequired(_l("Please enter a sign-in name.")), typable],
        render_kw={"maxlength": NAME_LENGTH, "autocapitalize": "none", "spellcheck": "false"},
    )
