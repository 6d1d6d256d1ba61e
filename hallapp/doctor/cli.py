"""`hall doctor`."""

import dataclasses
import json

import click

from hallapp.core.cli import one_line_errors
from hallapp.core.text import counted
from hallapp.doctor import service
from hallapp.doctor.findings import Level

_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.WRONG: "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object, for programs.")
@one_line_errors
def doctor(*, as_json: bool) -> None:
    """Look whether everything is as it should be, and say what to do; exit with 1 if something is wrong."""
    findings = []
    for each in service.examine():
        findings.append(each)
        if not as_json:
            click.echo(f"{click.style(f'{each.level:<7}', fg=_COLOURS[each.level])}  {each.name:<16}  {each.found}")
            if each.do:
                click.echo(f"{'':27}{each.do}")
    counts = {level: sum(each.level is level for each in findings) for level in Level}
    if as_json:
        checks = [dataclasses.asdict(each) for each in findings]
        click.echo(json.dumps({"counts": counts, "checks": checks}, ensure_ascii=False, indent=1))
    else:
        click.echo(f"{counts[Level.OK]} ok, {counted(counts[Level.WARNING], 'warning')}, {counts[Level.WRONG]} wrong")
    if counts[Level.WRONG]:
        raise click.exceptions.Exit(1)
