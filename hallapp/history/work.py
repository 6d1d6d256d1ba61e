"""Long work: reading a file row by row, and counting it; in a command, in a job, or at once for a short file.

It opens and ends transactions itself. It holds one page of rows in memory, however long the file is.
"""

import gc
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import NoResultFound

from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.logs import log
from hallapp.history import packing, queries, questions, reading, service, sheetset
from hallapp.history.columns import Columns
from hallapp.history.errors import FileGone, ImportedSince, Unsettled
from hallapp.history.findings import LEAVE_OUT, SHOWN_MOST, TAKE, Choice, Finding, choices_of
from hallapp.history.lines import shown
from hallapp.history.models import DraftState, HistoryDraft, Topic
from hallapp.history.outcome import ImportedMonth
from hallapp.history.overlap import Counted
from hallapp.history.packing import Read, Refused, Unpacked
from hallapp.history.place import NOWHERE, Place
from hallapp.history.places import reading_by
from hallapp.history.reading import Reading
from hallapp.history.spots import row_of
from hallapp.history.tablereader import Reader
from hallapp.history.watch import Facts
from hallapp.jobs import files, runner
from hallapp.jobs.runner import Work
from hallapp.kinds.values import is_individual
from hallapp.ledger import closes
from hallapp.ledger import history as ledger
from hallapp.ledger.history import NewRow
from hallapp.ledger.models import HistoryImport
from hallapp.schedule import hall_facts
from hallapp.schedule.models import Hall
from hallapp.schedule.queries import get_hall
from hallapp.sheets.errors import FileRefused, TextUnsure
from hallapp.sheets.files import Bounds, Opened, open_file

READING, COUNTING = "history_read", "history_count"
#: A workbook of a million rows with ten columns unpacks to half of this.
BOUNDS = Bounds(unpacked=2 * 1024**3, tags=80_000_000, small=16 * 1024**2)
_READINGS_MOST = 4  # reading again helps, because facts learnt from the whole file are used in the next reading
_CHUNKS_AT_ONCE = 20  # rows in a transaction: desks write between two of them
_SAY_EVERY = 2_000  # rows

Progress = Callable[[int, int | None], object]


def _nowhere(_done: int, _total: int | None) -> None:
    """Report no progress."""


@contextmanager
def _without_rescans() -> Iterator[None]:
    """Collect the garbage of young objects alone.

    A million rows make the collector run dozens of times, and each time it would examine every object of the
    application, too. (`gc.freeze` has no inverse: `gc.unfreeze` would give back what the server has exempted.)
    """
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, 1_000_000)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)


@runner.does(READING)
def read_in_background(work: Work) -> None:
    """Read the draft of a job."""
    read(work.hall_id, int(work.params["draft"]), progress=work.progress)


@runner.does(COUNTING)
def count_in_background(work: Work) -> None:
    """Count the draft of a job, all or nothing."""
    wish = {name: work.params[name] for name in ("name", "leave_out", "into_closed")}
    command = service.Count(hall_id=work.hall_id, draft_id=int(work.params["draft"]), staff_id=work.staff_id, **wish)

    def finish(history: HistoryImport) -> None:
        work.result["import"] = history.id
        work.finish()

    count(command, progress=work.progress, finish=finish)


def read(hall_id: int, draft_id: int, *, path: Path | None = None, progress: Progress = _nowhere) -> None:
    """Look at a draft's file; read it row by row where its columns are confirmed. A draft that is gone is let be.

    `path` is where the file is, where it is not kept for the draft.
    """
    try:
        draft = queries.get_draft(hall_id, draft_id)
        encoding = draft.answers.get(questions.ENCODING)
        with (
            nullcontext(path) if path else _kept_file(draft) as found,
            open_file(found, draft.filename, BOUNDS, encoding=encoding) as opened,
            _without_rescans(),
        ):
            hall = get_hall(hall_id)
            with reading_by(hall.origins):
                _read(hall, draft_id, opened, progress)
    except TextUnsure as error:
        with transaction(), suppress(NoResultFound):
            service.ask_first(queries.get_draft(hall_id, draft_id, lock=True), [_of_encodings(error)])
    except FileRefused as error:
        with transaction(), suppress(NoResultFound):
            service.refuse(queries.get_draft(hall_id, draft_id, lock=True), error)
    except NoResultFound:
        log.info("draft %d is gone", draft_id)


@contextmanager
def _kept_file(draft: HistoryDraft) -> Iterator[Path]:
    if not files.is_kept(draft.key):
        raise FileGone
    with files.fetched(draft.key) as path:
        yield path


def _of_encodings(error: TextUnsure) -> Finding:
    """Return the question about the encoding of a text, with its first lines in each encoding."""
    choices = tuple(Choice(value=one.encoding, label=shown(" ⏎ ".join(one.lines[:2]))) for one in error.candidates)
    return Finding(code=questions.ENCODING, choices=choices)


def _read(hall: Hall, draft_id: int, opened: Opened, progress: Progress) -> None:
    draft = queries.get_draft(hall.id, draft_id)
    book = sheetset.see(opened.sheets, draft.filename, draft.sheet)
    with transaction():
        columns = service.note_look(queries.get_draft(hall.id, draft_id, lock=True), book.look())
    if columns is None:
        return
    chosen = sheetset.choose(book, columns, draft.answers)
    knows = reading.Hall(
        opened_on=hall.opened_on,
        today=hall.today(),
        zone=ZoneInfo(hall.time_zone),
        place_of=service.meaning_of_places(hall.id),
    )
    facts: Facts = {}
    for _attempt in range(_READINGS_MOST):
        done = Reading(knows, draft.answers, facts, first_sheet=book.at)
        _read_once(hall, draft_id, done, chosen, progress)
        learnt = done.learnt()
        if learnt == facts:
            break
        facts = learnt
    with transaction():
        draft = queries.get_draft(hall.id, draft_id, lock=True)
        found = [*(_with_people(finding, done) for finding in chosen.findings), *done.findings()]
        service.note_outcome(hall, draft, done.outcome, str(done.digest), found)
    compare(hall.id, draft_id)


def _read_once(hall: Hall, draft_id: int, done: Reading, chosen: sheetset.Chosen, progress: Progress) -> None:
    """Read all tables of a file, and keep their rows."""
    chunks = enumerate(_chunks(_telling(_rows(done, chosen), progress)))
    packed = ({"hall_id": hall.id, "draft_id": draft_id, **_packed(at, rows)} for at, rows in chunks)
    with transaction():
        service.clear(queries.get_draft(hall.id, draft_id, lock=True))
    while some := list(islice(packed, _CHUNKS_AT_ONCE)):
        with transaction():
            queries.get_draft(hall.id, draft_id, lock=True)  # a draft that was discarded in the meantime gets no rows
            service.add_chunks(some)


def _rows(done: Reading, chosen: sheetset.Chosen) -> Iterator[Unpacked]:
    for table, sheet in chosen.tables:
        before = done.outcome.visitors
        yield from Reader(done, table).read(sheet.rows())
        done.by_sheet[table.sheet] = done.outcome.visitors - before


def _with_people(finding: Finding, done: Reading) -> Finding:
    """Add the number of people that reading all sheets, or the first one only, would give."""
    if finding.code != questions.SHEETS or len(done.by_sheet) < 2:
        return finding
    one = done.by_sheet.get(done.first_sheet, 0)
    return replace(finding, choices=choices_of("all", "one", all=done.outcome.visitors, one=one))


def compare(hall_id: int, draft_id: int) -> None:
    """Find out which rows of a draft count already by an earlier import."""
    draft = queries.get_draft(hall_id, draft_id)
    counted = _counted(draft)
    sums: defaultdict[date, ImportedMonth] = defaultdict(ImportedMonth)
    at: list[int] = []
    rows = 0
    if counted:
        meanings = Meanings.of(draft)
        for row in (row for chunk in queries.iter_chunks(draft.id) for row in chunk if isinstance(row, Read)):
            rows += 1
            if counted.take(row, meanings.places.get(row.place)):
                sums[row.first.replace(day=1)].add(row)
                at += [row.number] if len(at) < SHOWN_MOST else []
    months = [
        queries.MonthSum(month=month, rows=s.rows, visitors=s.visitors, groups=s.groups, days=s.days)
        for month, s in sorted(sums.items())
    ]
    people = sum(month.visitors for month in months)
    finding = None
    if months:
        found = sum(month.rows for month in months)
        finding = Finding(
            code=questions.COUNTED,
            rows=found,
            people=people,
            at=tuple(at),
            choices=choices_of(LEAVE_OUT, TAKE, take=people, leave_out=0),
            suggested=LEAVE_OUT,
        )
    with transaction():
        draft = queries.get_draft(hall_id, draft_id, lock=True)
        left = months if finding and _leaves_counted(draft, finding) else []
        service.note_counted_already(draft, finding, left)


def refresh(hall_id: int, draft_id: int) -> None:
    """Compare a draft with the imports once more where some were counted or taken back since."""
    draft = queries.get_draft(hall_id, draft_id)
    if draft.state is DraftState.READ and _is_outdated(draft):
        compare(hall_id, draft_id)


def _is_outdated(draft: HistoryDraft) -> bool:
    return bool(draft.figures.get("compared", "") != queries.state_of_imports(draft.hall_id))


def _counted(draft: HistoryDraft) -> Counted | None:
    """Return the imported rows in the months of a draft; None where there are none."""
    months = [date.fromisoformat(month[0]) for month in draft.figures.get("months", ())]
    return Counted(draft.hall_id, months[0], months[-1]) if months else None


def _leaves_counted(draft: HistoryDraft, finding: Finding) -> bool:
    return (finding.answer(draft.answers) or finding.suggested) == LEAVE_OUT


def _telling(rows: Iterable[Unpacked], progress: Progress) -> Iterator[Unpacked]:
    for done, row in enumerate(rows, 1):
        if done % _SAY_EVERY == 0:
            progress(done, None)
        yield row


def _chunks(rows: Iterator[Unpacked]) -> Iterator[list[Unpacked]]:
    while chunk := list(islice(rows, packing.ROWS)):
        yield chunk


def _packed(position: int, rows: list[Unpacked]) -> dict[str, Any]:
    """Return a chunk as a row of `history_chunk`, without whose it is."""
    refused = [row for row in rows if isinstance(row, Refused)]
    left_out = sum(row.left_out for row in refused)
    return {
        "position": position,
        "rows": len(rows),
        "wrong": len(refused) - left_out,
        "left_out": left_out,
        "content": packing.pack(rows),
    }


def count(
    command: service.Count, *, progress: Progress = _nowhere, finish: Callable[[HistoryImport], object] | None = None
) -> int:
    """Count a draft in one transaction, whose last act is `finish`; returns the number of the import.

    Raises:
        DomainError: as `service.check`; nothing has been written then.
        NoResultFound: this hall has no such draft.
    """
    refresh(command.hall_id, command.draft_id)
    try:
        with transaction(), _without_rescans():
            history = _count(command, progress)
            if finish:
                finish(history)
    except DomainError:
        with transaction(), suppress(NoResultFound):
            service.let_be(queries.get_draft(command.hall_id, command.draft_id, lock=True))
        raise
    return history.id


def _count(command: service.Count, progress: Progress) -> HistoryImport:
    draft = queries.get_draft(command.hall_id, command.draft_id)
    closes.hold(command.hall_id)
    if _is_outdated(draft):
        raise ImportedSince
    history = ledger.begin(command.hall_id, name=command.name, digest=draft.digest or "", staff_id=command.staff_id)
    draft = queries.get_draft(command.hall_id, command.draft_id, lock=True)
    figures = service.check(draft, command, begun=history)
    meanings = Meanings.of(draft)
    counted = _counted(draft) if draft.figures.get("already") else None
    done = last = 0
    for rows in queries.iter_chunks(draft.id):
        new = []
        for row in rows:
            if isinstance(row, Read) and not (counted and counted.take(row, meanings.places[row.place])):
                last = max(last + 1, row_of(row.number))  # one row of a sheet may hold several rows of the ledger
                new.append(meanings.new_row(row, last))
        ledger.add_rows(history, new)
        done += len(new)
        progress(done, figures.fine)
    ledger.count(history)
    service.note_counted(draft, history, figures)
    return history


@dataclass(frozen=True, slots=True)
class Meanings:
    """The meanings of a draft's texts, by position; −1 is a row that names none."""

    places: Mapping[int, Place | None]
    kinds: Mapping[int, str | None]
    programmes: Mapping[int, int | None]

    @classmethod
    def of(cls, draft: HistoryDraft) -> "Meanings":
        """Return the meanings of a draft that are settled; the others are None."""
        columns, origins = Columns.of_json(draft.columns or {}), hall_facts.get_hall(draft.hall_id).origins
        places: dict[int, Place | None] = {-1: NOWHERE}
        kinds: dict[int, str | None] = {-1: columns.kind}
        programmes: dict[int, int | None] = {-1: columns.programme_id}
        for text in queries.list_texts(draft.id):
            value = text.value
            if text.topic is Topic.PLACE:
                places[text.position] = Place.parse(value, origins) if value else None
            elif text.topic is Topic.KIND:
                kinds[text.position] = value or None
            else:
                programmes[text.position] = int(value) if value else None
        return cls(places, kinds, programmes)

    def new_row(self, row: Read, number: int) -> NewRow:
        """Return a row of the ledger. Raises Unsettled where something of it is not settled."""
        place, kind, programme = self.places[row.place], self.kinds[row.kind], self.programmes[row.programme]
        if place is None or kind is None or programme is None:
            raise Unsettled(count=1)
        return NewRow(
            number=number,
            span=row.span,
            first=row.first,
            division=place.division,
            prefecture=place.prefecture or None,
            programme_id=programme,
            kind=kind,
            visitors=row.visitors,
            groups=row.groups,
            organisation=None if is_individual(kind) else row.organisation,
        )
