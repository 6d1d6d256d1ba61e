"""Spreadsheets read in the process of the tests, for tests of what a file says.

The process with limits that reads them elsewhere has tests of its own (`test_process.py`); journeys in browsers use it.
"""

import pytest

from hallapp.history import work
from hallapp.namelist import uploads
from hallapp.sheets.opening import open_here


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no process for each file."""
    for module in (work, uploads):
        monkeypatch.setattr(module, "open_file", open_here)
