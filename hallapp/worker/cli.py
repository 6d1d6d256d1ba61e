"""The command `worker`, and the commands of the reports that do a task of the timetable."""

from collections.abc import Iterator, Sequence

import click

from hallapp.core import clock
from hallapp.core.cli import Group, one_line_errors
from hallapp.core.database import read_snapshot, transaction
from hallapp.core.text import counted
from hallapp.ledger import recount as ledger
from hallapp.reports.cli import reports
from hallapp.reports.errors import CountsDiffer
from hallapp.reports.mailing import sending
from hallapp.schedule.cli import list_halls as named_halls
from hallapp.schedule.models import Hall
from hallapp.schedule.queries import list_halls
from hallapp.tasks import queries, timetable
from hallapp.tasks.models import Outcome, TaskRun
from hallapp.worker import bodies, consumer, performing
from hallapp.worker.bodies import Report

worker = Group(
    "worker",
    invoke_without_command=True,
    help="Run all that happens by the clock or in the background, until Ctrl+C or SIGTERM.",
)


@worker.result_callback()
@click.pass_context
def run_worker(context: click.Context, _result: object) -> None:
    """Run the worker where no subcommand was named."""
    if context.invoked_subcommand is None:
        one_line_errors(consumer.run)()


@worker.command("status")
@one_line_errors
def show_status() -> None:
    """List the running workers and the last result of each task; exit with 1 if none runs or a task needs attention."""
    workers, last = queries.list_workers(), queries.find_last_sign_of_life()
    for each in workers:
        away = f"; {each.mail_error}: messages wait" if each.mail_error else ""
        click.echo(f"worker {each.name} runs since {each.started_at:%Y-%m-%d %H:%M}Z{away}")
    halls = list_halls()
    numbers = [hall.id for hall in halls]
    runs = queries.list_runs(numbers)
    for hall in halls:
        for line in _lines(hall, runs):
            click.echo(line)
    wrong = sum(queries.count_problems(number) for number in numbers)
    if not workers:
        seen = f"the last one was seen at {last:%Y-%m-%d %H:%M}Z" if last else "none has ever run"
        raise click.ClickException(f"no worker runs ({seen}); start it with `flask --app wsgi worker`")
    if wrong:
        raise click.ClickException(f"{counted(wrong, 'task')} failed or found something wrong")


def _lines(hall: Hall, runs: dict[tuple[int, str], TaskRun]) -> Iterator[str]:
    hours, now = queries.list_hours([hall.id])[hall.id], clock.now()
    for task in timetable.TASKS:
        run = runs.get((hall.id, task.name))
        next_at = clock.local(timetable.next_due(task, hours, hall.time_zone, now), hall.time_zone)
        yield f"{hall.slug}  {task.name:<15}  {_last(run, hall):<40}  next {next_at:%Y-%m-%d %H:%M}"


def _last(run: TaskRun | None, hall: Hall) -> str:
    if run is None or run.started_at is None:
        return "has not run"
    if run.heartbeat_at:
        return f"at work since {clock.local(run.started_at, hall.time_zone):%Y-%m-%d %H:%M}"
    if run.finished_at is None:
        return "was broken off"
    said = f"{clock.local(run.finished_at, hall.time_zone):%Y-%m-%d %H:%M} {(run.outcome or Outcome.DONE).value}"
    return said + (f" ({run.error})" if run.error else "")


@reports.command("send")
@click.option("--hall", "slug", help="Short name of one hall; all of them where not given.")
@one_line_errors
def send_reports(slug: str | None) -> None:
    """Send the last month's report to each hall's list on the day that it has chosen, once; run it every day.

    A report whose three counts differ is not sent, and the command exits with 1; the other halls get theirs.
    """
    unsent = 0
    for each in named_halls(slug):
        report = performing.run_now(each, "reports", _send)
        if report.alert:
            unsent += 1
        else:
            click.echo(f"{each.slug}: {counted(report.count, 'report')} written into the outbox")
    if unsent:
        raise click.ClickException(f"{counted(unsent, 'report')} not sent, because the counts differ")


def _send(hall: Hall) -> Report:
    try:
        return Report(sending.send_due(hall))
    except CountsDiffer as refused:
        click.echo(f"{hall.slug}: {refused.message % refused.params}", err=True)
        return Report(alert="report_differs")


@reports.command("recount")
@click.option("--repair", is_flag=True, help="Put the figures right by the ledger.")
@click.option("--hall", "slug", help="Short name of one hall; all of them where not given.")
@one_line_errors
def recount(*, repair: bool, slug: str | None) -> None:
    """Recount the figures from the arrival ledger, and report the differences."""
    wrong = 0
    for each in named_halls(slug):
        differences = _recount(each, repair=repair)
        for one in differences:
            click.echo(
                f"{each.slug} {one.span.value} {one.first} {one.facet or 'cell'} {one.part}:"
                f" ledger {one.in_ledger.visitors} people in {one.in_ledger.groups} groups,"
                f" figures {one.in_figures.visitors} in {one.in_figures.groups}"
            )
        click.echo(
            f"{each.slug}: {counted(len(differences), 'difference')}{' put right' if differences and repair else ''}"
        )
        wrong += 0 if repair else len(differences)
    if wrong:
        raise click.ClickException("the figures differ from the ledger; run again with --repair to put them right")


def _recount(at: Hall, *, repair: bool) -> Sequence[ledger.Difference]:
    found: list[ledger.Difference] = []

    def body(hall: Hall) -> Report:
        if repair:
            with transaction():
                found.extend(ledger.recount(hall.id, repair=True))
        else:
            read_snapshot()
            found.extend(ledger.recount(hall.id))
        return bodies.of_figures(len(found), repaired=repair)

    performing.run_now(at, "figures_recount", body)
    return found
