"""What the processes of races need, imported once by the process that they are forked from (`tests/processes.py`)."""

from pathlib import Path

from hallapp import create_app
from tests.conftest import settings_for

create_app(settings_for("sqlite://", Path()))  # an application imports its rooms when it is made
