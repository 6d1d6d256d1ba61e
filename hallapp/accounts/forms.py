"""The shape of what the sign-in page sends."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from hallapp.core import i18n
from hallapp.core.errors import DomainError


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password, and the page that was asked for before."""

    name = StringField(_l("Sign-in name"), [InputRequired(_l("Please enter your sign-in name."))])
    password = PasswordField(_l("Password"), [InputRequired(_l("Please enter your password."))])
    next = HiddenField()

    def refuse(self, error: DomainError) -> None:
        """Put a refusal beside its field, or beside the last one."""
        field = self[error.field or "password"]
        field.errors = [*field.errors, i18n.translate(error)]
