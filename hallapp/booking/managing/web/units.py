"""The monthly list of visiting units: a page, and its files."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import units as listing
from hallapp.booking.arrivals import count_arrived
from hallapp.booking.managing import units_pdf
from hallapp.booking.managing.web.blueprint import blueprint
from hallapp.booking.models import Booking
from hallapp.booking.units import UnitList
from hallapp.core import formats
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.core.web.access import allow
from hallapp.core.web.responses import private
from hallapp.kinds.values import is_individual
from hallapp.kinds.web.current import get_kinds, list_all_options, name_kind
from hallapp.questions import queries as questions
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


@blueprint.get("/bookings/units")
@allow(Permission.BOOKINGS_EXPORT)
def units() -> ResponseReturnValue:
    """Show the list of a month; `?month=`, `?contact=`, `?question=` and `?kind=` choose what it contains."""
    hall = get_current_hall()
    wanted = _wanted(hall, request.args)
    bookings = listing.list_bookings(hall, wanted)
    return private(
        render_template(
            "booking/managing/units.html",
            hall=hall,
            wanted=wanted,
            month=f"{wanted.first:%Y-%m}",
            title=_title(wanted),
            table=listing.make_table(hall, wanted, bookings, _arrived(bookings), language()),
            asked=questions.list_asked(hall.id),
            kinds=[(code, name) for code, name in list_all_options() if not is_individual(code)],
            people=sum(booking.visitors for booking in bookings),
        )
    )


@blueprint.post("/bookings/units.<any(xlsx,pdf):form>")
@allow(Permission.BOOKINGS_EXPORT)
def units_file(form: str) -> ResponseReturnValue:
    """Send the list of a month as a file; the export is recorded in the audit trail."""
    hall = get_current_hall()
    wanted = _wanted(hall, request.form)
    bookings = listing.list_bookings(hall, wanted)
    came = _arrived(bookings)
    if form == "xlsx":
        content = listing.make_workbook(hall, wanted, bookings, came, language())
    else:
        table = listing.make_table(hall, wanted, bookings, came, language())
        name = hall.name(language())
        content = units_pdf.draw(table, title=_title(wanted), hall=name, paper=hall.region.paper, language=language())
    with transaction():
        accounts.record(
            hall_id=hall.id,
            staff_id=get_staff().id,
            action="bookings_exported",
            subject=f"hall {hall.id}",
            detail={
                "month": f"{wanted.first:%Y-%m}",
                "contact": wanted.contact,
                **({"kinds": sorted(wanted.kinds)} if wanted.kinds else {}),
            },
        )
    response = private(content)
    response.headers["Content-Type"] = _TYPES[form]
    response.headers["Content-Disposition"] = f"attachment; filename=units-{wanted.first:%Y-%m}.{form}"
    return response


def _wanted(hall: Hall, asked: MultiDict[str, str]) -> UnitList:
    """Return what is asked for: this month where none is named, and no contact unless it is ticked."""
    found = _MONTH.fullmatch(asked.get("month", ""))
    first = date(int(found[1]), int(found[2]), 1) if found else hall.today().replace(day=1)
    known = {str(one.number): one.number for one in questions.list_asked(hall.id)}
    return UnitList(
        first=first,
        last=first.replace(day=monthrange(first.year, first.month)[1]),
        contact=bool(asked.get("contact")),
        questions=frozenset(known[typed] for typed in asked.getlist("question") if typed in known),
        kinds=frozenset(code for code in asked.getlist("kind") if code in get_kinds()),
    )


def _arrived(bookings: Sequence[Booking]) -> dict[int, int]:
    return dict(count_arrived([booking.id for booking in bookings]))


def _title(wanted: UnitList) -> str:
    title = _("Visiting units, %(month)s", month=formats.month(wanted.first.year, wanted.first.month, language()))
    return " · ".join((title, *(name_kind(code) for code in get_kinds() if code in wanted.kinds)))
