"""Long exports: written in the background, in the language of the person who requested them."""

from datetime import date
from typing import Any

from sqlalchemy import Select

from hallapp.booking.signals import details_erased
from hallapp.core.database import read_snapshot
from hallapp.core.i18n import force_locale
from hallapp.jobs import files, queries, runner
from hallapp.jobs.runner import Work
from hallapp.reports.exports import Format
from hallapp.reports.lists import sheets, streams
from hallapp.reports.lists.streams import Wanted
from hallapp.schedule import queries as schedule
from hallapp.schedule.models import Hall

#: The kind of job of this room.
EXPORT = "report_export"
#: More than are kept.
_MOST = 10_000
#: The file formats of a long list.
FORMS = (Format.XLSX, Format.CSV)


def params(wanted: Wanted, *, form: Format, language: str) -> dict[str, Any]:
    """Return the parameters of a job."""
    return {**wanted.to_params(), "form": form.value, "language": language}


def file_name(slug: str, wanted: Wanted, form: Format) -> str:
    """Return the name under which an export is saved: `lingnan-arrivals-2026-01-01-2026-12-31.csv`."""
    return f"{slug}-{wanted.what.value}-{_iso(wanted.first)}-{_iso(wanted.last)}.{form.value}"


@runner.does(EXPORT)
def export(work: Work) -> None:
    """Write the list that was asked for, from one state of the database."""
    wanted, form = Wanted.from_params(work.params), Format(work.params["form"])
    with force_locale(work.params["language"]):
        read_snapshot()
        hall = schedule.get_hall(work.hall_id)
        stream = streams.open_stream(hall, wanted)
        work.progress(0, stream.total)
        target = work.file(file_name(hall.slug, wanted, form))
        work.result["rows"] = sheets.write(target, form, stream, tell=work.progress)


@details_erased.connect
def _erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Delete the finished lists that can name individuals whose names are erased now, however few days they are kept.

    A list that is being written is not reached: it reads the database as it was a moment ago.
    """
    done = queries.list_jobs(hall.id, kinds=(EXPORT,), limit=_MOST)
    lists = [(job, Wanted.from_params(job.params)) for job in done if not job.is_open]
    files.discard([job.key for job, wanted in lists if before is None or wanted.first < before])


def _iso(day: date) -> str:
    return day.isoformat()
