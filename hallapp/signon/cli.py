"""Commands of single sign-on, for services that are set up by scripts."""

import sys

import click

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Role
from hallapp.core.cli import Group, one_line_errors
from hallapp.core.database import transaction
from hallapp.core.text import tidy
from hallapp.schedule.addresses import base_url
from hallapp.schedule.cli import get_hall, list_halls
from hallapp.signon import oidc, queries, service
from hallapp.signon.models import ProviderKind, SignOnProvider
from hallapp.signon.service import SaveProvider

signon = Group("signon", help="Single sign-on: the providers of a hall.")
_NAME_LENGTH, _ID_LENGTH, _SECRET_LENGTH = 40, 200, 400


class _Text(click.ParamType):
    """A text of limited length in one line."""

    name = "text"

    def __init__(self, most: int) -> None:
        self.most = most

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text without spaces around it."""
        text = tidy(value) or ""
        if not text or not text.isprintable() or len(text) > self.most:
            self.fail(f"needs 1 to {self.most} printable characters", param, ctx)
        return text


class _Pair(click.ParamType):
    """A group there and a role here, such as `hall-desk=desk`."""

    name = "group=role"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Role]:
        """Return the group and the role."""
        group, _sign, role = (part.strip() for part in value.rpartition("="))
        if not group or len(group) > _ID_LENGTH or role not in set(Role):
            roles = ", ".join(Role)
            self.fail(f"{value!r}: write GROUP=ROLE with one of these roles: {roles}", param, ctx)
        return group, Role(role)


@signon.command("save")
@click.argument("name", type=_Text(_NAME_LENGTH))
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in ProviderKind]))
@click.option("--client-id", required=True, type=_Text(_ID_LENGTH), help="Client ID; CorpID of WeCom.")
@click.option("--secret-stdin", is_flag=True, help="Read the secret from the first line of standard input.")
@click.option("--issuer", default="", help="Address of the issuer; for oidc only.")
@click.option("--agent-id", default="", help="Number of the app (AgentId); for wecom only.")
@click.option("--groups-claim", default="groups", show_default=True, type=_Text(100), help="For oidc only.")
@click.option("--role", "roles", multiple=True, type=_Pair(), help="GROUP=ROLE, the first that fits; for oidc only.")
@click.option("--second-step", is_flag=True, help="The provider asks for a second factor itself.")
@click.option("--hall", "slug", help="Short name of the hall; needed where there are several.")
@one_line_errors
def save(*, name: str, kind: str, slug: str | None, secret_stdin: bool, issuer: str, **values: object) -> None:
    """Add a provider, or change the one of this name, and print the return address to enter there.

    The command may run at each deployment. Without --secret-stdin a known provider keeps its secret.
    """
    hall, chosen = get_hall(slug), ProviderKind(kind)
    found = next((one for one in queries.list_providers(hall.id) if one.name == name), None)
    _check_kind(chosen, issuer=issuer, agent_id=str(values["agent_id"]), roles=bool(values["roles"]))
    if found and (found.kind, found.issuer) != (chosen, issuer):
        raise click.ClickException(f"{name} has another kind or issuer: remove it on the page, or choose another name")
    secret = _secret(from_stdin=secret_stdin) if secret_stdin or found is None else None
    if found is None and chosen is ProviderKind.OIDC:
        oidc.check_issuer(issuer)
    command = SaveProvider(hall_id=hall.id, by=None, name=name, secret=secret, issuer=issuer, **values)  # type: ignore[arg-type]
    with transaction():
        if found is None:
            found = service.add(chosen, command)
        else:
            service.change(found, command)
        number = found.number
    click.echo(f"Saved {name} of the hall {hall.slug}. Return address: {base_url(hall)}/sign-on/{number}/back")


@signon.command("list")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def list_providers(slug: str | None) -> None:
    """List the providers, with the return address of each."""
    for hall in list_halls(slug):
        for one in queries.list_providers(hall.id):
            back = f"{base_url(hall)}/sign-on/{one.number}/back"
            click.echo(f"{hall.slug}  {one.kind.value:<8}  {one.name}  {_describe(one)}  {back}")


@signon.command("address")
@click.argument("name")
@click.argument("email")
@one_line_errors
def set_address(name: str, email: str) -> None:
    """Set the mail address by which an OpenID provider opens an account at the first sign-in; "" removes it."""
    staff = accounts.get_staff_by_name(name)
    if email and service.tidy_address(email) is None:
        raise click.ClickException("this is no mail address")
    with transaction():
        service.set_address(staff, email or None, by=None)
    click.echo(f"{staff.name} {'is found by this address' if email else 'is found by no address'}.")


def _check_kind(kind: ProviderKind, *, issuer: str, agent_id: str, roles: bool) -> None:
    """Refuse options that this kind does not have, and the lack of those that it needs."""
    is_oidc, is_wecom = kind is ProviderKind.OIDC, kind is ProviderKind.WECOM
    if is_oidc != bool(issuer):
        raise click.ClickException("--issuer is needed with --kind oidc, and only there")
    if is_wecom != bool(agent_id) or (is_wecom and not (agent_id.isdecimal() and len(agent_id) <= 20)):
        raise click.ClickException("--agent-id, a whole number, is needed with --kind wecom, and only there")
    if roles and not is_oidc:
        raise click.ClickException("--role is possible with --kind oidc only: the platforms tell no groups")


def _secret(*, from_stdin: bool) -> str:
    if not from_stdin:
        return str(click.prompt("Secret", hide_input=True))
    secret = sys.stdin.readline().strip()
    if not secret or len(secret) > _SECRET_LENGTH:
        raise click.ClickException(f"the secret on standard input needs 1 to {_SECRET_LENGTH} characters")
    return secret


def _describe(provider: SignOnProvider) -> str:
    return provider.issuer or provider.client_id
