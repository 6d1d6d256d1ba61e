"""The text of each page of a fixed month, kept in `golden/`: `python -m tests.reports.golden_pages` writes it anew.

Look at the pages themselves before you keep new ones.
"""

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import time_machine
from flask import Flask

from hallapp import create_app
from hallapp.core.i18n import force_locale
from hallapp.periods import Period
from hallapp.reports.pdf import to_pdf
from tests.conftest import settings_for
from tests.reports import made

FOLDER = Path(__file__).parent / "golden"
NOW = datetime(2026, 12, 1, 2, 30, tzinfo=UTC)


def texts(file: bytes, *, first: int = 0) -> list[str]:
    """The text of each page from a page on, line by line."""
    pages = [page.extract_text().strip().splitlines() for page in pypdf.PdfReader(io.BytesIO(file)).pages[first:]]
    return ["\n".join(line.rstrip() for line in page) for page in pages]


def draw(language: str) -> str:
    """The closed November of a hall, as text; within an application."""
    with time_machine.travel(NOW, tick=False), force_locale(language):
        pages = texts(to_pdf(made.report(Period.month(2026, 11), closed=True)))
    return "".join(f"=== {number}\n{page}\n" for number, page in enumerate(pages, start=1))


def path(language: str) -> Path:
    """Where it is kept."""
    return FOLDER / f"month-{language}.txt"


def wordy_app(folder: Path) -> Flask:
    """The application for its words alone; nobody asks its database."""
    return create_app(settings_for(f"sqlite:///{folder / 'none.sqlite3'}", folder))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, wordy_app(Path(name)).app_context():
        for each in ("zh", "en"):
            path(each).write_text(draw(each), encoding="utf-8")
