"""Whatever is sent to these pages, and whatever stands in a file, the answer is a page or a refusal."""

import io
import random
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hallapp.history.models import HistoryDraft
from hallapp.schedule.models import Hall
from hallapp.sheets.errors import FileRefused
from hallapp.sheets.model import Bounds
from hallapp.sheets.opening import open_here
from tests.conftest import pairs
from tests.history.conftest import HEADING, columns_of, csv_file, draft_of, read, upload
from tests.namelist import sheetmakers as make
from tests.test_bad_input import TEXTS, VALUES, check, encoded

ODD = [text for text in TEXTS if "\0" not in text and len(text) < 20_000]  # the others make no spreadsheet


def test_forms_answer_any_input_without_an_error(
    app: Flask, hall: Hall, manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    asked = upload(manager, csv_file(["2019-03-05", "广东", 33, "", "", "", ""])).location
    good = columns_of(manager, asked)
    path = read(manager, csv_file(["2019-03-05", "某地", 33, "", "", "", ""], ["2019-13-05", "", 3, "", "", "", ""]))
    client = FlaskClient(app)
    with manager.session_transaction() as theirs, client.session_transaction() as mine:
        mine.update(theirs)
    token = manager.csrf_token
    for text, name in pairs(TEXTS, ("date", "visitors", "kind", "programme_id", "kind_column")):
        assert check(client, f"{asked}/columns", **encoded({"csrf_token": token, **good, name: text})) < 500
    for text, name in pairs(TEXTS, ("name", "leave_out", "into_closed")):
        form = {"csrf_token": token, "name": "a", name: text}
        assert check(client, f"{path}/count", **encoded(form)) in (409, 422)
    for text, name in pairs(TEXTS, ("place-0", "place-{}", "{}-0")):
        form = {"csrf_token": token, name.format(text): (text or "x") if name == "place-0" else "nowhere"}
        assert check(client, f"{path}/settle", **encoded(form)) in (303, 422)
    for text, word in pairs(TEXTS, ("show", "page")):
        check(client, path, method="GET", query_string={word: text.encode("utf-8", "surrogatepass")})
    for text in TEXTS:
        sent = {
            "csrf_token": token,
            "file": (io.BytesIO(b"a,b\n1,2\n"), text.encode("utf-8", "replace").decode() or "x"),
        }
        check(client, "/reports/history", data=sent, content_type="multipart/form-data")


def test_cells_with_any_content_are_read_or_refused(hall: Hall, manager: FlaskClient) -> None:
    rows = [[text if at == column else "1" for at in range(7)] for text in ODD for column in range(7)]
    rows += [[text] * 7 for text in ODD]
    path = read(manager, csv_file(*rows))
    for show in ("all", "wrong", "left-out"):
        assert manager.get(f"{path}?show={show}").status_code == 200
    manager.submit(f"{path}/discard")
    heading = [*ODD, *HEADING]
    path = upload(manager, csv_file(["1"] * len(heading), heading=heading)).location
    assert manager.get(path).status_code == 200


def test_numbers_of_any_size_in_a_workbook_are_read_or_refused(app: Flask, hall: Hall, manager: FlaskClient) -> None:
    values = [value for value in VALUES if isinstance(value, (int, float, type(None))) and value == value]
    rows = [HEADING, *[[value] * 7 for value in values], *[["=1/0", "=A1", "=NA()", "#REF!", True, -1, 1.5]] * 2]
    path = read(manager, make.openpyxl_book(rows), "a.xlsx")
    assert manager.get(f"{path}?show=wrong").status_code == 200
    draft: HistoryDraft = draft_of(hall)
    assert draft.figures["fine"] == 0


BOOK = make.xlsxwriter_book([HEADING, *[["2019-03-05", "广东", 33, 1, "某校", "学校", ""]] * 40])
BOUNDS = Bounds(unpacked=8 * 1024**2, tags=200_000, small=1024**2)


@given(st.integers(0, 2**32), st.integers(1, 12), st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_workbooks_are_refused(tmp_path: Path, seed: int, changes: int, cut: bool) -> None:
    """Bytes changed anywhere, inside of the packed parts too: a file is read or refused, nothing else."""
    chance = random.Random(seed)
    parts = make.parts_of(BOOK)
    name = chance.choice(sorted(parts))
    damaged = bytearray(parts[name])
    for _ in range(changes):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    content = make.zipped({**parts, name: bytes(damaged)}) if seed % 2 else bytes(_damaged(BOOK, chance, changes))
    path = tmp_path / "file"
    path.write_bytes(content[: chance.randrange(len(content))] if cut else content)
    try:
        with open_here(path, "a.xlsx", BOUNDS) as opened:
            for sheet in opened.sheets:
                for row in sheet.rows():
                    assert row.number > 0 and all(str(cell) is not None for cell in row.cells)
    except FileRefused:
        pass


def _damaged(content: bytes, chance: random.Random, changes: int) -> bytearray:
    damaged = bytearray(content)
    for _ in range(changes):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    return damaged
