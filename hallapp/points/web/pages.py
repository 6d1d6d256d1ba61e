"""The statement of a person, for the person and for managers."""

from collections.abc import Mapping, Sequence

from flask import render_template
from flask.wrappers import Response

from hallapp.accounts.models import Staff
from hallapp.core.web.responses import private
from hallapp.periods import Period
from hallapp.points import queries
from hallapp.points.models import ENTRY_STATE_NAMES, GROUP_NAMES, PointAppeal
from hallapp.points.values import in_words
from hallapp.points.web.forms import AppealForm, EntryForm
from hallapp.points.web.words import source
from hallapp.schedule.models import Hall


def statement_page(
    hall: Hall,
    quarter: Period,
    person: Staff,
    *,
    own: bool,
    entry_form: EntryForm | None = None,
    appeal_form: AppealForm | None = None,
    refused: str | None = None,
) -> Response:
    """Return the statement of a person; `refused` is the line whose appeal was refused, with its form."""
    found = queries.get_quarter(hall, quarter, staff_id=person.id)
    entries = queries.list_entries(hall.id, quarter, person.id)
    by_number = {entry.number: entry for entry in entries}
    programmes = queries.map_programme_names(hall.id)
    entered = queries.list_entered(hall.id, quarter)
    first, last = queries.days_to_enter(hall)
    html = render_template(
        "points/statement.html",
        hall=hall,
        quarter=quarter,
        quarters=queries.list_quarters(hall),
        person=person,
        name=queries.map_names(hall.id)[person.id],
        own=own,
        statement=found.statements[person.id],
        close=found.close,
        entries=entries,
        appeals=_by_line(queries.list_appeals(hall.id, quarter, person.id)),
        index_names=queries.map_index_names(hall.id),
        entry_form=(entry_form or EntryForm(formdata=None)).offer(entered),
        appeal_form=appeal_form,
        refused=refused,
        first=max(first, quarter.first),
        last=min(last, quarter.last),
        source=lambda what: source(what, by_number, programmes),
        in_words=in_words,
        group_names=GROUP_NAMES,
        state_names=ENTRY_STATE_NAMES,
    )
    return private(html)


def _by_line(appeals: Sequence[PointAppeal]) -> Mapping[str, list[PointAppeal]]:
    found: dict[str, list[PointAppeal]] = {}
    for appeal in appeals:
        found.setdefault(appeal.code, []).append(appeal)
    return found
