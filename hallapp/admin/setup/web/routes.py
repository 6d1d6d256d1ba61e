"""The settings: the way in, the hall's words and logo, its rules, programmes and weekly templates."""

from collections.abc import Callable
from typing import NoReturn

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.admin.setup import overview, queries
from hallapp.admin.setup.web import forms
from hallapp.admin.setup.web.forms import HallForm, NewProgrammeForm, PolicyForm, ProgrammeForm, SettingsForm, WeekForm
from hallapp.admin.setup.weeks import WeekRow, grid_of, rows_of, sort_weeks
from hallapp.admin.web import settle
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import http_error
from hallapp.core.web.rownumbers import get_number
from hallapp.schedule import publishing as publishing_service
from hallapp.schedule import queries as schedule
from hallapp.schedule import service
from hallapp.schedule.addresses import base_url
from hallapp.schedule.errors import LogoTooLarge
from hallapp.schedule.models import Hall, Programme, WeekTemplate
from hallapp.schedule.policies import LOGO_BYTES_MOST, ChangePolicy
from hallapp.schedule.policy import OVERRIDABLE
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.schedule.web.words import full_weekdays
from hallapp.tasks import queries as tasks

blueprint = Blueprint("setup", __name__)


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"full_weekdays": full_weekdays}


@blueprint.get("/admin")
@allow(Permission.SETTINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the overview: the settings made, and those missing before the hall can be booked."""
    hall = get_current_hall()
    return render_template(
        "admin/setup/index.html",
        hall=hall,
        overview=overview.look_over(hall),
        worker_alive=tasks.is_worker_alive(),
        task_problems=tasks.count_problems(hall.id),
    )


@blueprint.get("/admin/publishing")
@allow(Permission.SETTINGS_CHANGE)
def publishing() -> ResponseReturnValue:
    """Show whether the hall is published, what is missing before, and what follows from taking it back."""
    hall = get_current_hall()
    bookings, people = queries.count_coming(hall.id, since=hall.today())
    return render_template(
        "admin/setup/publishing.html",
        hall=hall,
        overview=overview.look_over(hall),
        bookings=bookings,
        people=people,
        site=base_url(hall),
    )


@blueprint.post("/admin/publishing/publish")
@allow(Permission.SETTINGS_CHANGE)
def publish() -> ResponseReturnValue:
    """Open the public pages to everyone."""
    return _set_published(publishing_service.publish)


@blueprint.post("/admin/publishing/unpublish")
@allow(Permission.SETTINGS_CHANGE)
def unpublish() -> ResponseReturnValue:
    """Close the public pages to everyone but the staff."""
    return _set_published(publishing_service.unpublish)


def _set_published(act: Callable[[int, int | None], None]) -> ResponseReturnValue:
    staff = get_staff()
    with transaction():
        act(staff.hall_id, staff.id)
    return redirect(url_for(".publishing", saved=1), 303)


@blueprint.route("/admin/hall", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def hall_facts() -> ResponseReturnValue:
    """Show the hall's texts in both languages, its colour and its languages."""
    if request.method == "GET":
        hall = get_current_hall()
        return _hall_page(hall, HallForm.of(hall))
    return _answer_policy(HallForm.sent(request.form), _hall_page, title=_("Save the hall details"))


@blueprint.post("/admin/hall/logo")
@allow(Permission.SETTINGS_CHANGE)
def save_logo() -> ResponseReturnValue:
    """Take a picture as the hall's logo."""
    sent = request.files.get("logo")
    content = sent.stream.read(LOGO_BYTES_MOST + 1) if sent else b""
    staff = get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            service.save_logo(staff.hall_id, content, staff.id)
        return redirect(url_for(".hall_facts", saved="logo", _anchor="logo"), 303)

    return attempt(save, _logo_refused)


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refuse a file beyond any page's limit beside its field, like one that is a little too large."""
    if request.endpoint != f"{blueprint.name}.{save_logo.__name__}":
        return http_error(error)
    too_large = LogoTooLarge(most=LOGO_BYTES_MOST // 1024)
    return _logo_refused(too_large), too_large.status


@blueprint.post("/admin/hall/logo/delete")
@allow(Permission.SETTINGS_CHANGE)
def delete_logo() -> ResponseReturnValue:
    """Take the hall's logo away."""
    staff = get_staff()
    with transaction():
        service.delete_logo(staff.hall_id, staff.id)
    return redirect(url_for(".hall_facts", saved="logo", _anchor="logo"), 303)


@blueprint.route("/admin/policy", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def policy() -> ResponseReturnValue:
    """Show the rules of the hall."""
    if request.method == "GET":
        hall = get_current_hall()
        return _policy_page(hall, PolicyForm(formdata=None, obj=hall))
    return _answer_policy(PolicyForm(request.form), _policy_page, title=_("Save the rules of the hall"))


@blueprint.get("/admin/programmes")
@allow(Permission.SETTINGS_CHANGE)
def programmes() -> ResponseReturnValue:
    """Show every programme, offered or not."""
    hall = get_current_hall()
    listed = schedule.list_all_programmes(hall.id)
    without = overview.list_without_week(hall, listed)
    return render_template("admin/setup/programmes.html", hall=hall, programmes=listed, without_week=without)


@blueprint.route("/admin/programmes/new", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def new_programme() -> ResponseReturnValue:
    """Add a programme."""
    if request.method == "GET":
        started = {"active": True, "no_shows_count": True, "guides": 0, "mode": "on_site"}
        return _programme_page(NewProgrammeForm(formdata=None, data=started))
    form, staff = NewProgrammeForm(request.form), get_staff()
    return settle.submit_change(
        form,
        lambda: service.AddProgramme(hall_id=staff.hall_id, by=staff.id, **form.values()),
        page=lambda: _programme_page(form),
        done=lambda: redirect(url_for(".programmes", saved=1), 303),
        title=lambda: _("Add a programme"),
    )


@blueprint.route("/admin/programmes/<slug>", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def programme(slug: str) -> ResponseReturnValue:
    """Change a programme."""
    staff = get_staff()
    found = schedule.find_programme(staff.hall_id, slug) if slug.isprintable() else None
    if found is None:
        abort(404)
    if request.method == "GET":
        return _programme_page(ProgrammeForm(formdata=None, obj=found), found)
    form = ProgrammeForm(request.form)
    return settle.submit_change(
        form,
        lambda: service.SaveProgramme(hall_id=staff.hall_id, by=staff.id, slug=slug, **form.values()),
        page=lambda: _programme_page(form, schedule.get_programme(staff.hall_id, slug)),
        done=lambda: redirect(url_for(".programmes", saved=1), 303),
        title=lambda: _("Save the programme “%(programme)s”", programme=found.name(language())),
    )


@blueprint.get("/admin/templates")
@allow(Permission.SETTINGS_CHANGE)
def templates() -> ResponseReturnValue:
    """Show the present and the coming weekly templates of the hall and of each programme."""
    hall = get_current_hall()
    programmes = schedule.list_all_programmes(hall.id)
    weeks = sort_weeks(programmes, schedule.list_templates(hall.id), today=hall.today())
    without = overview.list_without_week(hall, programmes)
    return render_template("admin/setup/templates.html", hall=hall, weeks=weeks, without_week=without, grid_of=grid_of)


@blueprint.route("/admin/templates/new", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def new_template() -> ResponseReturnValue:
    """Make a week for the hall or a programme."""
    hall = get_current_hall()
    if request.method == "GET":
        days = tuple(day for day in range(7) if str(day) not in hall.closed_weekdays)
        form = forms.week_form(
            programme=request.args.get("programme", ""), valid_from=hall.today(), rows=[WeekRow(weekdays=days)]
        )
        return _week_page(hall, form)
    return _save_week(hall, WeekForm(request.form), template=None)


@blueprint.route("/admin/templates/<number>", methods=["GET", "POST"])
@allow(Permission.SETTINGS_CHANGE)
def template(number: str) -> ResponseReturnValue:
    """Change a week: one that is to come in its place, one that has begun from a day of today or later on."""
    hall, found = get_current_hall(), _get_template(number)
    if request.method == "GET":
        form = forms.week_form(
            programme=_slug_of(hall, found),
            valid_from=max(found.valid_from, hall.today()),
            rows=rows_of(found.openings),
        )
        return _week_page(hall, form, found)
    return _save_week(hall, WeekForm(request.form), template=found)


@blueprint.post("/admin/templates/<number>/delete")
@allow(Permission.SETTINGS_CHANGE)
def delete_template(number: str) -> ResponseReturnValue:
    """Take a week away; the previous one holds again."""
    hall, found, staff = get_current_hall(), _get_template(number), get_staff()
    command = service.DeleteTemplate(hall_id=hall.id, by=staff.id, template_id=found.id)
    return settle.carry_out(
        command,
        done=lambda: redirect(url_for(".templates", saved=1), 303),
        title=_("Delete the week from %(day)s on", day=formats.day(found.valid_from, language(), year=True)),
    )


def _answer_policy(form: SettingsForm, page: Callable[[Hall, SettingsForm], str], *, title: str) -> ResponseReturnValue:
    """Save one part of the hall's settings; the other part keeps its values from the transaction's start."""
    staff = get_staff()
    return settle.submit_change(
        form,
        lambda: ChangePolicy(hall_id=staff.hall_id, by=staff.id, values=form.values()),
        page=lambda: page(get_current_hall(), form),
        done=lambda: redirect(url_for(request.endpoint or "", saved=1), 303),
        title=lambda: title,
    )


def _save_week(hall: Hall, form: WeekForm, *, template: WeekTemplate | None) -> ResponseReturnValue:
    form.offer_programmes(schedule.list_all_programmes(hall.id))
    if template is not None:
        form.programme.data = _slug_of(hall, template)
    if form.apply_change(request.form):
        return _week_page(hall, form, template)
    return settle.submit_change(
        form,
        lambda: service.SetTemplate(
            hall_id=hall.id,
            by=get_staff().id,
            programme=form.programme.data or None,
            valid_from=form.valid_from.data,
            lines=form.lines(),
            replaces=template.id if template and template.valid_from > hall.today() else None,
        ),
        page=lambda: _week_page(get_current_hall(), form, _get_template(str(template.id)) if template else None),
        done=lambda: redirect(url_for(".templates", saved=1), 303),
        title=lambda: _("Save the week from %(day)s on", day=formats.day(form.valid_from.data, language(), year=True)),
    )


def _logo_refused(error: DomainError) -> str:
    hall = get_current_hall()
    return _hall_page(hall, HallForm.of(hall), logo_error=error)


def _hall_page(hall: Hall, form: SettingsForm, *, logo_error: DomainError | None = None) -> str:
    return render_template(
        "admin/setup/hall.html",
        hall=hall,
        form=form,
        logo=schedule.find_logo(hall.id),
        logo_error=logo_error,
        logo_most=LOGO_BYTES_MOST // 1024,
    )


def _policy_page(hall: Hall, form: SettingsForm) -> str:
    return render_template("admin/setup/policy.html", hall=hall, form=form, outlook=overview.look_ahead(hall))


def _programme_page(form: ProgrammeForm, programme: Programme | None = None) -> str:
    own_rules = programme is not None and any(getattr(programme, name) is not None for name in OVERRIDABLE)
    return render_template(
        "admin/setup/programme.html", hall=get_current_hall(), form=form, programme=programme, own_rules=own_rules
    )


def _week_page(hall: Hall, form: WeekForm, template: WeekTemplate | None = None) -> str:
    form.offer_programmes(schedule.list_all_programmes(hall.id))
    return render_template("admin/setup/template.html", hall=hall, form=form, template=template, most=forms.MAX_ROWS)


def _get_template(number: str) -> WeekTemplate:
    found = schedule.find_template(get_staff().hall_id, get_number(number))
    return found or _not_found()


def _not_found() -> NoReturn:
    abort(404)


def _slug_of(hall: Hall, template: WeekTemplate) -> str:
    """Return the short name of the programme whose week it is; empty for the hall's own."""
    listed = schedule.list_all_programmes(hall.id)
    return next((one.slug for one in listed if one.id == template.programme_id), "")
