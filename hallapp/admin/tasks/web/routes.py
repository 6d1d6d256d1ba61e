"""The administrators' page of scheduled tasks: the last result, the next run and the hours of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from hallapp.accounts import service as accounts
from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff
from hallapp.admin.tasks.web.forms import HoursForm
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.i18n import gettext as _
from hallapp.core.web.access import allow
from hallapp.notifications import queries as outbox
from hallapp.notifications.models import Channel
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.tasks import queries, service, timetable
from hallapp.tasks.models import Outcome, TaskRun
from hallapp.tasks.timetable import Task
from hallapp.worker.bodies import ALERTS

blueprint = Blueprint("tasks", __name__)


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task as the page shows it."""

    task: Task
    run: TaskRun | None
    next_at: datetime
    problem: str | None

    @property
    def took(self) -> timedelta | None:
        """Return how long the last run took; None while it runs, and before the first one."""
        run = self.run
        if run is None or run.heartbeat_at or not (run.started_at and run.finished_at):
            return None
        return max(run.finished_at - run.started_at, timedelta())


@blueprint.get("/admin/tasks")
@allow(Permission.TASKS_MANAGE)
def index() -> ResponseReturnValue:
    """The tasks of this hall and the workers that run."""
    hours = queries.list_hours([get_staff().hall_id])[get_staff().hall_id]
    return _page(HoursForm(formdata=None, obj=hours))


@blueprint.post("/admin/tasks/hours")
@allow(Permission.TASKS_MANAGE)
def set_hours() -> ResponseReturnValue:
    """Choose at which hours the daily tasks run."""
    form, staff = HoursForm(request.form), get_staff()
    if not form.validate():
        return _page(form), 422
    before = queries.list_hours([staff.hall_id])[staff.hall_id]
    detail = {
        "before": {name: f"{getattr(before, name):%H:%M}" for name in form.to_hours()},
        "after": {name: f"{hour:%H:%M}" for name, hour in form.to_hours().items()},
    }
    with transaction():
        service.set_hours(staff.hall_id, **form.to_hours())
        accounts.record(
            hall_id=staff.hall_id,
            staff_id=staff.id,
            action="task_hours_set",
            subject=f"hall {staff.hall_id}",
            detail=detail,
        )
    return redirect(url_for(".index", saved=1), 303)


def _page(form: HoursForm) -> str:
    hall = get_current_hall()
    settings = current_app.config["SETTINGS"]
    return render_template(
        "admin/tasks/index.html",
        hall=hall,
        form=form,
        tasks=_list_tasks(hall),
        workers=queries.list_workers(),
        last_seen=queries.find_last_sign_of_life(),
        can_mail=bool(settings.mail_url),
        waiting=sum(outbox.count_due(channel, hall_id=hall.id) for channel in Channel),
        Outcome=Outcome,
    )


def _list_tasks(hall: Hall) -> list[TaskView]:
    now, runs = clock.now(), queries.list_runs([hall.id])
    hours = queries.list_hours([hall.id])[hall.id]
    return [
        TaskView(
            task=task,
            run=(run := runs.get((hall.id, task.name))),
            next_at=timetable.next_run(task, run, hours, hall.time_zone, now),
            problem=_problem(run),
        )
        for task in timetable.TASKS
    ]


def _problem(run: TaskRun | None) -> str | None:
    """Return a description of the last run, without any personal data."""
    if run is None or run.outcome in (None, Outcome.DONE):
        return None
    if run.error in ALERTS:
        return _(ALERTS[run.error])
    return _("It failed (%(error)s) and is tried again by itself. The log has the details.", error=run.error)
