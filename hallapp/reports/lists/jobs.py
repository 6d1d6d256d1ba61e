"""Long exports: written in the background, in the language of the person who requested them."""

from datetime import date
from typing import Any

from hallapp.core.database import read_snapshot
from hallapp.core.i18n import force_locale
from hallapp.jobs import runner
from hallapp.jobs.runner import Work
from hallapp.reports.exports import Format
from hallapp.reports.lists import sheets, streams
from hallapp.reports.lists.streams import Wanted
from hallapp.schedule import queries as schedule

#: The kind of job of this room.
EXPORT = "report_export"
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


def _iso(day: date) -> str:
    return day.isoformat()
