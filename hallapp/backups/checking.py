"""Prove a backup: restore it into an empty folder, and let both recounts find no difference there."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from hallapp.backups.errors import CheckFailed
from hallapp.settings import ROOT

_OWN_DATABASE = {"HALL_DATABASE_URL": "", "HALL_SECRET_KEY": "", "HALL_MAIL_URL": "", "HALL_SMS_URL": ""}


def check(restore: Sequence[str]) -> None:
    """Run `hall restore` with these arguments, `bookings recount` and `reports recount` on a copy that is thrown away.

    The copy is an embedded database in a folder that only its owner can read, for either database of the service.

    Raises:
        CheckFailed: one of the commands failed.
    """
    with tempfile.TemporaryDirectory(prefix="hallapp-check-") as folder:
        environ = {**os.environ, **_OWN_DATABASE, "HALL_INSTANCE": folder}
        for command in (["hall", "restore", *restore], ["bookings", "recount"], ["reports", "recount"]):
            done = subprocess.run(  # noqa: S603 — this program itself, with names of files
                [sys.executable, "-m", "flask", "--app", "wsgi", *command],
                cwd=ROOT,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                last = (done.stderr or done.stdout).strip().splitlines()[-1:]
                raise CheckFailed(command=" ".join(command[:2]), words="".join(last))
