"""Signing in with a provider: begin, come back, join by an invitation, connect one's own account, sign out there."""

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import joining, passwords, sessions
from hallapp.accounts.errors import PasswordWrong, SignInRefused
from hallapp.accounts.models import Staff
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.checking import count_own_password
from hallapp.accounts.web.routes import Checked, Way, proceed
from hallapp.accounts.web.session import find_person, get_person, stay_signed_in
from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.core.web.access import allow, open_in_draft, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.rownumbers import find_number, get_number
from hallapp.schedule.addresses import base_url
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.signon import oidc, queries, service
from hallapp.signon.assertion import Assertion
from hallapp.signon.errors import NobodyKnown, NoGroup, SignOnRefused, StateUnknown
from hallapp.signon.models import ProviderKind, SignOnProvider
from hallapp.signon.web import admin
from hallapp.signon.web.blueprint import blueprint, init_app
from hallapp.signon.web.forms import ConnectForm
from hallapp.signon.web.trips import Trip, arrive, depart

__all__ = ["admin", "blueprint", "init_app"]


@blueprint.post("/sign-on/<number>")
@public
@open_in_draft
def begin(number: str) -> ResponseReturnValue:
    """Lead to a provider, to sign in there."""
    provider, asked = _get(number), request.form.get("next", "")
    try:
        return depart(provider, asked=asked)
    except SignOnRefused as refusal:
        return redirect(url_for("accounts.sign_in", next=asked or None, refused=refusal.code), 303)


@blueprint.get("/sign-on/<number>/back")
@public
@open_in_draft
def back(number: str) -> ResponseReturnValue:
    """Come back from a provider; the code in this address works once, and the answer leads away from it."""
    try:
        trip, provider, result = arrive(find_number(number) or 0)
    except StateUnknown as refusal:
        return redirect(url_for("accounts.sign_in", refused=refusal.code), 303)
    try:
        if isinstance(result, SignOnRefused):
            raise result
        return redirect(_complete(trip, provider, result), 303)
    except SignOnRefused as refusal:
        return redirect(_page_of(trip, refused=refusal.code), 303)
    except SignInRefused:  # the account was changed at this moment
        return redirect(_page_of(trip, refused=NobodyKnown.code), 303)


@blueprint.post("/invitations/<token>/sign-on/<number>")
@public
def join(token: str, number: str) -> ResponseReturnValue:
    """Lead the owner of an invitation to a provider, whose account then opens the one here instead of a password."""
    link = joining.get_open_link(token)
    g.hall_id = link.hall_id
    try:
        return depart(queries.get_provider(link.hall_id, get_number(number)), token=token)
    except SignOnRefused as refusal:
        return redirect(url_for("accounts.invitation", token=token, refused=refusal.code), 303)


@blueprint.get("/sign-on/<number>/signed-out")
@public
@open_in_draft
def signed_out(number: str) -> ResponseReturnValue:
    """Tell a person who has signed out here that the session at the provider continues, and where it ends."""
    provider = queries.find_provider(get_current_hall().id, find_number(number) or 0)
    url = _sign_out_url(provider) if provider and provider.kind is ProviderKind.OIDC else None
    if provider is None or url is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return render_template("signon/signed_out.html", provider=provider, url=url)


@blueprint.get("/account/sign-on")
@allow(Permission.OWN_ACCOUNT)
def own() -> ResponseReturnValue:
    """Show with which providers a person can sign in, and connect another one."""
    return _own_page(ConnectForm(formdata=None))


@blueprint.post("/account/sign-on/<number>")
@allow(Permission.OWN_ACCOUNT)
def connect(number: str) -> ResponseReturnValue:
    """Lead a signed-in person, who types the password again, to a provider, to connect the account there."""
    form, provider = ConnectForm(request.form), _get(number)

    def check_and_depart() -> ResponseReturnValue:
        count_own_password(get_person().id)
        staff = _own_account()
        if not passwords.matches(form.old.data, staff.password_hash if staff.has_password else passwords.NOBODY):
            raise PasswordWrong
        return depart(provider, staff=staff.id, version=staff.session_version)

    return submit_form(form, check_and_depart, lambda: _own_page(form, opened=provider.number))


@blueprint.post("/account/sign-on/<number>/disconnect")
@allow(Permission.OWN_ACCOUNT)
def disconnect(number: str) -> ResponseReturnValue:
    """Let one's own account be opened by a provider no longer; other sessions end, this one continues."""
    person, provider = get_person(), queries.find_provider(get_person().hall_id, get_number(number))
    if provider and not _own_account().has_password:
        return redirect(url_for(".own", refused="only"), 303)
    if provider:
        with transaction():
            staff = _own_account()
            service.disconnect(staff, queries.get_provider(person.hall_id, provider.number), by=staff.id)
            token = sessions.renew(staff, person.session_id)
        stay_signed_in(token)
    return redirect(url_for(".own", saved=1), 303)


def _complete(trip: Trip, provider: SignOnProvider, assertion: Assertion) -> str:
    """Carry out what a trip was for, and return where to go. Raises SignOnRefused, SignInRefused."""
    try:
        return _carry_out(trip, provider, assertion)
    except NoGroup:  # in a transaction of its own: the refusal has undone the first one
        with transaction():
            service.take_role(queries.get_provider(trip.hall, provider.number), assertion)
        raise


def _carry_out(trip: Trip, provider: SignOnProvider, assertion: Assertion) -> str:
    number, name = provider.number, provider.name
    with transaction():
        provider = queries.get_provider(trip.hall, number)
        if trip.staff is not None:
            service.connect(_same_person(trip), provider, assertion)
            return url_for(".own", saved=1)
        staff = (
            service.join(provider, assertion, token=trip.token) if trip.token else service.sign_in(provider, assertion)
        )
        second_step = provider.second_step and assertion.second_step is not False
        checked = Checked.of(staff)
    return proceed(checked, asked=trip.asked, way=Way(number, name, second_step))


def _same_person(trip: Trip) -> Staff:
    """Return the signed-in person who began a trip, as the account was then. Raises StateUnknown."""
    staff = db.session.get(Staff, trip.staff)
    person = find_person()
    if staff is None or person is None or person.id != staff.id or staff.session_version != trip.version:
        raise StateUnknown
    return staff


def _page_of(trip: Trip, *, refused: str) -> str:
    """Return the page from which a trip began, with the reason why it failed."""
    if trip.staff is not None:
        return url_for(".own", refused=refused)
    if trip.token:
        return url_for("accounts.invitation", token=trip.token, refused=refused)
    return url_for("accounts.sign_in", next=trip.asked or None, refused=refused)


def _get(number: str) -> SignOnProvider:
    return queries.get_provider(get_current_hall().id, get_number(number))


def _own_account() -> Staff:
    return db.session.get_one(Staff, get_person().id)


def _own_page(form: ConnectForm, *, opened: int | None = None) -> str:
    staff = _own_account()
    return render_template(
        "signon/own.html",
        form=form,
        opened=opened,
        account=staff,
        providers=queries.list_providers(staff.hall_id),
        connected=queries.list_connected(staff),
    )


def _sign_out_url(provider: SignOnProvider) -> str | None:
    try:
        back = base_url(get_current_hall()) + url_for("accounts.sign_in")
        return oidc.sign_out_url(service.opened(provider), back=back)
    except DomainError:
        return None
