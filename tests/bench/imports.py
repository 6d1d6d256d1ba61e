"""Figures from before, imported by the command: rows a second beside a bare `executemany` of as many, and the memory.

Each file is read and counted by the command that does it in earnest (`reports import`), in a process of its own: first
a file with few rows, then one with many, into the same hall; rows that happen to be alike are counted. The memory is
the most that was ever resident (`VmHWM`), the interpreter and the application included. The bare side writes prepared
tuples into a table without indexes or foreign keys, in one transaction: nothing is read, checked or counted there.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from flask import Flask

from hallapp.core.database import db, transaction
from hallapp.settings import ROOT
from tests import factories
from tests.bench import stage
from tests.conftest import SECRET
from tests.live import migrated

FEW, MANY, MANY_QUICK = 10_000, 1_000_000, 100_000
_FIRST = date(2017, 7, 1)
_DAYS = 3_000
_PLACES = (
    "广东省",
    "广东",
    "粤",
    "Guangdong",
    "广州市",
    "湖南",
    "Beijing",
    "四川省成都市",
    "310000",
    "CN-ZJ",
    "香港",
    "海外",
)
_KINDS = ("党组织", "学校", "企业", "其他")
_RUN = r"""
import json, re, sys, time
from pathlib import Path
from hallapp import create_app
from hallapp.history import work
seconds = {}
def timed(name, do):
    def run(*given, **named):
        began = time.perf_counter()
        try:
            return do(*given, **named)
        finally:
            seconds[name] = time.perf_counter() - began
    return run
work.read, work.count = timed("read", work.read), timed("count", work.count)
args = ["reports", "import", sys.argv[1], "--answer", "counted-already=take"]
done = create_app().test_cli_runner().invoke(args=args)
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
print(json.dumps({"code": done.exit_code, "said": done.output, "peak": peak, **seconds}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import took: seconds for reading and for counting, and megabytes at the peak."""

    rows: int
    read: float
    count: float
    peak_mb: float


def report(database: str, *, quick: bool = False) -> str:
    """Import few and many rows on a kind of database; a line for what it took, beside the bare side."""
    rows = MANY_QUICK if quick else MANY
    with TemporaryDirectory(prefix="hallapp-bench-imports-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with stage.databases(database, folder) as new_database:
            app = migrated(new_database(folder), folder)
            with app.app_context():
                try:
                    few, many, bare = _imports(app, folder, rows)
                finally:  # or the database cannot be dropped
                    db.session.remove()
                    db.engine.dispose()
    rate = rows / (many.read + many.count)
    return "\n".join(
        (
            "",
            f"{stage.DATABASES[database]:<21}{'rows':>12}{'rows/s':>12}{'read s':>10}{'count s':>10}{'peak MB':>10}"
            f"   peak of {FEW:,} rows   of the bare executemany",
            f"{'import':<21}{rows:>12,}{rate:>12,.0f}{many.read:>10,.1f}{many.count:>10,.1f}{many.peak_mb:>10,.0f}"
            f"   {few.peak_mb:,.0f} MB                {rate / bare:.2f} of {bare:,.0f} /s",
        )
    )


def _imports(app: Flask, folder: Path, rows: int) -> tuple[Imported, Imported, float]:
    with transaction():
        factories.programme(hall=factories.hall(opened_on=_FIRST))
    return _one(app, folder, FEW), _one(app, folder, rows), _bare(rows)


def _one(app: Flask, folder: Path, rows: int) -> Imported:
    path = folder / f"{rows}.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["日期", "来源地", "人数", "单位", "类别"])
        for number, row in enumerate(_rows(rows), 1):
            sheet.write_row(number, 0, row)
    settings = app.config["SETTINGS"]
    environ = {"HALL_DATABASE_URL": settings.database_url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(path)],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout.splitlines()[-1])
    if said["code"]:
        raise RuntimeError(f"the import failed: {said['said']}")
    return Imported(rows=rows, read=said["read"], count=said["count"], peak_mb=said["peak"] / 1000)


def _rows(count: int) -> Iterator[list[Any]]:
    chance = random.Random(count)
    for _ in range(count):
        day = _FIRST + timedelta(days=chance.randrange(_DAYS))
        place, kind = chance.choice(_PLACES), chance.choice(_KINDS)
        yield [day, place, chance.randint(5, 50), f"第{chance.randrange(count // 5)}单位", kind]


def _bare(count: int) -> float:
    """Rows a second of an `executemany` by the driver, in the same `transaction()`."""
    names = "number, day, division, kind, organisation, visitors"
    types = "number integer, day date, division varchar(8), kind varchar(20), organisation bigint, visitors integer"
    marks = ", ".join(["?" if db.engine.dialect.name == "sqlite" else "%s"] * 6)
    with transaction() as session:
        session.connection().exec_driver_sql(f"CREATE TABLE bare_history ({types})")
    rows = [(number, "2019-03-05", "440000", "school", number, 20) for number in range(count)]
    began = time.perf_counter()
    with transaction() as session:
        session.connection().exec_driver_sql(f"INSERT INTO bare_history ({names}) VALUES ({marks})", rows)
    return count / (time.perf_counter() - began)
