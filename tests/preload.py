"""What the processes of races need, imported once by the process that they are forked from (`tests/processes.py`)."""

import gc
import tempfile
from pathlib import Path

from hallapp import create_app
from tests.conftest import settings_for

# An application imports its rooms when it is made. It opens its database when it is first asked for rows: never.
_folder = Path(tempfile.gettempdir())
gc.disable()  # as in `wsgi.py`
create_app(settings_for(f"sqlite:///{_folder / 'never-opened.sqlite3'}", _folder))
gc.freeze()  # no racer goes through what it shares with the others
gc.enable()
