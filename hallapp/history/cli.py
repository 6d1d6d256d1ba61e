"""The command that imports a file: the same reading, settling and counting as on the pages, in one process."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from hallapp.core.database import transaction
from hallapp.core.i18n import force_locale
from hallapp.core.text import counted
from hallapp.history import asking, choosing, queries, questions, service, work
from hallapp.history.columns import Columns, HistoryColumn
from hallapp.history.errors import AnswerUnknown, MonthsClosed, RowsWrong
from hallapp.history.findings import YEAR, Finding
from hallapp.history.models import DraftState, HistoryDraft, HistoryText
from hallapp.history.place import Place
from hallapp.history.places import read_place
from hallapp.history.problems import PROBLEMS
from hallapp.history.queries import Figures
from hallapp.history.words import reason
from hallapp.jobs import files
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import Kinds
from hallapp.ledger.errors import AlreadyImported
from hallapp.origins.values import OriginSet
from hallapp.schedule.models import Hall
from hallapp.schedule.queries import list_all_programmes

_SHOWN = 20
_SAY_EVERY = 50_000  # rows
_ASKED_MOST = 20  # times in a row: each answer may lead to another question
#: The option that confirms what the pages confirm by a tick.
_OPTIONS = {RowsWrong: "--leave-out-wrong", MonthsClosed: "--into-closed"}
QUESTIONS_OPEN = 2  # the exit code where a person has to answer first


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options given to the command."""

    path: Path
    name: str | None
    sheet: str | None
    all_sheets: bool
    chosen: Sequence[str]
    year: int | None
    answers: Sequence[str]
    kind: str | None
    programme: str | None
    settled: Sequence[str]
    leave_out_wrong: bool
    into_closed: bool
    dry_run: bool


def register(group: AppGroup, *, one_line_errors: Callable[..., Any], one_hall: Callable[[str | None], Hall]) -> None:
    """Add the command to a group."""

    @group.command("import")
    @click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--name", help="Name of the import; default: the file's name.")
    @click.option("--sheet", help="Read the sheet of this name, and no other one.")
    @click.option("--all-sheets", is_flag=True, help="Read all sheets of the same kind together.")
    @click.option(
        "--column",
        "chosen",
        multiple=True,
        metavar="WHAT=HEADING",
        help="Take this from the column with that heading, or from none where the heading is empty; "
        f"WHAT is people or {', '.join(HistoryColumn)}. "
        "people=A+B adds two columns, people=each-row counts each row as one person.",
    )
    @click.option("--year", type=click.IntRange(1900, 2099), help="The year of dates without one.")
    @click.option(
        "--answer",
        "answers",
        multiple=True,
        metavar="QUESTION=CHOICE",
        help="Answer a question, by the names that the questions print.",
    )
    @click.option(
        "--kind",
        metavar="CODE",
        help="The kind of organisation of rows without one; default: the confirmed one, else `other`.",
    )
    @click.option("--programme", help="Short name of the programme of rows without one; default: the first one.")
    @click.option(
        "--settle",
        "settled",
        multiple=True,
        metavar="NAME=MEANING",
        help="The meaning of a name: a place's name or code, a kind, or a programme's short name.",
    )
    @click.option("--leave-out-wrong", is_flag=True, help="Count the file without its wrong rows.")
    @click.option("--into-closed", is_flag=True, help="Count into closed months too, as adjustments of them.")
    @click.option("--dry-run", is_flag=True, help="Show what would be counted, without counting it.")
    @click.option("--hall", "slug", help="Short name of the hall; needed where there are several.")
    @one_line_errors
    def import_file(slug: str | None, **given: Any) -> None:
        """Import figures from before from a spreadsheet (.xlsx, .xls or .csv), all of its rows or none.

        Where the file can be read in two ways, the questions are asked; without a terminal they are printed, nothing is
        counted, and the exit code is 2.
        """
        with force_locale("en"):
            _import(one_hall(slug), Given(**given))


def _import(hall: Hall, given: Given) -> None:
    _read_pairs("--column", given.chosen, key=_column_name, may_be_empty=True)
    new = service.NewDraft(
        hall_id=hall.id,
        staff_id=None,
        key=files.new_key(),
        filename=given.path.name,
        file_bytes=given.path.stat().st_size,
    )
    with transaction():
        draft = service.take_in(new)
    try:
        _read(hall, draft.id, given)
        _settle(hall, draft.id, given.settled)
        _tell(hall, draft.id)
        if same := queries.find_same_import(hall.id, queries.get_draft(hall.id, draft.id).digest):
            raise AlreadyImported(same.name)
        _ask(hall, draft.id, given)
        if given.dry_run:
            click.echo("Dry run: nothing was counted.")
            return
        _count(hall, draft.id, given)
    finally:
        _forget(hall, draft.id)


def _count(hall: Hall, draft_id: int, given: Given) -> None:
    command = service.Count(
        hall_id=hall.id,
        draft_id=draft_id,
        staff_id=None,
        name=(given.name or given.path.stem)[: service.NAME_LENGTH],
        leave_out=given.leave_out_wrong,
        into_closed=given.into_closed,
    )
    try:
        figures = service.check(queries.get_draft(hall.id, draft_id), command)
    except (RowsWrong, MonthsClosed) as error:
        raise click.ClickException(f"{error.message % error.params} Say it by {_OPTIONS[type(error)]}.") from None
    made = work.count(command, progress=_say("counted"))
    rows = f"{counted(figures.fine, 'row')} with {_people(figures)}"
    click.echo(f"{rows} {'counts' if figures.fine == 1 else 'count'} now, as import {made} “{command.name}”.")


def _forget(hall: Hall, draft_id: int) -> None:
    with transaction():
        for draft in queries.list_drafts(hall.id):
            if draft.id == draft_id:
                service.remove(draft)


def _read(hall: Hall, draft_id: int, given: Given) -> None:
    """Read the file, with the hall's confirmed columns where no others are given."""
    _give_answers(hall, draft_id, given)
    draft = _reread(hall, draft_id, given)
    if draft.state is DraftState.ASKING and not draft.headings:
        _ask(hall, draft_id, given)
        draft = queries.get_draft(hall.id, draft_id)
    if given.sheet is not None:
        draft = _choose_sheet(hall, draft, given)
    if draft.state is DraftState.READ and not (given.chosen or given.kind or given.programme):
        return
    columns = _columns(hall, draft, given)
    with transaction():
        found = queries.get_draft(hall.id, draft_id, lock=True)
        service.confirm_columns(found, columns, remember=bool(given.chosen) and not columns.unsure)
    _reread(hall, draft_id, given)


def _reread(hall: Hall, draft_id: int, given: Given) -> HistoryDraft:
    work.read(hall.id, draft_id, path=given.path, progress=_say("read"))
    draft = queries.get_draft(hall.id, draft_id)
    if draft.state is DraftState.REFUSED and draft.error:
        raise click.ClickException(draft.error["message"] % draft.error["params"])
    return draft


def _give_answers(hall: Hall, draft_id: int, given: Given) -> None:
    """Keep the answers of the command line; those to questions that the file does not put are not looked at."""
    more = {YEAR: str(given.year or ""), questions.SHEETS: "all" if given.all_sheets else ""}
    answers = [*given.answers, *(f"{name}={value}" for name, value in more.items() if value)]
    said = dict(_read_pairs("--answer", answers).values())
    with transaction():
        queries.get_draft(hall.id, draft_id, lock=True).answers = said


def _read_pairs(
    option: str, given: Sequence[str], *, key: Callable[[str], str] = str, may_be_empty: bool = False
) -> dict[str, tuple[str, str]]:
    """Return the names and values of NAME=VALUE by the keys of the names.

    Raises ClickException for a text without both, and where one name has two values.
    """
    said: dict[str, tuple[str, str]] = {}
    for one in given:
        name, sign, value = (part.strip() for part in one.partition("="))
        if not name or not sign or not (value or may_be_empty):
            raise click.ClickException(f"{option} {one}: write a name, = and its value")
        _name, before = said.setdefault(key(name), (name, value))
        if before != value:
            raise click.ClickException(f"{option} {name}: it is {before or 'empty'} or {value or 'empty'}, not both")
    return said


def _column_name(name: str) -> str:
    return choosing.PEOPLE if name == HistoryColumn.VISITORS else name


def _choose_sheet(hall: Hall, draft: HistoryDraft, given: Given) -> HistoryDraft:
    if given.sheet not in draft.sheets:
        raise click.ClickException(f"--sheet {given.sheet}: the sheets are {', '.join(draft.sheets)}")
    at = draft.sheets.index(given.sheet)
    with transaction():
        found = queries.get_draft(hall.id, draft.id, lock=True)
        said = dict(found.answers)
        service.choose_sheet(found, at)
        found.answers = {**said, **found.answers}
    return _reread(hall, draft.id, given)


def _columns(hall: Hall, draft: HistoryDraft, given: Given) -> Columns:
    """Return the choice of columns: as given, else as confirmed by the hall, else as suggested."""
    known = Columns.of_json(draft.columns) if draft.columns else None
    try:
        columns = choosing.columns_of(draft, known, given.chosen, programme_id=_programme(hall, given, known))
    except choosing.ColumnsUnclear as error:
        for line in error.lines:
            click.echo(line, err=True)
        raise click.exceptions.Exit(QUESTIONS_OPEN) if error.is_question else click.ClickException(str(error)) from None
    for column, heading in choosing.said(columns, draft.headings):
        click.echo(f"{column} is taken from “{heading}”")
    return columns if not given.kind else choosing.with_kind(columns, _kind(hall, given.kind))


def _kind(hall: Hall, code: str) -> str:
    kinds = list_kinds(hall.id)
    if code not in kinds:
        raise click.ClickException(f"--kind: {code} is none of {', '.join(kinds)}")
    return code


def _programme(hall: Hall, given: Given, known: Columns | None) -> int:
    if known and not given.programme:
        return known.programme_id
    programmes = list_all_programmes(hall.id)
    found = next((one for one in programmes if given.programme in (None, one.slug)), None)
    if found is None:
        raise click.ClickException(f"--programme is one of {', '.join(one.slug for one in programmes)}")
    return found.id


def _ask(hall: Hall, draft_id: int, given: Given) -> None:
    """Ask the open questions; where no one can answer, print the questions and end."""
    for _time in range(_ASKED_MOST):
        draft = queries.get_draft(hall.id, draft_id)
        if not (found := service.list_open(draft)):
            break
        if not _somebody_answers():
            _end_with(draft, found)
        answers = {finding.key: _prompt(draft, finding) for finding in found}
        with transaction():
            service.answer(queries.get_draft(hall.id, draft_id, lock=True), answers)
        _reread(hall, draft_id, given)
        _tell(hall, draft_id)
    if unsettled := queries.list_unsettled(draft_id):
        for text in unsettled[:_SHOWN]:
            click.echo(_unsettled(text), err=True)
        number = queries.count_unsettled(draft_id)
        still = f"{counted(number, 'name')} still {'needs' if number == 1 else 'need'} an answer"
        click.echo(f"{still}. Nothing was counted.", err=True)
        raise click.exceptions.Exit(QUESTIONS_OPEN)


def _somebody_answers() -> bool:
    """Return whether a person sits at a terminal."""
    return sys.stdin.isatty()


def _end_with(draft: HistoryDraft, found: Sequence[Finding]) -> NoReturn:
    click.echo("Please settle these points first; nothing was counted:", err=True)
    for finding in found:
        for line in _lines(draft, finding):
            click.echo(line, err=True)
    raise click.exceptions.Exit(QUESTIONS_OPEN)


def _lines(draft: HistoryDraft, finding: Finding) -> list[str]:
    """Return a finding as lines, with the options that settle it."""
    where = asking.where(finding, draft.sheets)
    sample = f" “{finding.sample}”" if finding.sample else ""
    lines = [f"? {asking.title(finding)}{f' ({where})' if where else ''}{sample}"]
    if about := asking.about(finding):
        lines.append(f"    {about}")
    for one in finding.choices:
        effect = asking.effect(finding, one)
        suggested = "  (suggested)" if one.value == finding.suggested else ""
        option = choosing.option_of(finding, one, draft.headings)
        lines.append(f"    {option}  {asking.choice(finding, one)}{f': {effect}' if effect else ''}{suggested}")
    if finding.code == YEAR:
        lines.append("    --year YYYY")
    return lines


def _prompt(draft: HistoryDraft, finding: Finding) -> str:
    for line in _lines(draft, finding):
        click.echo(line)
    values = [one.value for one in finding.choices]
    kind: Any = str if finding.code == YEAR else click.Choice(values)
    said: str = click.prompt("Your answer", type=kind, default=finding.suggested or None)
    if not finding.answer({finding.key: said}):
        raise AnswerUnknown
    return said


def _settle(hall: Hall, draft_id: int, settled: Sequence[str]) -> None:
    if not settled:
        return
    said = _read_pairs("--settle", settled, key=service.alias_key)
    texts = {key: [one for one in queries.list_texts(draft_id) if service.alias_key(one.text) == key] for key in said}
    slugs = {one.slug: str(one.id) for one in list_all_programmes(hall.id)}
    kinds = list_kinds(hall.id)
    meanings = {}
    for key, (name, meaning) in said.items():
        value = _meaning(meaning, slugs, kinds, hall.origins)
        if not texts[key]:
            click.echo(f"note: --settle {name}: the file has no such name", err=True)
        # What is said now counts more than an earlier answer, which the hall may have given by mistake.
        for text in [one for one in texts[key] if one.value is None] or texts[key]:
            meanings[text.topic, text.position] = value
    with transaction():
        service.settle(service.Settle(hall_id=hall.id, draft_id=draft_id, staff_id=None, meanings=meanings))
    work.compare(hall.id, draft_id)


def _meaning(text: str, slugs: Mapping[str, str], kinds: Kinds, origins: OriginSet) -> str:
    """Return a programme's number, a kind, or the place that a text names."""
    if text in slugs or text in kinds:
        return slugs.get(text, text)
    place = Place.parse(text, origins) or read_place(text, origins)
    if not isinstance(place, Place):
        raise click.ClickException(f"--settle: {text} is no place, kind or programme that we know")
    return str(place)


def _tell(hall: Hall, draft_id: int) -> None:
    """Print the result of the reading."""
    draft = queries.get_draft(hall.id, draft_id)
    figures = Figures.of_json(draft.figures)
    span = f", {figures.months[0].month:%Y-%m} to {figures.months[-1].month:%Y-%m}" if figures.months else ""
    rows, groups = counted(figures.fine, "row"), counted(figures.groups, "group")
    click.echo(f"{rows} would count: {_people(figures)} in {groups}{span}")
    if figures.left_out_rows:
        reasons = ", ".join(f"{reason(code)}: {rows}" for code, rows in figures.left_out.items())
        click.echo(f"left out: {counted(figures.left_out_rows, 'row')} ({reasons})")
    for finding in service.list_findings(draft):
        if not finding.must:
            click.echo(_lines(draft, finding)[0].replace("?", "note:", 1))
    for row in queries.list_refused(draft_id, left_out=False, start=0, count=_SHOWN):
        spot = asking.spot(row.number, draft.sheets)
        click.echo(f"row {spot}: {PROBLEMS[row.code].message % {'text': row.text}}", err=True)
    if figures.wrong_rows > _SHOWN:
        click.echo(f"… {counted(figures.wrong_rows, 'wrong row')} in all", err=True)


def _people(figures: Figures) -> str:
    return counted(figures.visitors, "person", "people")


def _unsettled(text: HistoryText) -> str:
    may_be = f": {' or '.join(text.candidates)}?" if text.candidates else ""
    found = f"“{text.text}” ({text.topic.value}, {counted(text.rows, 'row')})"
    return f"not known: {found}{may_be} Say it by --settle {text.text}=…"


def _say(what: str) -> Callable[[int, int | None], None]:
    """Print the progress of the work at intervals."""
    said = 0

    def say(done: int, total: int | None) -> None:
        nonlocal said
        if done - said >= _SAY_EVERY:
            said = done
            click.echo(f"{done:,}{f' of {total:,}' if total else ''} rows {what}", err=True)

    return say
