"""The verbs of a draft: take in, confirm its columns, settle its names, discard; and of imports: withdraw.

They flush at most. Reading a file and counting it are long: `work.py` does them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, delete, insert

from hallapp.accounts import service as accounts
from hallapp.core import clock
from hallapp.core.database import db, upsert
from hallapp.core.errors import DomainError
from hallapp.history import columns as headings
from hallapp.history import errors, findings, naming, places, queries, questions
from hallapp.history.columns import Columns
from hallapp.history.findings import Finding
from hallapp.history.models import (
    KEPT,
    DraftState,
    HistoryAlias,
    HistoryChunk,
    HistoryColumns,
    HistoryDraft,
    HistoryMonth,
    HistoryText,
    Topic,
)
from hallapp.history.outcome import Outcome
from hallapp.history.place import NOWHERE, Place
from hallapp.history.placetext import key_of
from hallapp.history.queries import Figures
from hallapp.history.suggest import Suggestion
from hallapp.jobs import files
from hallapp.kinds.queries import list_kinds
from hallapp.kinds.values import Kinds
from hallapp.ledger import history as ledger
from hallapp.ledger.errors import AlreadyImported
from hallapp.ledger.models import HistoryImport
from hallapp.origins.values import OriginSet
from hallapp.schedule import hall_facts
from hallapp.schedule.models import Hall, Programme
from hallapp.schedule.queries import list_all_programmes

DRAFTS_MOST = 10
#: The limit for the people of a hall since its opening: a database's integer, for figures of all facets.
PEOPLE_MOST = 2_000_000_000
_CANDIDATES_MOST = 12
NAME_LENGTH = 120
#: Answers that apply to every sheet of the file.
_OF_ALL_SHEETS = frozenset({questions.ENCODING})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDraft:
    """A file that was handed in; `key` names where it is kept."""

    hall_id: int
    staff_id: int | None
    key: str
    filename: str
    file_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The top of a file: its sheets, the one that is read, its headings, and some rows below."""

    sheets: Sequence[str]
    sheet: int
    heading: int
    headings: Sequence[str]
    samples: Sequence[Sequence[str]]
    suggestion: Suggestion


@dataclass(frozen=True, slots=True, kw_only=True)
class Settle:
    """The command that settles meanings of a draft's texts, by topic and position."""

    hall_id: int
    draft_id: int
    staff_id: int | None
    meanings: Mapping[tuple[Topic, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The command that counts a draft under a name; optionally without its wrong rows, and into closed months."""

    hall_id: int
    draft_id: int
    staff_id: int | None
    name: str
    leave_out: bool = False
    into_closed: bool = False


def take_in(new: NewDraft) -> HistoryDraft:
    """Store a file for reading.

    Raises:
        TooManyDrafts: so many are under way already.
    """
    if len(queries.list_drafts(new.hall_id)) >= DRAFTS_MOST:
        raise errors.TooManyDrafts
    draft = HistoryDraft(
        hall_id=new.hall_id,
        staff_id=new.staff_id,
        key=new.key,
        filename=new.filename,
        file_bytes=new.file_bytes,
        made_at=clock.now(),
        state=DraftState.LOOKING,
        sheets=[],
        headings=[],
        samples=[],
        figures={},
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Delete the drafts that were not finished in time, when the clock erases: their rows may name people."""
    if before is not None:
        sweep(hall.id)


def sweep(hall_id: int) -> None:
    """Delete the drafts that were not finished in time."""
    for draft in queries.list_old_drafts(hall_id, clock.now() - KEPT):
        remove(draft)


def note_look(draft: HistoryDraft, look: Look) -> Columns | None:
    """Store the first look at a file; return the columns where the hall has confirmed such headings before."""
    draft.sheets, draft.sheet = list(look.sheets), look.sheet
    draft.headings, draft.samples = list(look.headings), [list(row) for row in look.samples]
    draft.suggestion = look.suggestion.as_json()
    known = draft.columns or queries.find_columns(draft.hall_id, headings.digest_of(look.headings))
    found = _usable(known, draft.hall_id, look)
    draft.columns = found.as_json() if found else None
    draft.findings = []
    draft.state, draft.error = DraftState.LOOKING if found else DraftState.ASKING, None
    db.session.flush()
    return found


def _usable(known: dict[str, Any] | None, hall_id: int, look: Look) -> Columns | None:
    """Return the confirmed choice where its programme still exists, with the heading's place in this file."""
    if known is None:
        return None
    columns = Columns.of_json({**known, "heading": look.heading})
    programmes = {programme.id for programme in list_all_programmes(hall_id)}
    return columns if columns.programme_id in programmes else None


def choose_sheet(draft: HistoryDraft, sheet: int) -> None:
    """Let another sheet of the file be looked at.

    Raises:
        AtWork: something is under way.
    """
    _refuse_at_work(draft)
    draft.sheet, draft.columns, draft.state = sheet, None, DraftState.LOOKING
    draft.answers = {key: said for key, said in draft.answers.items() if key in _OF_ALL_SHEETS} | {
        questions.SHEETS: "one"
    }
    clear(draft)
    db.session.flush()


def answer(draft: HistoryDraft, answers: Mapping[str, str]) -> None:
    """Store the choices for a file's findings; the file must then be read again.

    Raises:
        AtWork: something is under way.
        AnswerUnknown: there is no such choice; nothing is kept then.
    """
    if draft.state is not DraftState.ASKING:
        _refuse_at_work(draft)
    known = {finding.key: finding for finding in map(Finding.of_json, draft.findings)}
    for key, said in answers.items():
        if key not in known or not known[key].answer({key: said}):
            raise errors.AnswerUnknown
    draft.answers = {**draft.answers, **answers}
    draft.state = DraftState.LOOKING
    clear(draft)
    db.session.flush()


def ask_first(draft: HistoryDraft, found: Sequence[Finding]) -> None:
    """Keep questions without whose answers the file cannot even be looked at."""
    draft.findings = [finding.as_json() for finding in found]
    draft.state, draft.error = DraftState.ASKING, None
    draft.headings, draft.samples, draft.suggestion = [], [], {}
    db.session.flush()


def confirm_columns(draft: HistoryDraft, columns: Columns, *, remember: bool = True) -> None:
    """Take a file's columns as these, and, to be remembered, those of all files with the same headings to come.

    Raises:
        AtWork: something is under way.
    """
    _refuse_at_work(draft)
    draft.columns, draft.state = columns.as_json(), DraftState.LOOKING
    clear(draft)
    if remember:
        _remember(draft)
    db.session.flush()


def _remember(draft: HistoryDraft) -> None:
    statement = upsert(HistoryColumns)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["hall_id", "digest"], set_={"columns": statement.excluded.columns}
        ),
        {"hall_id": draft.hall_id, "digest": headings.digest_of(draft.headings), "columns": draft.columns},
    )


def ask_again(draft: HistoryDraft) -> None:
    """Ask for a file's columns once more. Raises AtWork."""
    _refuse_at_work(draft)
    draft.state = DraftState.ASKING
    clear(draft)
    db.session.flush()


def _refuse_at_work(draft: HistoryDraft) -> None:
    if draft.state in (DraftState.LOOKING, DraftState.COUNTING):
        raise errors.AtWork


def refuse(draft: HistoryDraft, error: DomainError) -> None:
    """Write down that a file cannot be read, and why."""
    params = {name: str(value) for name, value in error.params.items()}
    draft.state = DraftState.REFUSED
    draft.error = {"code": error.code, "message": error.message, "params": params}
    db.session.flush()


def clear(draft: HistoryDraft) -> None:
    """Delete the result of reading a file."""
    for table in (HistoryChunk, HistoryText):
        db.session.execute(
            delete(table).where(table.draft_id == draft.id), execution_options={"synchronize_session": False}
        )
    draft.figures, draft.digest = {}, None


def add_chunks(rows: Sequence[dict[str, Any]]) -> None:
    """Keep some chunks of rows that were read; each is a row of `history_chunk`."""
    if rows:
        db.session.execute(insert(HistoryChunk), rows)


def note_outcome(hall: Hall, draft: HistoryDraft, outcome: Outcome, digest: str, found: Sequence[Finding]) -> None:
    """Store the result of reading a file, and find the meaning of its texts where they are clear."""
    aliases, programmes = queries.list_aliases(hall.id), list_all_programmes(hall.id)
    kinds = list_kinds(hall.id)
    rows = [
        {
            "draft_id": draft.id,
            "hall_id": hall.id,
            "topic": topic,
            "position": at,
            "text": text.text,
            "rows": text.rows,
            "first_row": text.first_row,
            **_meaning(topic, text.text, aliases, programmes, kinds, hall.origins),
        }
        for topic, texts in outcome.counted.items()
        for at, text in enumerate(texts)
        if text.rows
    ]
    if rows:
        db.session.execute(insert(HistoryText), rows)
    months = tuple(
        queries.MonthSum(month=month, rows=s.rows, visitors=s.visitors, groups=s.groups, days=s.days)
        for month, s in sorted(outcome.months.items())
    )
    draft.figures = Figures(
        rows=outcome.rows, fine=outcome.fine, wrong=outcome.wrong, left_out=outcome.left_out, months=months
    ).as_json()
    draft.digest, draft.state = digest, DraftState.READ
    draft.findings = [finding.as_json() for finding in found]
    db.session.flush()


def note_counted_already(draft: HistoryDraft, finding: Finding | None, months: Sequence[queries.MonthSum]) -> None:
    """Keep, or forget, that rows of a file count already, with the months of those that are left out for it."""
    others = [one for one in draft.findings if one["code"] != questions.COUNTED]
    draft.findings = [*others, *([finding.as_json()] if finding else [])]
    already = [[m.month.isoformat(), m.rows, m.visitors, m.groups, m.days] for m in months]
    compared = queries.state_of_imports(draft.hall_id)
    draft.figures = {**draft.figures, "already": already, "compared": compared}
    db.session.flush()


def meaning_of_places(hall_id: int) -> Callable[[str], Place | None]:
    """Return a function from a text to its place, by the hall's meanings and by itself; None if unclear."""
    aliases, origins = queries.list_aliases(hall_id), hall_facts.get_hall(hall_id).origins

    @lru_cache(maxsize=20_000)
    def place_of(text: str) -> Place | None:
        value = _meaning(Topic.PLACE, text, aliases, (), Kinds(()), origins)["value"] if text else str(NOWHERE)
        return Place.parse(value, origins) if value else None

    return place_of


def _meaning(
    topic: Topic,
    text: str,
    aliases: Mapping[tuple[Topic, str], str],
    programmes: Sequence[Programme],
    kinds: Kinds,
    origins: OriginSet,
) -> dict[str, Any]:
    """Return the meaning of a text: confirmed by the hall, else its own; with the possible places."""
    said = aliases.get((topic, alias_key(text)))
    if said is not None:
        return {"value": said, "candidates": []}
    if topic is Topic.PLACE:
        found = places.read_place(text, origins)
        if isinstance(found, Place):
            return {"value": str(found), "candidates": []}
        return {"value": None, "candidates": [reading.name for reading in found.readings[:_CANDIDATES_MOST]]}
    if topic is Topic.KIND:
        return {"value": naming.find_kind(text, kinds), "candidates": []}
    programme = naming.find_programme(text, programmes)
    return {"value": str(programme.id) if programme else None, "candidates": []}


def alias_key(text: str) -> str:
    """Return a text as a hall's settled ones are compared; itself where nothing of it is a letter or a digit."""
    return (key_of(text) or text.strip())[:200]


def settle(command: Settle) -> None:
    """Store the meaning of texts of a draft, for it and for all future files.

    Raises:
        NotRead: the file has not been read, or is being counted.
        MeaningUnknown: there is no such place, kind or programme; nothing is settled then.
    """
    draft = queries.get_draft(command.hall_id, command.draft_id, lock=True)
    if draft.state is not DraftState.READ:
        raise errors.NotRead
    texts = {(text.topic, text.position): text for text in queries.list_texts(draft.id)}
    programmes = {str(programme.id) for programme in list_all_programmes(command.hall_id)}
    kinds, origins = list_kinds(command.hall_id), hall_facts.get_hall(command.hall_id).origins
    rows = []
    for key, value in command.meanings.items():
        text = texts.get(key)
        if text is None or not _is_meaning(key[0], value, programmes, kinds, origins):
            raise errors.MeaningUnknown
        text.value = value
        rows.append({"hall_id": draft.hall_id, "topic": key[0], "key": alias_key(text.text), "value": value})
    _keep_aliases(rows)
    db.session.flush()


def _is_meaning(topic: Topic, value: str, programmes: set[str], kinds: Kinds, origins: OriginSet) -> bool:
    if topic is Topic.PLACE:
        return Place.parse(value, origins) is not None
    return value in programmes if topic is Topic.PROGRAMME else value in kinds


def _keep_aliases(rows: list[dict[str, Any]]) -> None:
    statement = upsert(HistoryAlias)
    for row in {(row["topic"], row["key"]): row for row in rows}.values():
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["hall_id", "topic", "key"], set_={"value": statement.excluded.value}
            ),
            row,
        )


def take_up(draft: HistoryDraft, state: DraftState) -> None:
    """Mark a file as being worked on: `LOOKING` or `COUNTING`. Raises AtWork."""
    if draft.state is not state:
        _refuse_at_work(draft)
    draft.state = state
    db.session.flush()


def let_be(draft: HistoryDraft) -> None:
    """Mark that the counting of a file failed: the file returns to its earlier state."""
    if draft.state is DraftState.COUNTING:
        draft.state = DraftState.READ
    db.session.flush()


def check(draft: HistoryDraft, command: Count, *, begun: HistoryImport | None = None) -> Figures:
    """Return the summary of the counts, of the draft or of the import begun from it.

    Raises:
        NotRead, NothingToImport, PeopleTooMany: it cannot be counted.
        Unsettled, RowsWrong, MonthsClosed: something is still to be done before.
        AlreadyImported: the same content counts already.
    """
    if draft.state not in (DraftState.READ, DraftState.COUNTING):
        raise errors.NotRead
    figures = Figures.of_json(draft.figures)
    if same := queries.find_same_import(draft.hall_id, draft.digest, but=begun):
        raise AlreadyImported(same.name)
    if not figures.fine:
        raise errors.NothingToImport
    counted = sum(queries.sum_counted_months(draft.hall_id, date.min).values())
    if counted + figures.visitors > PEOPLE_MOST:
        raise errors.PeopleTooMany
    if open_ones := list_open(draft):
        raise errors.QuestionsOpen(count=len(open_ones))
    if count := queries.count_unsettled(draft.id):
        raise errors.Unsettled(count=count)
    if figures.wrong_rows and not command.leave_out:
        raise errors.RowsWrong(count=figures.wrong_rows)
    closed = queries.list_closed_months(draft.hall_id) & {month.month for month in figures.months}
    if closed and not command.into_closed:
        raise errors.MonthsClosed(count=len(closed))
    return figures


def list_findings(draft: HistoryDraft) -> list[Finding]:
    """Return the findings of a draft for a person."""
    return [Finding.of_json(finding) for finding in draft.findings]


def list_open(draft: HistoryDraft) -> list[Finding]:
    """Return the findings of a draft that must still be settled."""
    return findings.open_ones(list_findings(draft), draft.answers)


def note_counted(draft: HistoryDraft, history: HistoryImport, figures: Figures) -> None:
    """Store the counted people of each month, record them in the audit trail, and delete the draft with its file."""
    whose = {"import_id": history.id, "hall_id": history.hall_id}
    db.session.execute(insert(HistoryMonth), [{**whose, **asdict(month)} for month in figures.months])
    detail = {"import": history.name, "rows": figures.fine, "people": figures.visitors}
    _record(history, "history_imported", history.made_by_id, detail)
    remove(draft)


def remove(draft: HistoryDraft) -> None:
    """Delete a draft with its file and all that was read of it."""
    files.discard([draft.key])
    clear(draft)
    db.session.delete(draft)
    db.session.flush()


def withdraw(hall_id: int, import_id: int, *, staff_id: int | None) -> HistoryImport:
    """Take an import back whole: its people leave all figures.

    Raises:
        AlreadyWithdrawn: it was taken back before. NoResultFound: this hall has no such import.
    """
    history = ledger.withdraw(hall_id, import_id, staff_id=staff_id)
    _record(history, "history_withdrawn", staff_id, {"import": history.name})
    return history


def _record(history: HistoryImport, action: str, staff_id: int | None, detail: dict[str, Any]) -> None:
    accounts.record(
        hall_id=history.hall_id, staff_id=staff_id, action=action, subject=f"import {history.id}", detail=detail
    )
