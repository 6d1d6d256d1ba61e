"""The wizard of an empty installation: code, country, hall, first open day, first administrator.

What was typed is kept in the signed cookie of the browser's session until the last step makes everything in one
transaction; the password is part of the last step, so it is never kept.
"""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from hallapp.accounts import agents, sessions
from hallapp.accounts import service as accounts
from hallapp.accounts.web import known
from hallapp.accounts.web.session import enter
from hallapp.core import clock, limits
from hallapp.core.database import transaction
from hallapp.core.i18n import language
from hallapp.core.web.access import open_in_draft, public
from hallapp.core.web.forms import submit_form
from hallapp.core.web.responses import client_network
from hallapp.first_run import service
from hallapp.first_run.errors import AlreadySetUp, SetupCodeWrong
from hallapp.first_run.places import list_languages
from hallapp.first_run.web.forms import AccountForm, CodeForm, CountryForm, HallForm, OpeningForm, StepForm, to_command
from hallapp.schedule.starter import STARTERS, CreateHall
from hallapp.schedule.web.words import full_weekdays

blueprint = Blueprint("first_run", __name__)
_KEPT = "first_run"
_LIMIT_SECONDS = 10 * 60
_TRIES_PER_NETWORK = 10
_TRIES = 100
_FORMS: dict[str, type[StepForm]] = {
    "country": CountryForm,
    "hall": HallForm,
    "opening": OpeningForm,
    "account": AccountForm,
}
_CHOSEN_IN_COUNTRY = ("origin_set", "home_division", "time_zone")
STEPS = ("code", *_FORMS)


@blueprint.route("/first-run", methods=["GET", "POST"])
@public
@open_in_draft
def code() -> ResponseReturnValue:
    """Ask for the code that the terminal shows."""
    if service.is_set_up():
        return _set_up_already()
    form = CodeForm(request.form)

    def check() -> ResponseReturnValue:
        limits.count(
            _limit("setup_code_network", client_network(), most=_TRIES_PER_NETWORK),
            _limit("setup_code", "all", most=_TRIES),
        )
        digest = service.digest_of(form.code.data)
        if not service.is_valid(digest):
            raise SetupCodeWrong
        session[_KEPT] = {**_kept(), "digest": digest}
        return redirect(url_for(".step", name="country"), 303)

    def page() -> str:
        return _page("code", form)

    return submit_form(form, check, page) if request.method == "POST" else page()


@blueprint.route("/first-run/<any(country,hall,opening,account):name>", methods=["GET", "POST"])
@public
@open_in_draft
def step(name: str) -> ResponseReturnValue:
    """Show one step with what was typed before, or take it and go on to the next one."""
    if service.is_set_up():
        return _set_up_already()
    missing = _find_missing(name)
    if missing:
        return redirect(_address(missing), 303)
    if request.method == "GET":
        return _page(name, _fill(name))
    form = _make(name, request.form)
    if "back" in request.form:
        _keep(name, form)
        return redirect(_address(STEPS[STEPS.index(name) - 1]), 303)
    return submit_form(form, lambda: _take(name, form), lambda: _page(name, form))


def _limit(what: str, subject: str, *, most: int) -> limits.Limit:
    return limits.Limit(what=what, subject=subject, most=most, seconds=_LIMIT_SECONDS, field="code")


def _take(name: str, form: StepForm) -> ResponseReturnValue:
    if isinstance(form, AccountForm):
        return _finish(form)
    if isinstance(form, OpeningForm):
        form.check_day(_today())
    _keep(name, form)
    return redirect(_address(STEPS[STEPS.index(name) + 1]), 303)


def _finish(form: AccountForm) -> ResponseReturnValue:
    hall = _read_hall()
    command = service.SetUp(digest=_kept()["digest"], hall=hall, name=form.name.data, password=form.password.data)
    with transaction():
        staff = service.set_up(command)
        accounts.note_sign_in(staff)
        browser, system = agents.family(request.user_agent.string)
        token = sessions.begin(staff, browser=browser, system=system)
    person = enter(token)
    known.remember(person.id)
    return redirect(url_for("setup.index"), 303)


def _read_hall() -> CreateHall:
    hall, opening = _read("hall"), _read("opening")
    if not (hall.validate() and opening.validate()):  # it was valid a moment ago, in `_find_missing`
        raise SetupCodeWrong
    return to_command(hall, opening)


def _find_missing(name: str) -> str | None:
    """Return the first step before this one that has to be done first, or None."""
    if not service.is_valid(_kept().get("digest", "")):
        return "code"
    for earlier in STEPS[1 : STEPS.index(name)]:
        if not _read(earlier).validate():
            return earlier
    return None


def _set_up_already() -> ResponseReturnValue:
    if request.method == "POST":
        raise AlreadySetUp
    return redirect(url_for("accounts.sign_in"), 303)


def _address(name: str) -> str:
    return url_for(".code") if name == "code" else url_for(".step", name=name)


def _kept() -> dict[str, Any]:
    kept = session.get(_KEPT)
    return kept if isinstance(kept, dict) else {}


def _keep(name: str, form: StepForm) -> None:
    typed = form.typed()
    for secret in ("password", "again"):
        typed.pop(secret, None)
    kept = {**_kept(), name: typed}
    if name == "country" and typed != _kept().get(name):
        hall = kept.get("hall", {})
        kept["hall"] = {field: texts for field, texts in hall.items() if field not in _CHOSEN_IN_COUNTRY}
    session[_KEPT] = kept


def _fill(name: str) -> StepForm:
    """Return the form of a step as it was left, or as it begins."""
    kept = _kept().get(name)
    if kept is not None:
        return _make(name, MultiDict(kept))
    started = {"opened_on": _suggest_day(), "closed_weekdays": ["0"], "programmes": [one.slug for one in STARTERS]}
    return _make(name, None, **{"data": started} if name == "opening" else {})


def _read(name: str) -> Any:
    """Return the form of a step as it was kept."""
    return _make(name, MultiDict(_kept().get(name, {})), meta={"csrf": False})


def _make(name: str, typed: MultiDict[str, str] | None, **values: Any) -> Any:
    """Return the form of a step; that of the hall offers what suits its country."""
    if name == "hall":
        country = _read("country").country.data
        values |= {"country": country, "languages": list_languages(country, language(), *_list_named(typed))}
    return _FORMS[name](typed, **values)


def _list_named(typed: MultiDict[str, str] | None) -> list[str]:
    """Return the languages in which the hall has a name already, perhaps by a reader of another language."""
    texts = _kept().get("hall", {}) | (typed.to_dict(flat=False) if typed else {})
    return [name.removeprefix("name_") for name, text in texts.items() if name.startswith("name_") and any(text)]


def _today() -> date:
    """Return the present day at the hall, whose time zone was chosen in an earlier step."""
    return clock.today(_read("hall").time_zone.data)


def _suggest_day() -> date:
    """Return today, or tomorrow where today is the closing day that is ticked at first."""
    today = _today()
    return today + timedelta(days=1) if today.weekday() == 0 else today


def _page(name: str, form: CodeForm | StepForm) -> str:
    return render_template(
        f"first_run/{name}.html",
        form=form,
        step=name,
        steps=STEPS,
        starters=STARTERS,
        full_weekdays=full_weekdays,
    )
