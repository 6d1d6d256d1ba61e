"""A server that a test may kill with SIGKILL, workers and all, and start again at the same address."""

import os
import signal
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from flask import Flask

from tests import warm
from tests.conftest import SECRET
from tests.live import Live, migrated

START_SECONDS = 60


class Mortal:
    """`live` stays the same from one life to the next; it is dead at first."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "mortal.log"
        given = {"HALL_DATABASE_URL": f"sqlite:///{folder / 'mortal.sqlite3'}", "HALL_INSTANCE": str(folder)}
        more = {"HALL_BASE_URL": self.url, "HALL_RATE_LIMITS": "off"}
        self.environ = {**os.environ, **given, **more, "HALL_SECRET_KEY": SECRET, "PORT": str(port)}
        app: Flask = migrated(given["HALL_DATABASE_URL"], folder, **more)
        self.live = Live(self.url, app)
        self.process: warm.Program | None = None

    def start(self) -> None:
        """Give it a life, and wait until it answers."""
        command = ["-m", "gunicorn", "-c", "python:hallapp.server", "wsgi:app"]
        with self.log.open("ab") as log:
            self.process = warm.start(command, env=self.environ, output=log, start_new_session=True)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except (URLError, OSError):
                time.sleep(0.02)
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
