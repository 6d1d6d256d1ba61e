"""The command that imports a file: the same reading, settling and counting as on the pages, in one process."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup

from hallapp.booking.models import OrganisationKind
from hallapp.core.database import transaction
from hallapp.history import columns as headings
from hallapp.history import queries, service, work
from hallapp.history.columns import Column, Columns
from hallapp.history.models import DraftState, HistoryDraft, HistoryText
from hallapp.history.places import Place, read_place
from hallapp.history.problems import PROBLEMS
from hallapp.history.queries import Figures
from hallapp.jobs import files
from hallapp.schedule.models import Hall
from hallapp.schedule.queries import list_all_programmes

_SHOWN = 20
_SAY_EVERY = 50_000  # rows


def register(group: AppGroup, *, one_line_errors: Callable[..., Any], one_hall: Callable[[str | None], Hall]) -> None:
    """Add the command to a group; the two are what all commands share."""

    @group.command("import")
    @click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--name", help="What the import is called; the file's name where not given.")
    @click.option(
        "--column",
        "chosen",
        multiple=True,
        metavar="WHAT=HEADING",
        help=f"Take this from the column with that heading; WHAT is {', '.join(Column)}. Else it is guessed.",
    )
    @click.option(
        "--kind",
        type=click.Choice([kind.value for kind in OrganisationKind]),
        help="The kind of organisation of rows that name none; `other` where nothing was confirmed before.",
    )
    @click.option("--programme", help="Short name of the programme of rows that name none; else the first one.")
    @click.option(
        "--settle",
        "settled",
        multiple=True,
        metavar="NAME=MEANING",
        help="What a name means: a place's name or code, a kind, or a programme's short name.",
    )
    @click.option("--leave-out-wrong", is_flag=True, help="Count the file without its wrong rows.")
    @click.option("--into-closed", is_flag=True, help="Count into closed months too, as adjustments of them.")
    @click.option("--dry-run", is_flag=True, help="Say what would be counted, and count nothing.")
    @click.option("--hall", "slug", help="Short name of the hall; needed where there are several.")
    @one_line_errors
    def import_file(slug: str | None, **given: Any) -> None:
        """Import figures from before from a spreadsheet (.xlsx or .csv), all of its rows or none."""
        _import(one_hall(slug), **given)  # fmt: skip


def _import(
    hall: Hall,
    *,
    path: Path,
    name: str | None,
    chosen: Sequence[str],
    kind: str | None,
    programme: str | None,
    settled: Sequence[str],
    leave_out_wrong: bool,
    into_closed: bool,
    dry_run: bool,
) -> None:
    new = service.NewDraft(
        hall_id=hall.id, staff_id=None, key=files.new_key(), filename=path.name, file_bytes=path.stat().st_size
    )
    with transaction():
        draft = service.take_in(new)
    try:
        _read(hall, draft.id, path, chosen, kind=kind, programme=programme)
        _settle(hall, draft.id, settled)
        _tell(hall, draft.id)
        if dry_run:
            click.echo("Dry run: nothing was counted.")
            return
        _count(hall, draft.id, name or path.stem, leave_out=leave_out_wrong, into_closed=into_closed)
    finally:
        _forget(hall, draft.id)


def _count(hall: Hall, draft_id: int, name: str, *, leave_out: bool, into_closed: bool) -> None:
    command = service.Count(
        hall_id=hall.id,
        draft_id=draft_id,
        staff_id=None,
        name=name[: service.NAME_LENGTH],
        leave_out=leave_out,
        into_closed=into_closed,
    )
    figures = service.check(queries.get_draft(hall.id, draft_id), command)
    made = work.count(command, progress=_say("counted"))
    click.echo(f"{figures.fine} rows with {figures.visitors} people count now, as import {made} “{command.name}”.")


def _forget(hall: Hall, draft_id: int) -> None:
    with transaction():
        for draft in queries.list_drafts(hall.id):
            if draft.id == draft_id:
                service.remove(draft)


def _read(
    hall: Hall, draft_id: int, path: Path, chosen: Sequence[str], *, kind: str | None, programme: str | None
) -> None:
    """Read the file, by what the hall has confirmed of such headings where nothing else is said."""
    work.read(hall.id, draft_id, path=path, progress=_say("read"))
    draft = queries.get_draft(hall.id, draft_id)
    if draft.state is DraftState.REFUSED and draft.error:
        raise click.ClickException(draft.error["message"] % draft.error["params"])
    if draft.state is DraftState.READ and not (chosen or kind or programme):
        return
    known = Columns.of_json(draft.columns) if draft.columns else None
    columns = Columns(
        places=known.places if known and not chosen else _places(draft, chosen),
        kind=OrganisationKind(kind) if kind else known.kind if known else OrganisationKind.OTHER,
        programme_id=known.programme_id if known and not programme else _programme(hall, programme),
    )
    with transaction():
        found = queries.get_draft(hall.id, draft_id, lock=True)
        service.confirm_columns(found, columns, remember=bool(chosen))
    work.read(hall.id, draft_id, path=path, progress=_say("read"))


def _places(draft: HistoryDraft, chosen: Sequence[str]) -> dict[Column, int]:
    """Which column holds what: as it is said, else as it is guessed."""
    places = {} if chosen else headings.guess(draft.headings)
    for one in chosen:
        what, _equals, heading = one.partition("=")
        at = headings.find_place(heading, draft.headings)
        if what not in list(Column) or at is None:
            raise click.ClickException(f"--column {one}: the headings are {', '.join(draft.headings)}")
        places[Column(what)] = at
    for _column, message in headings.problems_of(places):
        raise click.ClickException(f"{message} Say it by --column; the headings are {', '.join(draft.headings)}")
    for column, at in places.items():
        click.echo(f"{column.value} is taken from “{draft.headings[at]}”")
    return places


def _programme(hall: Hall, slug: str | None) -> int:
    programmes = list_all_programmes(hall.id)
    found = next((one for one in programmes if slug in (None, one.slug)), None)
    if found is None:
        raise click.ClickException(f"--programme is one of {', '.join(one.slug for one in programmes)}")
    return found.id


def _settle(hall: Hall, draft_id: int, settled: Sequence[str]) -> None:
    if not settled:
        return
    said = {service.alias_key(name): meaning for name, _e, meaning in (one.partition("=") for one in settled)}
    slugs = {one.slug: str(one.id) for one in list_all_programmes(hall.id)}
    meanings = {
        (text.topic, text.position): _meaning(said[service.alias_key(text.text)], slugs)
        for text in queries.list_texts(draft_id)
        if text.value is None and service.alias_key(text.text) in said
    }
    with transaction():
        service.settle(service.Settle(hall_id=hall.id, draft_id=draft_id, staff_id=None, meanings=meanings))


def _meaning(text: str, slugs: dict[str, str]) -> str:
    """A programme's number, a kind, or the place that a text names."""
    if text in slugs or text in list(OrganisationKind):
        return slugs.get(text, text)
    place = Place.parse(text) or read_place(text)
    if not isinstance(place, Place):
        raise click.ClickException(f"--settle: {text} is no place, kind or programme that we know")
    return str(place)


def _tell(hall: Hall, draft_id: int) -> None:
    """Say what the reading came to."""
    figures = Figures.of_json(queries.get_draft(hall.id, draft_id).figures)
    span = f", {figures.months[0].month:%Y-%m} to {figures.months[-1].month:%Y-%m}" if figures.months else ""
    click.echo(f"{figures.fine} rows would count: {figures.visitors} people in {figures.groups} groups{span}")
    if figures.left_out_rows:
        reasons = ", ".join(f"{PROBLEMS[code].message}: {rows}" for code, rows in figures.left_out.items())
        click.echo(f"{figures.left_out_rows} rows are left out ({reasons})")
    for row in queries.list_refused(draft_id, left_out=False, start=0, count=_SHOWN):
        click.echo(f"row {row.number}: {PROBLEMS[row.code].message % {'text': row.text}}", err=True)
    if figures.wrong_rows > _SHOWN:
        click.echo(f"… {figures.wrong_rows} wrong rows in all", err=True)
    for text in queries.list_unsettled(draft_id)[:_SHOWN]:
        click.echo(_unsettled(text), err=True)


def _unsettled(text: HistoryText) -> str:
    may_be = f": {' or '.join(text.candidates)}?" if text.candidates else ""
    return f"not known: “{text.text}” ({text.topic.value}, {text.rows} rows){may_be} Say it by --settle {text.text}=…"


def _say(what: str) -> Callable[[int, int | None], None]:
    """Say how far the work is, now and then."""
    said = 0

    def say(done: int, total: int | None) -> None:
        nonlocal said
        if done - said >= _SAY_EVERY:
            said = done
            click.echo(f"{done:,}{f' of {total:,}' if total else ''} rows {what}", err=True)

    return say
