"""The command of service points: compute them again from the records, and compare closed quarters."""

import click

from hallapp.core.cli import Group, one_line_errors
from hallapp.core.database import read_snapshot
from hallapp.core.text import counted
from hallapp.periods import Period
from hallapp.points import queries, verify
from hallapp.points.values import in_words, quarter_of, rank
from hallapp.points.verify import Verdict
from hallapp.schedule.cli import list_halls
from hallapp.schedule.models import Hall

points = Group("points", help="Service points of guides, hosts of talks and volunteers.")


@points.command("recompute")
@click.option("--check", is_flag=True, help="Only compare closed quarters, and fail if one differs.")
@click.option("--hall", "slug", help="Short name of one hall; default: all halls.")
@one_line_errors
def recompute(*, check: bool, slug: str | None) -> None:
    """Compute points from the records: print those of open quarters, and compare closed ones with what was filed.

    Nothing is changed. Open quarters are never stored, so there is nothing to repair.
    """
    read_snapshot()
    halls = list_halls(slug)
    verdicts = [(hall, verdict) for hall in halls for verdict in verify.list_verdicts(hall)]
    for hall, verdict in verdicts:
        _print(hall, verdict)
    if not check:
        for hall in halls:
            for quarter in queries.list_open_quarters(hall):
                _print_open(hall, quarter)
    wrong = sum(not verdict.agrees for _hall, verdict in verdicts)
    click.echo(f"{counted(len(verdicts), 'closed quarter')}, {wrong} of which differ from the records")
    if wrong and check:
        raise click.ClickException("what was filed and the records differ; the filed points stay")


def _print(hall: Hall, verdict: Verdict) -> None:
    quarter, names = quarter_of(verdict.close.quarter), queries.map_names(hall.id)
    if not verdict.digest_agrees:
        click.echo(f"{hall.slug} {quarter}: the filed points were changed: they do not have their digest")
    for one in verdict.deviations:
        who, filed, now = names.get(one.staff_id, one.staff_id), in_words(one.filed), in_words(one.now)
        click.echo(f"{hall.slug} {quarter}: {who}, {one.code}: filed {filed}, by the records {now}")
    if verdict.agrees:
        agree = "statement agrees" if verdict.people == 1 else "statements agree"
        click.echo(f"{hall.slug} {quarter}: {verdict.people} {agree}, digest {verdict.close.digest[:16]}")


def _print_open(hall: Hall, quarter: Period) -> None:
    names = queries.map_names(hall.id)
    for one in rank(queries.get_quarter(hall, quarter).statements.values()):
        name = names[one.statement.staff_id]
        click.echo(f"{hall.slug} {quarter} (open): {one.place}. {name} {in_words(one.statement.points)}")
