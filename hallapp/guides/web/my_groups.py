"""A guide's own page for a phone: their groups of today and this week, and nothing else of the hall."""

from datetime import timedelta

from flask import render_template
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.booking import phones
from hallapp.booking.models import STATE_NAMES
from hallapp.core import clock
from hallapp.core.web.access import allow
from hallapp.guides import queries
from hallapp.guides.eligibility import monday_of
from hallapp.guides.web.blueprint import blueprint
from hallapp.schedule.web.current_hall import get_current_hall


@blueprint.get("/guide")
@allow(Permission.OWN_GROUPS)
def mine() -> ResponseReturnValue:
    """Show today and the rest of the week of the signed-in guide; on Sunday the next week too."""
    hall, staff = get_current_hall(), get_staff()
    guide, today = queries.find_guide_of_staff(staff.hall_id, staff.id), hall.today()
    last = monday_of(today + timedelta(days=1)) + timedelta(days=6)
    groups = queries.list_groups_of_guide(guide, first=today, last=last) if guide and guide.active else []
    return render_template(
        "guides/mine.html",
        hall=hall,
        guide=guide,
        today=today,
        last=last,
        groups=groups,
        now=clock.now(),
        clock_day=lambda instant: clock.local_day(instant, hall.time_zone),
        state_names=STATE_NAMES,
        phone_display=phones.display,
    )
