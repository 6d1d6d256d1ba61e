"""Routes for conflicts: both admissions side by side, and the manager's decision."""

from dataclasses import dataclass
from uuid import UUID

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.core.database import transaction
from hallapp.core.errors import N_
from hallapp.core.web.access import allow
from hallapp.desk import queries, settling
from hallapp.desk.models import ConflictReason, Decision, DeskConflict
from hallapp.desk.web.blueprint import blueprint
from hallapp.ledger.models import DeskEvent
from hallapp.schedule.web.current_hall import get_current_hall

REASONS = {
    ConflictReason.SURPLUS: N_(
        "Others of this group were counted in the meantime, and together they are more than were booked."
    ),
    ConflictReason.CANCELLED: N_("Admitted offline although the booking was cancelled."),
    ConflictReason.NOT_AGREED: N_("Admitted offline although the booking is not confirmed."),
    ConflictReason.ANOTHER_DAY: N_("Admitted offline although the booking is for another day."),
    ConflictReason.REPLACED: N_("Admitted offline with a pass that had been replaced."),
    ConflictReason.TOO_MANY: N_("Many more people than booked were admitted offline without a question."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One conflict: the admission that waits, and the others of the same booking."""

    event: DeskEvent
    conflicts: list[DeskConflict]
    others: list[DeskEvent]

    @property
    def people(self) -> int:
        """Return people to be settled."""
        return sum(one.open for one in self.conflicts)

    @property
    def reason(self) -> str:
        """Return the reason, as a message id."""
        return REASONS[self.conflicts[0].reason]


@blueprint.get("/desk/conflicts")
@allow(Permission.DESK_OVERRIDE)
def conflicts() -> ResponseReturnValue:
    """Show offline admissions that could not be counted: actor, device, time, people, and the other admissions."""
    found = queries.list_open_conflicts(get_current_hall().id)
    admissions = queries.list_admissions_of([event.booking_id for event, _rows in found if event.booking_id])
    shown = [
        Shown(
            event=event,
            conflicts=rows,
            others=[one for one in admissions if one.booking_id == event.booking_id and one.id != event.id],
        )
        for event, rows in found
    ]
    return render_template("desk/conflicts.html", shown=shown)


@blueprint.post("/desk/conflicts/<uuid:event_id>/settle")
@allow(Permission.DESK_OVERRIDE)
def settle_conflict(event_id: UUID) -> ResponseReturnValue:
    """Count these people, or drop them as scanned twice."""
    if request.form.get("decision") not in (Decision.COUNTED, Decision.DROPPED):
        abort(422)
    staff = get_staff()
    command = settling.Settle(
        hall_id=staff.hall_id,
        staff_id=staff.id,
        event_id=str(event_id),
        decision=Decision(request.form["decision"]),
    )
    with transaction():
        settling.settle(command)
    return redirect(url_for(".conflicts"), 303)
