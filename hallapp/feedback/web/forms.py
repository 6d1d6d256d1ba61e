"""The questions to a group after its visit."""

from wtforms import Field, RadioField, StringField
from wtforms.validators import Length, ValidationError

from hallapp.accounts.web.forms import StaffForm
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import without_controls
from hallapp.feedback.models import LINE_LENGTH, STAR_NAMES
from hallapp.feedback.service import GiveFeedback

NO_GUIDE = ""


class FeedbackForm(StaffForm):
    """Stars for the visit, stars for the guide, one line."""

    shown_last = "line"
    visit = RadioField(_l("How was the visit?"), validate_choice=False)
    guide = RadioField(_l("How was the guide?"), validate_choice=False, default=NO_GUIDE)
    line = StringField(
        _l("A comment for the hall"),
        filters=[lambda text: " ".join(tidy(text).split())],
        validators=[
            without_controls,
            Length(max=LINE_LENGTH, message=_l("Please shorten this to %(max)d characters.")),
        ],
        render_kw={"maxlength": LINE_LENGTH, "autocomplete": "off"},
    )

    def offer(self) -> None:
        """Offer the stars by name, best first."""
        stars = [(str(number), _(name)) for number, name in STAR_NAMES.items()]
        self.visit.choices = stars
        self.guide.choices = [*stars, (NO_GUIDE, _("No guide, or no answer"))]

    def validate_visit(self, field: Field) -> None:
        """Raise ValidationError where no star was chosen."""
        if field.data not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please rate the visit."))

    def validate_guide(self, field: Field) -> None:
        """Check that the value is a number of stars. Raises ValidationError."""
        if (field.data or NO_GUIDE) not in {value for value, _name in field.choices}:
            raise ValidationError(_("Please choose one of these."))

    def to_command(self) -> GiveFeedback:
        """Return the group's answers. The form must have been found valid."""
        return GiveFeedback(
            stars_visit=int(self.visit.data),
            stars_guide=int(self.guide.data) if self.guide.data else None,
            line=self.line.data or "",
        )
