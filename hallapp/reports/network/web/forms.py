"""The form that opens a hall's totals to an account of another hall."""

from wtforms import StringField
from wtforms.validators import InputRequired

from hallapp.accounts.service import NAME_LENGTH
from hallapp.accounts.web.forms import typable
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.forms import RefusableForm


class ReaderForm(RefusableForm):
    """The sign-in name of an account of another hall."""

    shown_last = "name"
    name = StringField(
        _l("Sign-in name"),
        [InputRequired(_l("Please enter a sign-in name.")), typable],
        render_kw={"maxlength": NAME_LENGTH, "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
