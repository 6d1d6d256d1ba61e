"""Lists by LibreOffice need it; where it is missing, the summary says so."""

import shutil
from typing import Any

import pytest

from tests.sheets.here import read_here

__all__ = ["read_here"]

SOFFICE = shutil.which("soffice")
_skipped: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "libreoffice" in item.path.name and not SOFFICE:
            item.add_marker(pytest.mark.skip(reason="no LibreOffice"))
            _skipped.append(item.nodeid)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if _skipped:
        terminalreporter.write_line(
            f"NO LIBREOFFICE: {len(_skipped)} tests DID NOT RUN ({', '.join(_skipped)}). "
            "Install it (apt-get install libreoffice-calc-nogui).",
            red=True,
            bold=True,
        )
