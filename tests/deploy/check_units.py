"""The systemd units, read by systemd itself: no mistake in them, and little that a broken process could reach."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hallapp.settings import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
MOST_EXPOSED = 2.0  # of 10, as `systemd-analyze security` counts


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_unit_is_right_and_hardened(unit: Path, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("THE UNITS WERE NOT READ: systemd-analyze is not installed")
    copy = tmp_path / unit.name
    copy.write_text(unit.read_text().replace("/srv/hallapp", str(ROOT)))  # where the programs that it names are
    verified = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    assert (verified.returncode, verified.stderr) == (0, "")
    command = ["systemd-analyze", "security", "--offline=true", copy]
    rated = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", rated)
    assert found and float(found[1]) <= MOST_EXPOSED, rated
