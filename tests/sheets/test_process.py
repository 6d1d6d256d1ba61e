"""Files that mean harm, or that are too much: the process that reads them is ended, and the one that asked goes on."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import run

import pytest

from hallapp.sheets import files
from hallapp.sheets.cells import UNCACHED, Moment
from hallapp.sheets.errors import FileRefused, TextUnsure
from hallapp.sheets.files import open_file
from hallapp.sheets.formats import read_format
from hallapp.sheets.model import Bounds, Merge
from hallapp.sheets.xml import find_merges
from tests.sheets.kit import BOUNDS, book, packed, parts, row, text


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


def refusal_of(path: Path, bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(FileRefused) as refused, open_file(path, path.name, bounds) as opened:
        for sheet in opened.sheets:
            for _row in sheet.rows():
                pass
    return refused.value.code


def test_process_returns_every_kind_of_cell(tmp_path: Path) -> None:
    rows = (
        row('<c s="1"><v>43529.5</v></c>', "<c><f>A1</f></c>", attributes='hidden="1"')
        + row(text("𠮷"), '<c r="C2"><f>1+1</f><v>2</v></c>')
        + "".join(row(f"<c><v>{number}</v></c>") for number in range(5_000))
    )
    content = book(
        rows,
        formats=["m/d"],
        before='<cols><col min="2" max="2" hidden="1"/></cols>',
        after='<mergeCells><mergeCell ref="A2:B3"/></mergeCells>',
    )
    with open_file(saved(tmp_path, content), "a.xlsx", BOUNDS) as opened:
        (sheet,) = opened.sheets
        assert (sheet.name, sheet.hidden, sheet.hidden_columns) == ("Sheet1", False, {1})
        assert sheet.merges == (Merge(2, 3, 0, 1),)
        found = list(sheet.rows())
        assert len(found) == 5_002 and found[-1].cells == ["4999"]
        first, second = found[:2]
        assert isinstance(first.cells[0], Moment) and str(first.cells[0]) == "03-05" and first.cells[0].at
        assert (first.cells[1], first.hidden, dict(first.formulas)) == (UNCACHED, True, {1: "A1"})
        assert (second.cells, second.hidden, dict(second.formulas)) == (["𠮷", "", "2"], False, {2: "1+1"})
        # Readings may be left off, and go on beside each other.
        one, two = sheet.rows(), sheet.rows()
        both = [(a.number, b.number) for a, b in zip(one, two, strict=True)]
        assert both == [(number, number) for number in range(1, 5_003)]
        for _ in range(3):
            left_off: Iterator[object] = sheet.rows()
            next(left_off)
        assert sum(1 for _ in sheet.rows()) == 5_002


def test_process_returns_refusals(tmp_path: Path) -> None:
    with pytest.raises(TextUnsure) as asked:
        open_file(saved(tmp_path, "王\n".encode("gbk")), "a.csv", BOUNDS)
    assert ("gb18030", ("王",)) in [(one.encoding, one.lines) for one in asked.value.candidates]
    with open_file(tmp_path / "file", "a.csv", BOUNDS, encoding="gb18030") as opened:
        assert [one.cells for one in opened.sheets[0].rows()] == [["王"]]
    assert refusal_of(saved(tmp_path, b"")) == "file_empty"
    assert refusal_of(saved(tmp_path, b"%PDF")) == "file_is_pdf"
    assert refusal_of(saved(tmp_path, packed({**parts(""), "xl/vbaProject.bin": b"x"}))) == "file_has_macros"
    broken = {**parts(""), "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{row() * 9000}{row(text('a'))}<row>"}
    assert refusal_of(saved(tmp_path, packed(broken))) == "file_broken"


FORMAT = "[" * 1_000_000
HOSTILE: dict[str, Callable[[], bytes]] = {
    "a format of a million brackets": lambda: book(row('<c s="1"><v>1</v></c>'), formats=[FORMAT]),
    "a format of a million quotes": lambda: book(row('<c s="1"><v>1</v></c>'), formats=["&quot;" * 200_000]),
    "a megabyte of mergeCell": lambda: book(row("<c><v>1</v></c>"), after="<!--" + "mergeCell " * 100_000 + "-->"),
    "a list of merges that never ends": lambda: book(
        row("<c><v>1</v></c>"), after="<x a='" + "mergeCells " * 90_000 + "'/>"
    ),
    "a million hidden columns": lambda: book(
        row("<c><v>1</v></c>"), before="<cols>" + '<col min="1" max="99999999" hidden="1"/>' * 5_000 + "</cols>"
    ),
    "a number of a million digits": lambda: book(row(f"<c><v>{'9' * 1_000_000}</v></c>")),
    "a formula of a megabyte": lambda: book(row(f"<c><f>{'A1+' * 300_000}</f><v>1</v></c>")),
    "a shared formula many times": lambda: book(
        row('<c><f t="shared" si="0">' + "A1+" * 2_000 + "1</f><v>1</v></c>")
        + row('<c><f t="shared" si="0"/><v>1</v></c>') * 300
    ),
    "escapes": lambda: book(row(text("_x" * 500_000))),
    "blanks": lambda: book(row(text(" \u3000" * 300_000))),
    "an attribute of a megabyte": lambda: book(row(f'<c r="{"A" * 1_000_000}1"><v>1</v></c>')),
    "quotes and commas": lambda: b'"' * 1_000_001 + b",\n",
    "a line of separators": lambda: b",;\t|" * 250_000,
    "text formulas": lambda: ('="' * 400_000 + "\n").encode(),
    "bytes of a text in no encoding": lambda: bytes(range(0x80, 0xFF)) * 8_000,
    "declarations": lambda: packed(
        {**parts(""), "xl/worksheets/sheet1.xml": b"<?xml " + b"encoding=" * 100_000 + b"?><worksheet/>"}
    ),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_cost_little(tmp_path: Path, make: Callable[[], bytes]) -> None:
    """Each is read or refused long before the limits: work grows with the size, not with its square."""
    path = saved(tmp_path, make())
    try:
        with open_file(path, path.name, _LOOSE) as opened:
            assert sum(1 for sheet in opened.sheets for _row in sheet.rows()) < 400
    except FileRefused as error:
        assert error.code in ("text_unsure", "text_unreadable", "file_broken"), error.code


_LOOSE = Bounds(unpacked=64 * 1024**2, tags=2_000_000, ratio=2_000, seconds=5)


@pytest.mark.nightly
def test_work_grows_with_the_size_only() -> None:
    """Counted, not timed: the lines that run for twice as much are at most a little more than twice as many."""

    def lines(do: Callable[[], object]) -> int:
        count = 0

        def trace(_frame: object, event: str, _argument: object) -> Callable[..., object]:
            nonlocal count
            count += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            do()
        finally:
            sys.settrace(before)
        return count

    assert lines(lambda: read_format.__wrapped__("[" * 256)) < 20
    for code in ("[", '"', "\\", "[h", "yd", ";", "m"):
        few, many = (lines(partial(read_format.__wrapped__, (code * 255)[:length])) for length in (120, 240))
        assert many < few * 2.5 + 20
    merges = b"<mergeCells>" + b"mergeCell " * 1_000
    few, many = (lines(partial(list, find_merges([merges] * pieces))) for pieces in (10, 20))
    assert many < few * 2.5 + 20


def test_memory_has_a_limit(tmp_path: Path) -> None:
    path = saved(tmp_path, book(row(text("x" * 60_000_000))))
    bounds = Bounds(unpacked=10**9, tags=2_000_000, ratio=10**6, memory=96 * 1024**2)
    assert refusal_of(path, bounds) == "file_unsafe"


def slow(folder: Path, body: str) -> tuple[str, ...]:
    """A reader that does something else than reading."""
    script = folder / "reader.py"
    script.write_text(f"import os, resource, signal, sys, time\nsys.stdin.readline()\n{body}\n")
    return (sys.executable, str(script))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("time.sleep(60)", "file_unsafe"),
        ("print('no line', end='', flush=True); time.sleep(60)", "file_unsafe"),
        ("resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "file_unsafe"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "file_unsafe"),
        ("raise TypeError('a fault of ours')", "file_broken"),
    ],
    ids=["sleeps", "answers half", "computes", "crashes", "fails"],
)
def test_a_reader_that_does_not_answer_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, code: str
) -> None:
    monkeypatch.setattr(
        files, "_COMMAND", slow(tmp_path, f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n{body}")
    )
    monkeypatch.setattr(files, "_WALL", 0.3)
    began = time.monotonic()
    assert refusal_of(saved(tmp_path, b"a,b\n"), Bounds(unpacked=1, tags=1, seconds=10)) == code
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_reader_process_has_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALL_SECRET_KEY", "not for the reader")
    said = tmp_path / "said"
    monkeypatch.setattr(files, "_COMMAND", slow(tmp_path, f"open({str(said)!r}, 'w').write(repr(dict(os.environ)))"))
    refusal_of(saved(tmp_path, b"a,b\n"))
    assert "PATH" in said.read_text() and "HALL" not in said.read_text()


def test_the_reader_does_not_load_the_application() -> None:
    code = "import sys, hallapp.sheets.child; print({'flask', 'sqlalchemy', 'openpyxl'}.intersection(sys.modules))"
    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
