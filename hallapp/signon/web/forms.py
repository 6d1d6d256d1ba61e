"""The forms of providers, of a person's address, and of connecting one's own account."""

from typing import Any

from wtforms import BooleanField, Field, PasswordField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp, ValidationError

from hallapp.accounts.roles import ROLE_NAMES, Role
from hallapp.accounts.web.forms import StaffForm
from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.text import tidy
from hallapp.core.web.fields import without_controls
from hallapp.core.web.forms import RefusableForm
from hallapp.signon import service
from hallapp.signon.models import ProviderKind, SignOnProvider
from hallapp.signon.service import SaveProvider

KIND_NAMES = {
    ProviderKind.OIDC: N_("OpenID Connect"),
    ProviderKind.WECOM: N_("WeCom"),
    ProviderKind.DINGTALK: N_("DingTalk"),
    ProviderKind.FEISHU: N_("Feishu"),
    ProviderKind.LARK: N_("Lark"),
}
#: What each platform calls the id and the secret of an application.
_CLIENT_LABELS = {
    ProviderKind.OIDC: (N_("Client ID"), N_("Client secret")),
    ProviderKind.WECOM: (N_("Company ID (CorpID)"), N_("Secret of the app")),
    ProviderKind.DINGTALK: (N_("Client ID (AppKey)"), N_("Client secret (AppSecret)")),
    ProviderKind.FEISHU: (N_("App ID"), N_("App secret")),
    ProviderKind.LARK: (N_("App ID"), N_("App secret")),
}
_MOST_GROUPS = 50
_GROUP_LENGTH = 200


def _line(label: Any, *, most: int, required: Any = None) -> StringField:
    limits = [without_controls, Length(max=most, message=_l("Please shorten this to %(max)d characters."))]
    needed = [] if required is None else [DataRequired(required)]  # its truth would translate it
    return StringField(label, filters=[tidy], validators=[*limits, *needed])


class ProviderForm(RefusableForm):
    """The form of a provider that speaks the OAuth of its platform."""

    name = _line(_l("Name on the button"), most=40, required=_l("Enter a name."))
    client_id = _line(_l("Client ID"), most=200, required=_l("Please enter what the other system shows here."))
    secret = PasswordField(
        _l("Client secret"),
        filters=[tidy],
        validators=[without_controls, Length(max=400, message=_l("Please shorten this to %(max)d characters."))],
    )
    second_step = BooleanField(_l("The other system asks for a second factor itself"))

    def prepare(self, kind: ProviderKind, provider: SignOnProvider | None) -> "ProviderForm":
        """Name the fields as the platform does; only a new provider needs its secret typed."""
        client, secret = _CLIENT_LABELS[kind]
        self.client_id.label.text, self.secret.label.text = _(client), _(secret)
        self._needs_secret = provider is None
        return self

    def validate_secret(self, field: Field) -> None:
        """Require the secret of a new provider. Raises ValidationError."""
        if self._needs_secret and not field.data:
            raise ValidationError(_("Please enter what the other system shows here."))

    def to_command(self, *, hall_id: int, by: int) -> SaveProvider:
        """Return the command. The form must have been found valid."""
        return SaveProvider(
            hall_id=hall_id,
            by=by,
            name=self.name.data,
            client_id=self.client_id.data,
            secret=self.secret.data or None,
            second_step=self.second_step.data,
            **self._more(),
        )

    def _more(self) -> dict[str, Any]:
        return {}


class WeComForm(ProviderForm):
    """The form of WeCom, which also numbers the applications of a company."""

    agent_id = StringField(
        _l("Number of the app (AgentId)"),
        filters=[tidy],
        validators=[
            DataRequired(_l("Please enter what the other system shows here.")),
            Regexp("[0-9]{1,20}$", message=_l("This is a whole number, as WeCom shows it.")),
        ],
    )

    def _more(self) -> dict[str, Any]:
        return {"agent_id": self.agent_id.data}


class OidcForm(ProviderForm):
    """The form of an OpenID provider, whose groups can give the roles."""

    issuer = _line(_l("Issuer"), most=300, required=_l("Please enter the address of the issuer."))
    groups_claim = _line(_l("Claim that holds the groups"), most=100)
    roles = TextAreaField(_l("Roles by group, one in each line"), filters=[tidy], validators=[without_controls])
    pairs: tuple[tuple[str, Role], ...] = ()

    def validate_roles(self, field: Field) -> None:
        """Read each line as `group = role`. Raises ValidationError, which names the first line that is none."""
        lines = [line.strip() for line in (field.data or "").split("\n") if line.strip()]
        if len(lines) > _MOST_GROUPS:
            raise ValidationError(_("%(most)d lines at most.", most=_MOST_GROUPS))
        self.pairs = tuple(_pair(number, line) for number, line in enumerate(lines, 1))

    def _more(self) -> dict[str, Any]:
        return {"issuer": self.issuer.data, "groups_claim": self.groups_claim.data or "groups", "roles": self.pairs}


def _pair(number: int, line: str) -> tuple[str, Role]:
    """Return the group and the role of a line; a role is named in the reader's language, or by its code."""
    group, _sign, name = (part.strip() for part in line.replace("＝", "=").rpartition("="))
    names = {role.value: role for role in Role} | {_(text).casefold(): role for role, text in ROLE_NAMES.items()}
    role = names.get(name.casefold())
    if not group or len(group) > _GROUP_LENGTH or role is None:
        known = ", ".join(_(text) for text in ROLE_NAMES.values())
        message = _("Line %(number)d: write a group, an equals sign and one of these roles: %(roles)s.")
        raise ValidationError(message % {"number": number, "roles": known})
    return group, role


#: The form of each kind of provider.
FORMS: dict[ProviderKind, type[ProviderForm]] = {
    **dict.fromkeys(ProviderKind, ProviderForm),
    ProviderKind.OIDC: OidcForm,
    ProviderKind.WECOM: WeComForm,
}


class AddressForm(StaffForm):
    """The form of the address by which a person is found at the first sign-in."""

    shown_last = "email"
    email = StringField(_l("E-mail"), filters=[tidy], validators=[Optional(), without_controls])

    def validate_email(self, field: Field) -> None:
        """Check the form of the address. Raises ValidationError."""
        if field.data and service.tidy_address(field.data) is None:
            raise ValidationError(_("Check this e-mail address, or leave it empty."))


class ConnectForm(StaffForm):
    """The form by which a signed-in person proves who they are before an account is connected."""

    shown_last = "old"
    old = PasswordField(_l("Present password"), [InputRequired(_l("Please enter your present password."))])
