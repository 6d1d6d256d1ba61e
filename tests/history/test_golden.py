"""Files as halls keep them: each counts right, or is asked about and counts right by the answers, or is refused."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from hallapp.core.database import db
from hallapp.history import queries
from hallapp.ledger import recount
from hallapp.ledger.models import HistoryRow
from hallapp.schedule.models import Hall
from tests.conftest import PROFILE
from tests.history.casemakers import CASES, Case

pytestmark = pytest.mark.on_database("sqlite")  # what a file says is read in the same way on both

FILES = Path(__file__).parent / "files"
EXPECTED: Mapping[str, Any] = json.loads((FILES / "expected.json").read_text())


def run(app: Flask, path: Path, *options: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["reports", "import", str(path), *options])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def expect(app: Flask, hall: Hall, path: Path, wanted: Mapping[str, Any], *, recounted: bool = True) -> None:
    """Import a file without answers, which must end with its questions; then by the answers; compare what counts.

    A recount takes longer than an import, so in CI the files of halls are recounted and those made in code are not.
    """
    asks: Sequence[str] = wanted.get("asks", ())
    if asks:
        code, said = run(app, path)
        assert code == 2 and [one for one in asks if one not in said] == [], said
        assert sum_of(hall, HistoryRow.visitors) == wanted.get("before", 0)
    if wanted.get("wrong"):
        code, said = run(app, path)
        assert code == 1 and wanted["wrong"] in said, said
    if wanted.get("people"):
        code, said = run(app, path, *wanted.get("options", ()))
        assert code == 0, said
        compare(hall, wanted)
        assert not recounted or recount.recount(hall.id) == []
    assert queries.list_drafts(hall.id) == []


def compare(hall: Hall, wanted: Mapping[str, Any]) -> None:
    assert sum_of(hall, HistoryRow.visitors) == wanted["people"]
    if wanted.get("groups"):
        assert sum_of(hall, HistoryRow.groups) == wanted["groups"]
    if wanted.get("divisions"):
        assert sums_by(hall, HistoryRow.division) == wanted["divisions"]
    if wanted.get("months"):
        found: dict[str, int] = {}
        for first, people in sums_by(hall, HistoryRow.first).items():
            found[f"{first:%Y-%m}"] = found.get(f"{first:%Y-%m}", 0) + people
        assert found == wanted["months"]


def sum_of(hall: Hall, column: Any) -> int:
    return db.session.scalar(select(func.sum(column)).where(HistoryRow.hall_id == hall.id)) or 0


def sums_by(hall: Hall, column: Any) -> dict[Any, int]:
    chosen = select(column, func.sum(HistoryRow.visitors)).where(HistoryRow.hall_id == hall.id).group_by(column)
    return {key: int(people) for key, people in db.session.execute(chosen)}


def test_every_file_has_its_expectation() -> None:
    assert sorted(EXPECTED) == sorted(path.name for path in FILES.iterdir() if path.suffix != ".json")


@pytest.mark.parametrize("name", EXPECTED)
def test_golden_file_is_read_as_expected(app: Flask, hall: Hall, name: str) -> None:
    wanted = dict(EXPECTED[name])
    if before := wanted.get("after"):
        assert run(app, FILES / before)[0] == 0
        wanted["before"] = sum_of(hall, HistoryRow.visitors)
    expect(app, hall, FILES / name, wanted)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_golden_case_is_read_as_expected(app: Flask, hall: Hall, tmp_path: Path, case: Case) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.content if isinstance(case.content, bytes) else case.content())
    expect(app, hall, path, {name: getattr(case, name) for name in case.__slots__}, recounted=PROFILE == "nightly")


def test_a_column_is_chosen_by_its_question_too(app: Flask, hall: Hall) -> None:
    """An answer to the question of a column is the column that is read, for one as for several."""
    code, said = run(app, FILES / "28_groups_and_individuals.xlsx", "--answer=people-column=1")
    assert code == 0 and sum_of(hall, HistoryRow.visitors) == 70, said
    code, said = run(app, FILES / "12_formula_uncached.xlsx", "--answer=people-column=2+3")
    assert code == 0 and sum_of(hall, HistoryRow.visitors) == 70 + 65, said


def test_part_of_an_import_counts_once(app: Flask, hall: Hall, tmp_path: Path) -> None:
    """Rows that count already are known in a file with others, in another order, and with settled names."""
    assert run(app, FILES / "01_gbk.csv")[0] == 0
    path = tmp_path / "more.csv"
    path.write_text(
        "日期,来源地,人数\n2019-04-01,北京,41\n2019-04-02,广东,20\n2019/3/5,湖南省,12\n2019-03-05,湖南省,12\n"
    )
    code, said = run(app, path)
    assert code == 2 and "2 rows" in said and "counted-already=take" in said
    code, said = run(app, path, "--answer=counted-already=leave-out")
    assert code == 0 and "2 rows with 32 people count now" in said
    assert sum_of(hall, HistoryRow.visitors) == 106 + 32
    assert sum(month.visitors for month in queries.list_imports(hall.id)[0].months) == 32
    assert recount.recount(hall.id) == []
