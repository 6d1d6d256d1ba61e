"""Open a spreadsheet of any kind: .xlsx, .xls, .csv and .txt; everything else is refused by name.

Each file is read by a separate process, with limits of memory and time: a harmful file can only crash that process. It
also reads ahead while the previous rows are processed.
"""

import contextlib
import itertools
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hallapp.core.logs import log
from hallapp.settings import ROOT
from hallapp.sheets import errors, lines
from hallapp.sheets.model import Bounds, Merge, Opened, SheetFile, SheetRow

__all__ = ["Bounds", "Merge", "Opened", "SheetFile", "SheetRow", "open_file"]

_COMMAND = (sys.executable, "-m", "hallapp.sheets.child")
_PASSED_ON = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
#: Seconds of a processor that reading may take: these, and for each megabyte of the file, on a slow machine.
_SECONDS, _SECONDS_A_MEGABYTE = 10, 20
_WALL = 3  # times as long may an answer be waited for, on a machine that is busy
_PIECE = 1024 * 1024


def open_file(path: Path, filename: str, bounds: Bounds, *, encoding: str | None = None) -> Opened:
    """Open a file before its rows are read; `encoding` is a person's choice for a text.

    Raises:
        FileRefused: in one of its kinds, for a file that cannot or must not be read.
        TextUnsure: a text may be in one of several encodings, and `encoding` is not given.
    """
    size = path.stat().st_size
    if not size:
        raise errors.FileEmpty
    seconds = min(bounds.seconds, _SECONDS + _SECONDS_A_MEGABYTE * size // 1024**2)
    child = _Child(seconds * _WALL)
    try:
        asked = {"path": str(path.resolve()), "filename": filename, "encoding": encoding}
        sheets = child.open({**asked, "bounds": asdict(replace(bounds, seconds=seconds))})
    except BaseException:
        child.close()
        raise
    return Opened(sheets, [child.close])


class _Child:
    """The process that reads a file, and its answers."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process = subprocess.Popen(  # noqa: S603 — nothing of it comes from a request
            _COMMAND,
            cwd=ROOT,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._came = bytearray()
        self._answers: dict[int, Any] = {}
        self._readings = itertools.count()

    def open(self, asked: dict[str, Any]) -> list[SheetFile]:
        """Have a file looked at. Raises FileRefused."""
        self._ask(asked)
        answer = self._receive()
        if "refused" in answer:
            raise errors.of_plain(answer["refused"])
        return [self._sheet(at, *one) for at, one in enumerate(answer["sheets"])]

    def _sheet(self, at: int, name: str, hidden: bool, merges: list[list[int]], columns: list[int]) -> SheetFile:
        return SheetFile(name, hidden, lambda: self._rows(at), lines.load_merges(merges), frozenset(columns))

    def _rows(self, sheet: int) -> Iterator[SheetRow]:
        """Yield the rows of a sheet; from the second answer on, the next one is asked for while this one is used."""
        reading = next(self._readings)
        try:
            self._ask([reading, sheet, 0])
            rows = self._answer(reading)
            yield from lines.load_rows(rows)
            self._ask([reading, sheet, 0])
            while rows:
                rows = self._answer(reading)
                if rows:
                    self._ask([reading, sheet, 0])
                    yield from lines.load_rows(rows)
        finally:
            if self._process.poll() is None and not self._process.stdin.closed:  # type: ignore[union-attr]
                self._ask([reading, sheet, 1])

    def _answer(self, reading: int) -> list[Any]:
        """Return the answer to a reading; answers to an earlier, abandoned one may come before it."""
        while reading not in self._answers:
            answer = self._receive()
            if isinstance(answer, dict):
                raise errors.of_plain(answer["refused"])
            self._answers[answer[0]] = answer[1]
        found = self._answers.pop(reading)
        if isinstance(found, dict):
            raise errors.of_plain(found)
        return found

    def _ask(self, asked: Any) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(lines.dump(asked))
            self._process.stdin.flush()
        except OSError:  # it has ended: reading the next answer reports it
            pass
        except ValueError:  # closed by us
            raise errors.FileBroken from None

    def _receive(self) -> Any:
        """Return the next answer.

        Raises:
            FileUnsafe: the process had to be killed, or its limits have ended it.
        """
        assert self._process.stdout
        until = time.monotonic() + self._seconds
        looked = 0
        while (end := self._came.find(b"\n", looked)) < 0:
            looked = len(self._came)
            left = until - time.monotonic()
            ready = left > 0 and select.select([self._process.stdout], [], [], left)[0]
            piece = os.read(self._process.stdout.fileno(), _PIECE) if ready else b""
            if not piece:
                raise self._ended()
            self._came += piece
        line, self._came = self._came[:end], self._came[end + 1 :]
        return json.loads(line)

    def _ended(self) -> errors.FileRefused:
        """Return the refusal of a file at which the process ended: its limits ended it, or an error of ours."""
        if self._process.poll() is None:
            self._process.kill()
        status = self._process.wait()
        log.warning("the reader of a spreadsheet ended with status %d", status)
        return errors.FileUnsafe() if status < 0 else errors.FileBroken()

    def close(self) -> None:
        """End the process in any state."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with contextlib.suppress(OSError):  # unsent data is no longer needed
                pipe.close()
