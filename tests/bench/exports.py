"""A million rows as a file: how many a second, and what is in memory meanwhile, beside a file of ten thousand.

Each file is written by the command that writes it in earnest (`jobs run`), in a process of its own; its memory is the
most that was ever resident, as the kernel counts it (`VmHWM`), the interpreter and the application included.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from sqlalchemy import delete, insert

from hallapp.core.database import db, transaction
from hallapp.jobs import service
from hallapp.jobs.models import Job
from hallapp.jobs.service import NewJob
from hallapp.kinds.standard import FIRST
from hallapp.ledger.models import DivisionSummary
from hallapp.origins.china import DIVISIONS
from hallapp.reports.exports import Format
from hallapp.reports.lists import jobs
from hallapp.reports.lists.streams import Wanted, What
from hallapp.settings import ROOT
from tests import factories
from tests.bench import stage
from tests.conftest import SECRET
from tests.live import migrated

FEW, MANY, MANY_QUICK = 10_000, 1_000_000, 100_000
_FIRST = date(2001, 1, 1)
_ROWS_A_STATEMENT = 20_000
_RUN = r"""
import re
from pathlib import Path
from hallapp import create_app
from hallapp.jobs import runner
app = create_app()
with app.app_context():
    runner.run()
print(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of one export: seconds without the start of its process, megabytes at the peak and on the disk."""

    rows: int
    seconds: float
    peak_mb: float
    file_mb: float


def report(database: str, *, quick: bool = False) -> str:
    """Export few and many rows of the cube, as XLSX and as CSV, on a kind of database; a line for each form."""
    title = stage.DATABASES[database]
    lines = ["", f"{title:<21}{'rows':>12}{'rows/s':>12}{'peak MB':>10}{'file MB':>10}   peak of {FEW:,} rows"]
    with TemporaryDirectory(prefix="hallapp-bench-exports-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with stage.databases(database, folder) as new_database:
            few, many = _exports(migrated(new_database(folder), folder), folder, MANY_QUICK if quick else MANY)
    for form in jobs.FORMS:
        one, name = many[form], f"export as {form.value.upper()}"
        lines.append(
            f"{name:<21}{one.rows:>12,}{one.rows / one.seconds:>12,.0f}{one.peak_mb:>10,.0f}{one.file_mb:>10,.1f}"
            f"   {few[form].peak_mb:,.0f} MB"
        )
    return "\n".join(lines)


def _exports(app: Flask, folder: Path, rows: int) -> list[dict[Format, Written]]:
    with app.app_context():
        try:
            return [_export(app, folder, number) for number in (FEW, rows)]
        finally:  # or the database cannot be dropped
            db.session.remove()
            db.engine.dispose()


def _export(app: Flask, folder: Path, rows: int) -> dict[Format, Written]:
    with transaction():
        hall_id = _fill(rows)
    return {form: _one(app, folder, hall_id, form) for form in jobs.FORMS}


def _one(app: Flask, folder: Path, hall_id: int, form: Format) -> Written:
    wanted = Wanted(what=What.DATA, first=_FIRST, last=date(2200, 1, 1))
    with transaction():
        params = jobs.params(wanted, form=form, language="zh")
        number = service.ask(NewJob(hall_id=hall_id, staff_id=None, kind=jobs.EXPORT, params=params)).id
    settings = app.config["SETTINGS"]
    environ = {"HALL_DATABASE_URL": settings.database_url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    db.session.rollback()
    job = db.session.get_one(Job, number, populate_existing=True)
    if job.started_at is None or job.finished_at is None or job.file_bytes is None:
        raise RuntimeError(f"the export failed: {json.dumps(job.error)}\n{done.stderr}")
    return Written(
        rows=job.done,
        seconds=(job.finished_at - job.started_at).total_seconds(),
        peak_mb=int(done.stdout) / 1000,
        file_mb=job.file_bytes / 1e6,
    )


def _fill(rows: int) -> int:
    """A hall with so many cells of the cube; gives its id."""
    db.session.execute(delete(DivisionSummary))
    programme = factories.programme(hall=factories.hall(opened_on=_FIRST))
    cells = _cells(programme.hall_id, programme.id)
    for left in range(rows, 0, -_ROWS_A_STATEMENT):
        some = list(islice(cells, min(left, _ROWS_A_STATEMENT)))
        db.session.connection().execute(insert(DivisionSummary), some)
    return programme.hall_id


def _cells(hall_id: int, programme_id: int) -> Iterator[dict[str, Any]]:
    day = _FIRST
    while True:
        for division in DIVISIONS:
            for kind in FIRST:
                yield {
                    "hall_id": hall_id,
                    "day": day,
                    "division": division,
                    "programme_id": programme_id,
                    "kind": kind,
                    "visitors": 20 + day.day % 7,
                    "groups": 1,
                }
        day += timedelta(days=1)
