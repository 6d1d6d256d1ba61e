"""The managers' page of feedback: averages, the trend by month, and the comments."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.core.web.access import allow
from hallapp.core.web.rownumbers import find_number
from hallapp.feedback import queries
from hallapp.feedback.models import STAR_NAMES
from hallapp.feedback.trend import MONTHS, trend_of
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("feedback_admin", __name__)

PAGE = 50


@blueprint.get("/admin/feedback")
@allow(Permission.FEEDBACK_READ)
def index() -> ResponseReturnValue:
    """Show a page of the feedback; `before` in the address is the number of the entry at which the page begins."""
    hall, asked = get_current_hall(), request.args.get("before", "")
    before = find_number(asked)
    found = queries.list_feedback(hall.id, limit=PAGE + 1, before=before)
    entries = found[:PAGE]
    return render_template(
        "feedback/index.html",
        hall=hall,
        figures=queries.get_figures(hall.id),
        trend=trend_of(queries.list_months(hall.id, limit=MONTHS)),
        entries=entries,
        older=entries[-1].id if len(found) > PAGE else None,
        newest=before is None,
        stars=STAR_NAMES,
    )
