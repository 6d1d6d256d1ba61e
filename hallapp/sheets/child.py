"""The process that reads a file: `python -m hallapp.sheets.child`, started by `files.open_file`.

It limits its own memory and time before it opens the file, and it may be killed at any moment. Its first line of input
names the file; each further line asks for the next rows of a sheet. It imports nothing of the application.
"""

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from hallapp.sheets import errors, lines
from hallapp.sheets.model import Bounds, Opened, SheetRow
from hallapp.sheets.opening import open_here

try:
    import resource
except ImportError:  # no such limits on this system: the parent's clock must do
    resource = None  # type: ignore[assignment]

#: Rows in the first answer, by which a page sees the top of a sheet, and in each further one.
_FIRST_ROWS, _ROWS = 64, 2_000


def main() -> None:
    """Answer requests until there are no more."""
    asked = json.loads(sys.stdin.buffer.readline())
    bounds = Bounds(**asked["bounds"])
    _limit(bounds)
    try:
        with open_here(Path(asked["path"]), asked["filename"], bounds, encoding=asked["encoding"]) as opened:
            _say({"sheets": [lines.dump_sheet(sheet) for sheet in opened.sheets]})
            _answer(opened)
    except errors.FileRefused as error:
        _say({"refused": errors.as_plain(error)})
    except MemoryError:
        _say({"refused": errors.as_plain(errors.FileUnsafe())})


def _answer(opened: Opened) -> None:
    """Give the next rows of a reading: each line asked names it, and the sheet that it reads."""
    readings: dict[int, Iterator[SheetRow]] = {}
    for line in sys.stdin.buffer:
        reading, sheet, ends = json.loads(line)
        if ends:
            readings.pop(reading, None)
            continue
        count = _ROWS if reading in readings else _FIRST_ROWS
        rows = readings.setdefault(reading, opened.sheets[sheet].rows())
        try:
            _say([reading, lines.dump_rows(islice(rows, count))])
        except errors.FileRefused as error:
            _say([reading, errors.as_plain(error)])


def _limit(bounds: Bounds) -> None:
    if resource is None:
        return
    limits = ((resource.RLIMIT_AS, bounds.memory), (resource.RLIMIT_CPU, bounds.seconds), (resource.RLIMIT_CORE, 0))
    for kind, most in limits:
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def _say(answer: Any) -> None:
    sys.stdout.buffer.write(lines.dump(answer))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
