"""The forms of the sign-in page and of a person's own account."""

from typing import Any

from wtforms import Field, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from hallapp.accounts.errors import PasswordsDiffer
from hallapp.accounts.service import NAME_LENGTH, tidy_name
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.forms import RefusableForm


def typable(_form: Any, field: Field) -> None:
    """Refuse invisible and control characters, and remove them from the shown value. Raises ValidationError."""
    if not tidy_name(field.data or "").isprintable():
        field.data = "".join(character for character in field.data if character.isprintable())
        raise ValidationError(_("Please write this in letters and digits."))


class StaffForm(RefusableForm):
    """A form whose refusals are all shown beside fields; each subclass names its `shown_last`."""

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
        """Validate that both entries are filled in and equal."""
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
