"""Files between upload and import, and the meanings that a hall has confirmed for all files."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hallapp.accounts.models import Staff
from hallapp.core.database import Model, UtcDateTime, enum_type

#: The time after which an unfinished draft is deleted, with its file.
KEPT = timedelta(days=7)
DIGEST_HALF = 32  # hex digits of each of the two SHA-256 digests that identify a file


class DraftState(StrEnum):
    """The state of a draft."""

    LOOKING = "looking"  # the file is being examined, or read row by row
    ASKING = "asking"  # the columns have to be confirmed
    READ = "read"  # the dry run can be seen
    COUNTING = "counting"
    REFUSED = "refused"  # the file cannot be read; `error` says why


class Topic(StrEnum):
    """The kind of thing that a text of the file names."""

    PLACE = "place"
    KIND = "kind"
    PROGRAMME = "programme"


class HistoryDraft(Model):
    """An uploaded file that does not count yet: how it is read, and the results of reading it.

    `key` names its file (`jobs/files.py`), `job_id` the work under way. `sheets` are the names of its sheets, `sheet`
    the place of the one that is read, −1 before one is chosen; `headings` its headings, `samples` rows under them.
    `columns` is the choice of columns (`columns.Columns`), None before a person has made it. `figures` are those of the
    dry run (`queries.Figures`). `digest` is that of the cells and of what was read of them (`outcome.Digest`), None
    before they were read. `suggestion` is the probable content of the columns (`suggest.Suggestion`), `findings` are
    the questions for a person (`findings.Finding`), and `answers` the chosen answers, by the key of the finding.
    """

    __tablename__ = "history_draft"
    __table_args__ = (Index(None, "hall_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    key: Mapped[str] = mapped_column(String(32))
    filename: Mapped[str] = mapped_column(String(200))
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[DraftState] = mapped_column(enum_type(DraftState), default=DraftState.LOOKING)
    job_id: Mapped[int | None]
    sheet: Mapped[int] = mapped_column(default=-1)
    sheets: Mapped[list[str]] = mapped_column(JSON, default=list)
    headings: Mapped[list[str]] = mapped_column(JSON, default=list)
    samples: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    columns: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    suggestion: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, nullable=True)
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, nullable=True)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, nullable=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    digest: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    staff: Mapped[Staff | None] = relationship()


class HistoryChunk(Model):
    """Rows of a draft as they were read, packed (`packing.py`); `wrong` and `left_out` of its `rows` do not count."""

    __tablename__ = "history_chunk"

    draft_id: Mapped[int] = mapped_column(ForeignKey("history_draft.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    rows: Mapped[int]
    wrong: Mapped[int]
    left_out: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class HistoryText(Model):
    """A text of a draft that names a place, a kind or a programme, stored once for all its rows.

    `value` is its meaning: a place (`places.Place`), a kind, a programme's number; None while it is unknown.
    `candidates` are the possible places. `first_row` is the first row of the file with it.
    """

    __tablename__ = "history_text"

    draft_id: Mapped[int] = mapped_column(ForeignKey("history_draft.id"), primary_key=True, autoincrement=False)
    topic: Mapped[Topic] = mapped_column(enum_type(Topic), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    text: Mapped[str] = mapped_column(String(200))
    rows: Mapped[int]
    first_row: Mapped[int]
    value: Mapped[str | None] = mapped_column(String(20))
    candidates: Mapped[list[str]] = mapped_column(JSON, default=list)


class HistoryAlias(Model):
    """The meaning that a hall has confirmed for a text, for all files; `key` is the text in comparable form."""

    __tablename__ = "history_alias"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    topic: Mapped[Topic] = mapped_column(enum_type(Topic), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[str] = mapped_column(String(20))


class HistoryColumns(Model):
    """The columns that a hall has confirmed for files with the headings of `digest` (SHA-256, hex)."""

    __tablename__ = "history_columns"

    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    columns: Mapped[dict[str, Any]] = mapped_column(JSON)


class HistoryMonth(Model):
    """The counts of an import in a month, by its first day, so that a list of imports does not sum their rows.

    `days` of its `rows` name a day, the others the whole month.
    """

    __tablename__ = "history_month"
    __table_args__ = (Index(None, "hall_id"),)

    import_id: Mapped[int] = mapped_column(ForeignKey("history_import.id"), primary_key=True, autoincrement=False)
    month: Mapped[date] = mapped_column(primary_key=True)
    hall_id: Mapped[int] = mapped_column(ForeignKey("hall.id"))
    rows: Mapped[int]
    visitors: Mapped[int]
    groups: Mapped[int]
    days: Mapped[int]
