"""Routes for name lists: the organiser's list, its reading, the staff's view, and the hall's columns."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue, ResponseValue
from flask.wrappers import Response
from werkzeug.exceptions import RequestEntityTooLarge

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking.models import Booking
from hallapp.booking.queries import get_booking, get_booking_by_key
from hallapp.booking.signals import details_erased
from hallapp.booking.web.limiting import count_act
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.limits import Limit
from hallapp.core.web.access import allow, public
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import client_network, csrf, http_error, private
from hallapp.namelist import queries, retention, service, workbook
from hallapp.namelist.errors import FileTooLarge, NotAskedFor
from hallapp.namelist.headings import PART_NAMES
from hallapp.namelist.reading import Understood
from hallapp.namelist.web.forms import ColumnsForm, NamesForm, ReadForm
from hallapp.schedule.policy import NameList
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("namelist", __name__)
details_erased.connect(retention.erase)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The upload limit, a little above the file limit, so that the refusal can be shown beside the field.
UPLOAD_BYTES_MOST = 8 * 1024 * 1024
#: The size of a list of 1,000 people in six columns, as a browser sends it.
LINES_BYTES_MOST = 4 * 1024 * 1024
#: Many groups may share the address of a guest house; reading costs up to a second for each.
READINGS_AN_HOUR = 120


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {"takes_names": service.may_hand_in, "count_names": _count}


@blueprint.get("/visits/<key>/names")
@public
def names(key: str) -> ResponseReturnValue:
    """Show the list, or how to hand one in; `?edit=1` opens it to be changed."""
    booking = _open(key)
    if request.args.get("edit") and service.may_hand_in(booking) and queries.find_list(booking.id):
        form = NamesForm.of_people(queries.list_people(booking.id), queries.get_columns(booking.hall_id))
        return _check_page(booking, form)
    return _page(booking, ReadForm(formdata=None))


@blueprint.get("/visits/<key>/names/template.xlsx")
@public
def template(key: str) -> ResponseReturnValue:
    """Show a workbook to fill in, in the reader's language and with the hall's columns."""
    booking = _open(key)
    response = private(workbook.make(queries.get_columns(booking.hall_id)))
    response.headers["Content-Type"] = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=names-{booking.reference}.xlsx"
    return response


@blueprint.post("/visits/<key>/names/read")
@csrf.exempt  # type: ignore[untyped-decorator]  # it keeps nothing, and a stale token would lose the chosen file
@public
def read(key: str) -> ResponseReturnValue:
    """Read a file or a text, and show the result row by row."""
    request.max_content_length = request.max_form_memory_size = UPLOAD_BYTES_MOST
    booking = _open(key)
    form = ReadForm()

    def show_rows() -> ResponseReturnValue:
        if not service.may_hand_in(booking):
            raise NotAskedFor
        count_act(booking, Limit(what="names", subject=client_network(), most=READINGS_AN_HOUR))
        understood = form.understand(queries.get_columns(booking.hall_id))
        return _check_page(get_booking_by_key(key), NamesForm.of(understood), understood)

    def refused(error: DomainError) -> ResponseValue:
        form.refuse(error)
        return _page(get_booking_by_key(key), form)

    return attempt(show_rows, refused)


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Refuse a file beyond the upload limit beside its field, like one that is a little too large."""
    if request.endpoint != f"{blueprint.name}.{read.__name__}":
        return http_error(error)
    form = ReadForm(formdata=None)
    form.refuse(FileTooLarge())
    return _page(_open((request.view_args or {})["key"]), form), 422


@blueprint.post("/visits/<key>/names")
@csrf.exempt  # type: ignore[untyped-decorator]  # the form checks its token: a stale one must lose nothing typed
@public
def hand_in(key: str) -> ResponseReturnValue:
    """Store the confirmed list, or carry out another button of the page."""
    request.max_content_length = request.max_form_memory_size = LINES_BYTES_MOST
    booking = _open(key)
    columns = queries.get_columns(booking.hall_id)
    form = NamesForm.of_sent(request.form, columns)
    if form.apply_change(request.form, columns):
        return _check_page(booking, form)

    def keep_names() -> ResponseReturnValue:
        count_act(booking)
        with transaction():
            service.hand_in(get_booking_by_key(key), form.to_command())
        return redirect(url_for(".names", key=key, saved=1), 303)

    return submit_form(form, keep_names, lambda: _check_page(get_booking_by_key(key), form))


@blueprint.post("/visits/<key>/names/clear")
@public
def clear(key: str) -> ResponseReturnValue:
    """Forget the list, at any time."""
    count_act(_open(key))
    with transaction():
        service.clear(get_booking_by_key(key))
    return redirect(url_for("booking.visit", key=key), 303)


@blueprint.get("/bookings/<reference>/names")
@allow(Permission.BOOKINGS_CHANGE)
def staff_list(reference: str) -> ResponseReturnValue:
    """Show a booking's list for the staff, to look at and to print."""
    booking = get_booking(get_staff().hall_id, reference)
    page = render_template(
        "namelist/staff.html",
        booking=booking,
        people=queries.list_people(booking.id),
        handed_in=queries.find_list(booking.id),
        **_columns_of(booking.hall_id),
    )
    return private(page)


@blueprint.get("/admin/names")
@allow(Permission.SETTINGS_CHANGE)
def settings() -> ResponseReturnValue:
    """Show the columns that the hall collects."""
    return _settings_page(ColumnsForm.of(queries.get_columns(get_staff().hall_id)))


@blueprint.post("/admin/names")
@allow(Permission.SETTINGS_CHANGE)
def save_settings() -> ResponseReturnValue:
    """Let the hall ask for these columns."""
    form, staff = ColumnsForm(request.form), get_staff()

    def save() -> ResponseReturnValue:
        with transaction():
            service.choose_columns(form.to_command(hall_id=staff.hall_id, by=staff.id))
        return redirect(url_for(".settings", saved=1), 303)

    return submit_form(form, save, lambda: _settings_page(form))


def _count(booking: Booking) -> int:
    """Return how many people are on a booking's list; without a query where its programme wants no lists."""
    wanted = booking.slot.programme.policy.name_list is not NameList.NONE
    return queries.count_people(booking.id) if wanted else 0


def _open(key: str) -> Booking:
    """Return the booking of a key, where lists are taken or there is one. Raises NoResultFound; aborts with 404."""
    booking = get_booking_by_key(key)
    g.hall_id = booking.hall_id
    if booking.slot.programme.policy.name_list is NameList.NONE and not queries.find_list(booking.id):
        abort(404)
    return booking


def _page(booking: Booking, form: ReadForm) -> Response:
    """Return the list, and the form that hands one in."""
    people = queries.list_people(booking.id)
    shown = {"booking": booking, "form": form, "people": people, "handed_in": queries.find_list(booking.id)}
    page = render_template("namelist/names.html", **shown, **_columns_of(booking.hall_id))
    return private(page)


def _check_page(booking: Booking, form: NamesForm, understood: Understood | None = None) -> Response:
    """Return every line as it was understood or typed, before it counts."""
    shown = {"booking": booking, "form": form, "understood": understood, **_columns_of(booking.hall_id)}
    shown["part_names"] = {part: _(name) for part, name in PART_NAMES.items()}
    return private(render_template("namelist/check.html", **shown))


def _settings_page(form: ColumnsForm) -> str:
    hall = get_current_hall()
    return render_template("namelist/settings.html", form=form, hall=hall, NameList=NameList)


def _columns_of(hall_id: int) -> dict[str, object]:
    """Return the columns that the hall collects, with their headings."""
    columns = queries.get_columns(hall_id)
    return {"columns": columns, "headings": {one: workbook.heading(one, columns) for one in columns.chosen}}
