"""The form of the websites that may show a hall's pages."""

from wtforms import TextAreaField
from wtforms.validators import Length

from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.forms import RefusableForm


class SitesForm(RefusableForm):
    """The websites, one in each line."""

    sites = TextAreaField(
        _l("Websites"),
        filters=[tidy],
        validators=[Length(max=3000, message=_l("Please shorten this to %(max)d characters."))],
    )
