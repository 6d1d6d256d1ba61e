"""The page of the hall's places of origin: the set, the hall's own place in it, and what it asks for besides."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge
from wtforms import BooleanField, HiddenField, SelectField

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.admin.setup import origins
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.web.access import allow
from hallapp.core.web.forms import RefusableForm, attempt, submit_form
from hallapp.core.web.responses import http_error
from hallapp.origins import china, own, queries, subdivisions, world
from hallapp.origins.errors import FileFault, OriginsFileRefused
from hallapp.origins.values import OriginSet, sort_key
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("origins", __name__)


class OriginsForm(RefusableForm):
    """The form that chooses the set which the page shows."""

    set = HiddenField()
    home = SelectField(_l("The hall’s own place"), validate_choice=False)
    cities = BooleanField(_l("Ask for the city of visitors from the hall’s own division"))
    countries = BooleanField(_l("Ask for the country of visitors from abroad"))


@blueprint.route("/admin/origins", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the present set, or the one of `?set=` before it is chosen; choose it."""
    hall, staff = get_current_hall(), get_staff()
    if request.method == "GET":
        return _page(hall, _filled(hall, request.args.get("set", "")))
    form = OriginsForm(request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            origins.choose(
                origins.ChooseOrigins(
                    hall_id=staff.hall_id,
                    by=staff.id,
                    set=form.set.data or "",
                    home=form.home.data or "",
                    cities=form.cities.data,
                    countries=form.countries.data,
                )
            )
        return redirect(url_for(".index", saved=1), 303)

    return submit_form(form, save, lambda: _page(get_current_hall(), form))


@blueprint.post("/admin/origins/own")
@allow(Permission.SETTINGS_CHANGE)
def upload() -> ResponseReturnValue:
    """Take a file with places of the hall's own, and show them before they are chosen."""
    sent = request.files.get("file")
    content = sent.stream.read(own.FILE_MOST + 1) if sent else b""
    hall_id = get_staff().hall_id

    def save() -> ResponseReturnValue:
        with transaction():
            code = origins.keep_own(hall_id, content)
        return redirect(url_for(".index", set=code, _anchor="chosen"), 303)

    return attempt(save, _refused)


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refuse a file beyond any page's limit beside its field."""
    if request.endpoint != f"{blueprint.name}.{upload.__name__}":
        return http_error(error)
    refused = OriginsFileRefused([own.too_large()])
    return _refused(refused), refused.status


def _refused(error: DomainError) -> str:
    hall = get_current_hall()
    faults = error.faults if isinstance(error, OriginsFileRefused) else ()
    return _page(hall, _filled(hall, ""), faults=[_fault(one) for one in faults])


def _fault(one: FileFault) -> str:
    return _("Row %(number)s: %(fault)s", number=one.at, fault=_(one.message, **one.params))


def _filled(hall: Hall, wanted: str) -> OriginsForm:
    """Return the form of the wanted set, with the present values where it is the hall's."""
    can_choose = not origins.is_in_use(hall.id) and origins.find_set(hall.id, wanted)
    code = wanted if can_choose else hall.origin_set
    mine = code == hall.origin_set
    shown = {"set": code, "home": hall.home_division if mine else ""}
    return OriginsForm(
        formdata=None,
        data=shown | {"cities": mine and hall.origin_cities, "countries": mine and hall.origin_countries},
    )


def _page(hall: Hall, form: OriginsForm, *, faults: list[str] | None = None) -> str:
    shown = origins.find_set(hall.id, form.set.data or "") or hall.origins
    homes = [(one.code, one.name) for one in shown.choices(language()) if shown.division(one.code).is_place]
    form.home.choices = [("", _("Choose a place")), *homes]
    return render_template(
        "admin/setup/origins.html",
        hall=hall,
        form=form,
        shown=shown,
        title_of=_title,
        sets=_list_sets(hall),
        in_use=origins.is_in_use(hall.id),
        has_cities=shown.code == china.CODE,
        city_count=len(queries.list_cities(hall.home_division)) if shown.code == china.CODE else 0,
        has_countries=shown.code != world.CODE,
        faults=faults or [],
        most=own.PLACES_MOST,
        file_most=own.FILE_MOST // 1024,
        language_codes=hall.language_codes,
    )


def _list_sets(hall: Hall) -> list[tuple[str, str]]:
    """Return the sets that the hall can choose, by code and title."""
    countries = sorted(subdivisions.list_countries(), key=lambda code: sort_key(world.country_name(code, language())))
    codes = [china.CODE, *origins.list_own(hall.id), world.CODE, *countries]
    found = ((code, origins.find_set(hall.id, code)) for code in codes)
    return [(code, _title(one)) for code, one in found if one]


def _title(origins: OriginSet) -> str:
    """Return `Germany: 16 Bundesländer`."""
    values = {"count": len(origins.places), "places": _(origins.words.places)}
    if origins.code.startswith(own.PREFIX):
        return _("The hall’s own list: %(count)s %(places)s", **values)
    if origins.code == world.CODE:
        return _("All countries and regions of the world")
    country = "CN" if origins.code == china.CODE else origins.code
    return _("%(country)s: %(count)s %(places)s", country=world.country_name(country, language()), **values)
