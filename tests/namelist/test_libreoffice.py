"""Lists that LibreOffice itself wrote, from what people type into it; without it they are skipped, and that is said."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from hallapp.namelist import reading
from tests.conftest import tried
from tests.namelist import sheetmakers as make
from tests.namelist.conftest import SOFFICE

PEOPLE = ["何秀珍", "罗小龙", "阿卜杜拉·买买提", "Anna Schmidt"]
ROWS = [
    ["广州市第三中学参观人员名单"],
    [],
    ["序号", "姓 名", "联系电话"],
    *([f"=ROW()-{3}", name, 13800138000 + number] for number, name in enumerate(PEOPLE)),
    ["合计", "=COUNTA(B4:B7)"],
]


def convert(source: Path, kinds: Sequence[str]) -> dict[str, bytes]:
    """The same list as each kind of file, by one run of LibreOffice a kind."""
    made = {}
    for kind in kinds:
        extension = kind.partition(":")[0]
        folder = source.parent / f"out-{len(made)}"
        command = [str(SOFFICE), f"-env:UserInstallation={source.parent.as_uri()}/profile", "--headless"]
        command += ["--convert-to", kind, "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=180)
        made[kind] = (folder / f"{source.stem}.{extension}").read_bytes()
    return made


@pytest.mark.nightly
def test_lists_by_libreoffice(tmp_path: Path) -> None:
    source = tmp_path / "list.xlsx"
    source.write_bytes(make.openpyxl_book(ROWS, change=lambda sheet: sheet.merge_cells("A1:C1")))
    utf8 = "csv:Text - txt - csv (StarCalc):44,34,76"
    gbk = "csv:Text - txt - csv (StarCalc):44,34,67"  # numbers of its own for encodings
    utf16 = "csv:Text - txt - csv (StarCalc):9,34,65535"
    kinds = tried((gbk, "xlsx", "xls", utf8, utf16), 1)  # the others by the same reader in `tests/sheets` in CI
    made = convert(source, kinds)
    for kind in kinds:
        understood = reading.understand_file(made[kind])
        assert [row.name for row in understood.rows] == PEOPLE, kind
        assert not any(row.problems for row in understood.rows)
