"""The administrators' pages of single sign-on: the providers, and the connections of each person."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import queries as accounts
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import ROLE_NAMES, Permission, Role
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.web.access import allow
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.signon import oidc, queries, service
from hallapp.signon.models import ProviderKind, SignOnProvider
from hallapp.signon.web.blueprint import blueprint
from hallapp.signon.web.forms import FORMS, KIND_NAMES, AddressForm, OidcForm, ProviderForm
from hallapp.signon.web.trips import return_address


@blueprint.get("/admin/sign-on")
@allow(Permission.STAFF_MANAGE)
def index() -> ResponseReturnValue:
    """Show the providers of the hall, and the kinds that can be added."""
    hall_id = get_staff().hall_id
    return render_template(
        "signon/index.html",
        providers=queries.list_providers(hall_id),
        counts=queries.count_connected(hall_id),
        kinds=KIND_NAMES,
    )


@blueprint.route("/admin/sign-on/new/<kind>", methods=["GET", "POST"])
@allow(Permission.STAFF_MANAGE)
def add(kind: str) -> ResponseReturnValue:
    """Add a provider; an OpenID provider is asked first whether it is one."""
    if kind not in set(ProviderKind):
        abort(404)
    chosen = ProviderKind(kind)
    if request.method == "GET":
        values = {"name": _(KIND_NAMES[chosen]), "groups_claim": "groups"}
        return _page(FORMS[chosen](formdata=None, data=values), chosen)
    form, staff = FORMS[chosen](request.form).prepare(chosen, None), get_staff()

    def save() -> ResponseReturnValue:
        command = form.to_command(hall_id=staff.hall_id, by=staff.id)
        if chosen is ProviderKind.OIDC:
            oidc.check_issuer(command.issuer)
        with transaction():
            number = service.add(chosen, command).number
        return redirect(url_for(".provider_page", number=number, saved=1), 303)

    return submit_form(form, save, lambda: _page(form, chosen))


@blueprint.route("/admin/sign-on/<number>", methods=["GET", "POST"])
@allow(Permission.STAFF_MANAGE)
def provider_page(number: str) -> ResponseReturnValue:
    """Show a provider, and change it; its issuer stays."""
    provider, staff = _get(number), get_staff()
    form_class = FORMS[provider.kind]
    if request.method == "GET":
        return _page(form_class(formdata=None, data=_shown(provider)), provider.kind, provider)
    form = form_class(request.form).prepare(provider.kind, provider)
    if isinstance(form, OidcForm):
        form.issuer.data = provider.issuer

    def save() -> ResponseReturnValue:
        with transaction():
            service.change(_get(number), form.to_command(hall_id=staff.hall_id, by=staff.id))
        return redirect(url_for(".provider_page", number=number, saved=1), 303)

    return submit_form(form, save, lambda: _page(form, _get(number).kind, _get(number)))


@blueprint.post("/admin/sign-on/<number>/remove")
@allow(Permission.STAFF_MANAGE)
def remove(number: str) -> ResponseReturnValue:
    """Remove a provider with its connections; a second click finds nothing left to do."""
    staff = get_staff()
    with transaction():
        provider = queries.find_provider(staff.hall_id, get_number(number))
        if provider:
            service.remove(provider, by=staff.id)
    return redirect(url_for(".index", saved=1), 303)


@blueprint.route("/admin/staff/<number>/sign-on", methods=["GET", "POST"])
@allow(Permission.STAFF_MANAGE)
def person(number: str) -> ResponseReturnValue:
    """Show with which providers a person can sign in, and set the address by which they are found."""
    staff = _get_person(number)
    if request.method == "GET":
        known = queries.find_address(staff)
        return _person_page(staff, AddressForm(formdata=None, data={"email": known.email if known else ""}))
    form = AddressForm(request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            service.set_address(_get_person(number), form.email.data or None, by=get_staff().id)
        return redirect(url_for(".person", number=number, saved=1), 303)

    return submit_form(form, save, lambda: _person_page(_get_person(number), form))


@blueprint.post("/admin/staff/<number>/sign-on/<provider>/disconnect")
@allow(Permission.STAFF_MANAGE)
def disconnect_person(number: str, provider: str) -> ResponseReturnValue:
    """Let a person's account be opened by a provider no longer, and end its sessions."""
    staff, by = _get_person(number), get_staff().id
    with transaction():
        found = queries.find_provider(staff.hall_id, get_number(provider))
        if found:
            service.disconnect(_get_person(number), found, by=by)
    return redirect(url_for(".person", number=number, saved=1), 303)


def _get(number: str) -> SignOnProvider:
    return queries.get_provider(get_staff().hall_id, get_number(number))


def _get_person(number: str) -> Staff:
    return accounts.get_staff(get_staff().hall_id, get_number(number))


def _shown(provider: SignOnProvider) -> dict[str, object]:
    names = ("name", "client_id", "agent_id", "issuer", "groups_claim", "second_step")
    roles = "\n".join(f"{group} = {_(ROLE_NAMES[Role(role)])}" for group, role in provider.roles)
    return {**{name: getattr(provider, name) for name in names}, "roles": roles}


def _page(form: ProviderForm, kind: ProviderKind, provider: SignOnProvider | None = None) -> str:
    hall = get_current_hall()
    number = provider.number if provider else queries.next_number(hall.id)
    return render_template(
        "signon/provider.html",
        form=form.prepare(kind, provider),
        kind=kind,
        kinds=KIND_NAMES,
        provider=provider,
        back_address=return_address(hall.id, number),
    )


def _person_page(staff: Staff, form: AddressForm) -> str:
    return render_template(
        "signon/person.html",
        person=staff,
        form=form,
        providers=queries.list_providers(staff.hall_id),
        connected=queries.list_connected(staff),
    )
