"""The long work: reading a file row by row, and counting it; in a command, in a job, or at once where it is short.

It opens and ends transactions itself. What it has in hand is a page of rows at a time, however long the file is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy.exc import NoResultFound

from hallapp.booking.models import OrganisationKind
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.logs import log
from hallapp.history import columns as headings
from hallapp.history import packing, queries, reading, service
from hallapp.history.columns import Columns
from hallapp.history.errors import FileGone, Unsettled
from hallapp.history.models import HistoryDraft, Topic
from hallapp.history.packing import Read, Refused, Unpacked
from hallapp.history.places import NOWHERE, Place
from hallapp.history.reading import Reader
from hallapp.jobs import files, runner
from hallapp.jobs.runner import Work
from hallapp.ledger import history as ledger
from hallapp.ledger.history import NewRow
from hallapp.ledger.models import HistoryImport
from hallapp.schedule.models import Hall
from hallapp.schedule.queries import get_hall
from hallapp.sheets.errors import FileEmpty, FileRefused
from hallapp.sheets.files import Bounds, Opened, Row, SheetFile, open_file

READING, COUNTING = "history_read", "history_count"
#: A workbook of a million rows with ten columns unpacks to half of this.
BOUNDS = Bounds(unpacked=2 * 1024**3, tags=80_000_000, small=16 * 1024**2)
_LOOK_AT_ROWS = 40
_LOOK_AT_SHEETS = 20
_SAMPLES = 5
_CHUNKS_AT_ONCE = 20  # in a transaction: desks write in between
_SAY_EVERY = 2_000  # rows

Progress = Callable[[int, int | None], object]


def _nowhere(_done: int, _total: int | None) -> None:
    """Tell nobody how far it is."""


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
        path = path or _kept_file(queries.get_draft(hall_id, draft_id))
        with open_file(path, queries.get_draft(hall_id, draft_id).filename, BOUNDS) as opened:
            _read(get_hall(hall_id), draft_id, opened, progress)
    except FileRefused as error:
        with transaction(), suppress(NoResultFound):
            service.refuse(queries.get_draft(hall_id, draft_id, lock=True), error)
    except NoResultFound:
        log.info("draft %d is gone", draft_id)


def _kept_file(draft: HistoryDraft) -> Path:
    path = files.upload(current_app.config["SETTINGS"].instance, draft.key)
    if not path.is_file():
        raise FileGone
    return path


def _read(hall: Hall, draft_id: int, opened: Opened, progress: Progress) -> None:
    look = _look(opened.sheets, queries.get_draft(hall.id, draft_id).sheet)
    with transaction():
        columns = service.note_look(queries.get_draft(hall.id, draft_id, lock=True), look)
    if columns is None:
        return
    sheet = opened.sheets[look.sheet]
    reader = Reader(columns, opened_on=hall.opened_on, today=hall.today(), merges=sheet.merges)
    chunks = _numbered(_chunks(_telling(reader.read(sheet.rows()), progress)))
    with transaction():
        service.clear(queries.get_draft(hall.id, draft_id, lock=True))
    while some := list(islice(chunks, _CHUNKS_AT_ONCE)):
        with transaction():
            draft = queries.get_draft(hall.id, draft_id, lock=True)
            service.add_chunks([_as_row(draft, position, rows) for position, rows in some])
    with transaction():
        draft = queries.get_draft(hall.id, draft_id, lock=True)
        service.note_outcome(hall, draft, reader.outcome, reader.digest)


def _look(sheets: Sequence[SheetFile], chosen: int) -> service.Look:
    """See the top of the sheet that was chosen, else of the one whose heading has most that we know.

    Raises:
        FileEmpty: nothing stands in any sheet.
    """
    tops = [list(islice(sheet.rows(), _LOOK_AT_ROWS)) for sheet in sheets[:_LOOK_AT_SHEETS]]
    if not any(tops):
        raise FileEmpty
    best = max(range(len(tops)), key=lambda at: (len(headings.guess(_heading(tops[at])[1])), bool(tops[at]), -at))
    at = chosen if 0 <= chosen < len(tops) and tops[chosen] else best
    place, heading = _heading(tops[at])
    samples = [[reading.shown(str(cell)) for cell in row.cells] for row in tops[at][place + 1 :][:_SAMPLES]]
    names = [reading.shown(sheet.name) for sheet in sheets[:_LOOK_AT_SHEETS]]
    return service.Look(sheets=names, sheet=at, heading=place, headings=heading, samples=samples)


def _heading(top: Sequence[Row]) -> tuple[int, list[str]]:
    """The place of the heading at a sheet's top, and its cells."""
    rows = [[reading.shown(str(cell)) for cell in row.cells] for row in top]
    place = headings.find_heading(rows)
    return place, rows[place] if rows else []


def _telling(rows: Iterable[Unpacked], progress: Progress) -> Iterator[Unpacked]:
    for done, row in enumerate(rows, 1):
        if done % _SAY_EVERY == 0:
            progress(done, None)
        yield row


def _chunks(rows: Iterator[Unpacked]) -> Iterator[list[Unpacked]]:
    while chunk := list(islice(rows, packing.ROWS)):
        yield chunk


def _numbered(chunks: Iterable[list[Unpacked]]) -> Iterator[tuple[int, list[Unpacked]]]:
    yield from enumerate(chunks)


def _as_row(draft: HistoryDraft, position: int, rows: list[Unpacked]) -> dict[str, Any]:
    refused = [row for row in rows if isinstance(row, Refused)]
    left_out = sum(row.left_out for row in refused)
    return {
        "draft_id": draft.id,
        "hall_id": draft.hall_id,
        "position": position,
        "rows": len(rows),
        "wrong": len(refused) - left_out,
        "left_out": left_out,
        "content": packing.pack(rows),
    }


def count(
    command: service.Count, *, progress: Progress = _nowhere, finish: Callable[[HistoryImport], object] | None = None
) -> int:
    """Count a draft in one transaction, whose last act is `finish`; gives the number of the import.

    Raises:
        DomainError: as `service.check`; nothing has been written then.
        NoResultFound: this hall has no such draft.
    """
    try:
        with transaction():
            history, key = _count(command, progress)
            if finish:
                finish(history)
    except DomainError:
        with transaction(), suppress(NoResultFound):
            service.let_be(queries.get_draft(command.hall_id, command.draft_id, lock=True))
        raise
    files.discard(current_app.config["SETTINGS"].instance, [key])
    return history.id


def _count(command: service.Count, progress: Progress) -> tuple[HistoryImport, str]:
    draft = queries.get_draft(command.hall_id, command.draft_id)
    history = ledger.begin(command.hall_id, name=command.name, digest=draft.digest or "", staff_id=command.staff_id)
    draft = queries.get_draft(command.hall_id, command.draft_id, lock=True)
    figures = service.check(draft, command, begun=history)
    meanings = Meanings.of(draft)
    done = 0
    for rows in queries.iter_chunks(draft.id):
        new = [meanings.new_row(row) for row in rows if isinstance(row, Read)]
        ledger.add_rows(history, new)
        done += len(new)
        progress(done, figures.fine)
    ledger.count(history)
    return history, service.note_counted(draft, history, figures)


@dataclass(frozen=True, slots=True)
class Meanings:
    """What the texts of a draft mean, by their positions; −1 is a row that names none."""

    places: Mapping[int, Place | None]
    kinds: Mapping[int, OrganisationKind | None]
    programmes: Mapping[int, int | None]

    @classmethod
    def of(cls, draft: HistoryDraft) -> "Meanings":
        """Those of a draft, as far as they are settled; the rest of them are None."""
        columns = Columns.of_json(draft.columns or {})
        places: dict[int, Place | None] = {-1: NOWHERE}
        kinds: dict[int, OrganisationKind | None] = {-1: columns.kind}
        programmes: dict[int, int | None] = {-1: columns.programme_id}
        for text in queries.list_texts(draft.id):
            value = text.value
            if text.topic is Topic.PLACE:
                places[text.position] = Place.parse(value) if value else None
            elif text.topic is Topic.KIND:
                kinds[text.position] = OrganisationKind(value) if value else None
            else:
                programmes[text.position] = int(value) if value else None
        return cls(places, kinds, programmes)

    def new_row(self, row: Read) -> NewRow:
        """A row of the ledger. Raises Unsettled where something of it is not settled."""
        place, kind, programme = self.places[row.place], self.kinds[row.kind], self.programmes[row.programme]
        if place is None or kind is None or programme is None:
            raise Unsettled(count=1)
        return NewRow(
            number=row.number,
            span=row.span,
            first=row.first,
            division=place.division,
            prefecture=place.prefecture or None,
            programme_id=programme,
            kind=kind,
            visitors=row.visitors,
            groups=row.groups,
            organisation=None if kind is OrganisationKind.INDIVIDUAL else row.organisation,
        )
