"""The list of bookings and the search over them; lists that are kept, and lists as workbooks."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff, may
from hallapp.booking import lists, search
from hallapp.booking.arrivals import count_arrived
from hallapp.booking.errors import SearchUnknown
from hallapp.booking.managing.web import blocks, finding, flood, placing, review, units, verbs
from hallapp.booking.managing.web.blueprint import blueprint, number_of
from hallapp.booking.managing.web.finding import Search
from hallapp.booking.models import SOURCE_NAMES, STATE_NAMES, SavedSearch
from hallapp.booking.terms import OPEN, Terms
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.web.access import allow
from hallapp.core.web.forms import attempt
from hallapp.core.web.responses import private
from hallapp.kinds.web.current import list_all_options
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

__all__ = ["blocks", "blueprint", "flood", "placing", "review", "units", "verbs"]

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/bookings")
@allow(Permission.BOOKINGS_CHANGE)
def index() -> ResponseReturnValue:
    """Show the coming days' bookings; or those that terms in the address ask for, which say nothing of a person."""
    hall = get_current_hall()
    asked = {name: request.args[name] for name in OPEN if request.args.get(name)}
    if not asked:
        return _page(finding.coming(hall.id, today=hall.today()))
    found = finding.look(hall.id, _read(hall, asked), today=hall.today(), typed=asked)
    return _page(found)


@blueprint.post("/bookings/search")
@allow(Permission.BOOKINGS_CHANGE)
def find() -> ResponseReturnValue:
    """Show a page of results; it is a POST, so that names and phones stay out of addresses."""
    hall = get_current_hall()
    terms = _read(hall, request.form)
    if not terms.to_mapping() and not terms.problems:
        return _page(finding.coming(hall.id, today=hall.today()))
    page = finding.page_of(request.form.get("page", ""))
    return _page(finding.look(hall.id, terms, today=hall.today(), typed=finding.typed_in(request.form), page=page))


@blueprint.post("/bookings/export.xlsx")
@allow(Permission.BOOKINGS_EXPORT)
def export() -> ResponseReturnValue:
    """Send all results of a search as a workbook; the export is recorded in the audit trail."""
    hall = get_current_hall()
    terms = _read(hall, request.form)
    if terms.problems:
        return _page(Search(terms=terms, typed=finding.typed_in(request.form)))
    found = search.iterate(hall.id, terms, today=hall.today())
    content = lists.write_xlsx(found, hall=hall, language=language(), arrived=count_arrived)
    with transaction():
        accounts.record(
            hall_id=hall.id,
            staff_id=get_staff().id,
            action="bookings_exported",
            subject=f"hall {hall.id}",
            detail={"fields": sorted(terms.to_mapping())},
        )
    response = private(content)
    response.headers["Content-Type"] = XLSX
    response.headers["Content-Disposition"] = f"attachment; filename=bookings-{hall.today()}.xlsx"
    return response


@blueprint.post("/bookings/lists")
@allow(Permission.BOOKINGS_EXPORT)
def save_list() -> ResponseReturnValue:
    """Keep a search under a name."""
    hall = get_current_hall()
    terms = _read(hall, request.form)

    def save() -> ResponseReturnValue:
        with transaction():
            saved = lists.save(
                hall_id=hall.id,
                name=request.form.get("name", ""),
                terms=terms,
                by=get_staff().id,
                private=bool(request.form.get("private")),
            )
        return redirect(url_for(".open_list", number=str(saved.id)), 303)

    def refused(error: DomainError) -> str:
        typed = finding.typed_in(request.form)
        return _render(finding.look(hall.id, terms, today=hall.today(), typed=typed), refusal=error)

    return attempt(save, refused)


@blueprint.get("/bookings/lists/<number>")
@allow(Permission.BOOKINGS_EXPORT)
def open_list(number: str) -> ResponseReturnValue:
    """Show the present results of a saved search."""
    hall, saved = get_current_hall(), _saved(number)
    terms = _read(hall, saved.terms)
    return _page(finding.look(hall.id, terms, today=hall.today(), typed=terms.to_mapping(), saved=saved))


@blueprint.post("/bookings/lists/<number>/delete")
@allow(Permission.BOOKINGS_EXPORT)
def delete_list(number: str) -> ResponseReturnValue:
    """Keep a search no longer; the bookings stay."""
    with transaction():
        lists.delete(hall_id=get_staff().hall_id, search_id=number_of(number), by=get_staff().id)
    return redirect(url_for(".index"), 303)


def _read(hall: Hall, fields: Mapping[str, Any]) -> Terms:
    """Return the terms of a search, checked against the codes of the hall."""
    programmes = {one.slug for one in schedule.list_all_programmes(hall.id)}
    return Terms.from_mapping(fields).checked(divisions=hall.origins, programmes=programmes)


def _saved(number: str) -> SavedSearch:
    staff = get_staff()
    saved = lists.find_saved(staff.hall_id, number_of(number), reader=staff.id)
    if saved is None:
        raise SearchUnknown
    return saved


def _page(shown: Search) -> ResponseReturnValue:
    return _render(shown), 422 if shown.found is None else 200


def _render(shown: Search, *, refusal: DomainError | None = None) -> str:
    hall = get_current_hall()
    return render_template(
        "booking/managing/list.html",
        search=shown,
        saved_searches=lists.list_saved(hall.id, reader=get_staff().id) if may(Permission.BOOKINGS_EXPORT) else [],
        refusal=translate(refusal) if refusal else "",
        list_name=request.form.get("name", "")[: lists.NAME_LENGTH].replace("\0", ""),
        **_options(shown, hall),
        today=hall.today(),
    )


def _options(shown: Search, hall: Hall) -> dict[str, list[tuple[str, str]]]:
    """Return the options of the search form; several states at once, as in a saved list, are one option."""
    reader = language()
    states: list[tuple[str, str]] = [(state.value, _(name)) for state, name in STATE_NAMES.items()]
    if len(shown.terms.states) > 1:
        several = shown.terms.states
        states.append((",".join(several), " · ".join(_(STATE_NAMES[state]) for state in several)))
    return {
        "state_options": states,
        "programme_options": [(one.slug, one.name(reader)) for one in schedule.list_all_programmes(hall.id)],
        "division_options": [(one.code, one.name) for one in hall.origins.choices(reader) if not one.group],
        "kind_options": list_all_options(),
        "source_options": [(source.value, _(name)) for source, name in SOURCE_NAMES.items()],
    }
