"""The administrator's forms for staff accounts."""

from enum import StrEnum
from typing import Any

from email_validator import EmailNotValidError, validate_email
from wtforms import EmailField, Field, StringField
from wtforms.validators import InputRequired, Optional, ValidationError

from hallapp.accounts.joining import Invite
from hallapp.accounts.models import TwoStepRule
from hallapp.accounts.roles import ROLE_NAMES, Role
from hallapp.accounts.service import NAME_LENGTH
from hallapp.accounts.web.forms import StaffForm, typable
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import EnumField

RULE_NAMES = {
    TwoStepRule.NOBODY: N_("For no one: each person can turn them on"),
    TwoStepRule.MANAGERS: N_("For managers and administrators"),
    TwoStepRule.EVERYBODY: N_("For everyone"),
}
ROLE_MEANINGS = {
    Role.GUIDE: N_("sees today’s groups"),
    Role.DESK: N_("the desk: scan, admit, walk-ins, bookings"),
    Role.MANAGER: N_("like the desk; also calendar, settings, approvals, reports"),
    Role.DIRECTOR: N_("reads reports and their pictures, nothing else: no names, no telephone numbers"),
    Role.ADMIN: N_("like a manager; also the staff and their accounts"),
}


def _translated(names: dict[Any, str]) -> dict[Any, Any]:
    return {one: _l(name) for one, name in names.items()}


class Switch(StrEnum):
    """A setting of one person that is on or off."""

    ON = "on"
    OFF = "off"


def role_field() -> EnumField:
    """Return one of the roles."""
    return EnumField(_l("Role"), enum=Role, names=_translated(ROLE_NAMES))


def email_field(label: Any) -> EmailField:
    """Return an address that a link may be sent to."""
    return EmailField(label, filters=[tidy], validators=[Optional(), typable, _deliverable])


def _deliverable(_form: Any, field: Field) -> None:
    """Check the form of the mail address. Raises ValidationError."""
    try:
        field.data = validate_email(field.data, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValidationError(_("Check this e-mail address, or leave it empty.")) from None


class InviteForm(StaffForm):
    """The form that invites a person with a role."""

    shown_last = "name"
    name = StringField(
        _l("Sign-in name"),
        [InputRequired(_l("Please enter a sign-in name.")), typable],
        render_kw={"maxlength": NAME_LENGTH, "autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"},
    )
    role = role_field()
    email = email_field(_l("E-mail"))

    def to_command(self, *, hall_id: int, by: int) -> Invite:
        """Return the invitation. The form must have been found valid."""
        return Invite(hall_id=hall_id, by=by, name=self.name.data, role=self.role.data)


class RoleForm(StaffForm):
    """The form that changes a person's role."""

    shown_last = "role"
    role = role_field()


class ResetForm(StaffForm):
    """The form that sends a new link to an address, if one is given."""

    shown_last = "email"
    email = email_field(_l("E-mail"))


class RequireForm(StaffForm):
    """The form that requires two-step codes of one person."""

    shown_last = "required"
    required = EnumField(
        _l("Two-step codes"),
        enum=Switch,
        names={Switch.ON: _l("Required"), Switch.OFF: _l("According to the hall’s rule")},
    )


class RuleForm(StaffForm):
    """The form for the accounts that must use two-step codes."""

    shown_last = "two_step"
    two_step = EnumField(_l("Required"), enum=TwoStepRule, names=_translated(RULE_NAMES))
