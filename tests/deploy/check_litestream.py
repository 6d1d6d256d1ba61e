"""Litestream with the example's settings: what was written a moment before the machine is lost comes back."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import func, select

from hallapp.booking.models import Booking
from hallapp.core.database import db, transaction
from hallapp.settings import ROOT
from tests import factories
from tests.cluster.nodes import wait_until
from tests.cluster.service import run_flask
from tests.conftest import SECRET
from tests.live import migrated


def test_last_booking_is_restored(tmp_path: Path) -> None:
    program = shutil.which("litestream")
    if program is None:
        pytest.skip("LITESTREAM WAS NOT TRIED: it is not installed")
    file, replica, config = tmp_path / "hallapp.sqlite3", tmp_path / "replica", tmp_path / "litestream.yml"
    text = (ROOT / "deploy" / "litestream" / "litestream.yml").read_text()
    text = re.sub("(?m)^  - path: .*$", f"  - path: {file}", text).replace("/var/backups/hallapp", str(replica))
    config.write_text(text)
    app = migrated(f"sqlite:///{file}", tmp_path)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([program, "replicate", "-config", config], stdout=log, stderr=log)
    try:
        wait_until(replica.exists, "the first copy is made", seconds=20)
        with app.app_context():
            with transaction():
                factories.booking(slot=factories.slot(programme=factories.programme(hall=factories.hall())))
            db.session.remove()
            db.engine.dispose()
        found = tmp_path / "found.sqlite3"
        wait_until(lambda: _restore(program, config, file, found) == 1, "the booking is in the copy", seconds=20)
    finally:
        process.kill()
        process.wait()
    environ = {"HALL_DATABASE_URL": f"sqlite:///{found}", "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(tmp_path)}
    assert "0 differences" in run_flask(environ, "bookings", "recount")
    assert "0 differences" in run_flask(environ, "reports", "recount")


def _restore(program: str, config: Path, file: Path, found: Path) -> int:
    """Restore to another file; gives how many bookings are in it."""
    for path in found.parent.glob(f"{found.name}*"):
        path.unlink()
    done = subprocess.run([program, "restore", "-config", config, "-o", found, file], capture_output=True)
    if done.returncode:
        return -1
    app = migrated(f"sqlite:///{found}", found.parent)
    with app.app_context():
        number = db.session.scalar(select(func.count()).select_from(Booking)) or 0
        db.session.remove()
        db.engine.dispose()
    return number
