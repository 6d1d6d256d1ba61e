"""Look the pinned packages up among known vulnerabilities: `make audit`.

The answer comes from a service on the network. Where none answers, or it does not know a package, the command says so
and succeeds; for a known vulnerability it fails and names the package and the version that mends it.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_SECONDS = 120
_COMMAND = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner=off", "--timeout=10", "-f=json"]


def audit(requirements: Path) -> tuple[list[str], list[str]]:
    """Return a line for each known vulnerability, and the names of the packages that nobody could look up.

    Raises:
        RuntimeError: no service answered.
    """
    try:
        run = subprocess.run([*_COMMAND, "-r", str(requirements)], capture_output=True, timeout=_SECONDS, check=False)
        found: list[dict[str, Any]] = json.loads(run.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError) as error:
        raise RuntimeError("no service for known vulnerabilities answered") from error
    lines = [
        f"{one['name']} {one['version']}: {known['id']}, mended in {known['fix_versions'] or 'no version yet'}"
        for one in found
        for known in one.get("vulns", [])
    ]
    return lines, [one["name"] for one in found if "skip_reason" in one]


def main() -> int:
    """Write what was found; return 1 where a vulnerability is known."""
    try:
        vulnerabilities, unknown = audit(Path("requirements.txt"))
    except RuntimeError as error:
        vulnerabilities, words = [], f"{error}; nothing was looked up"
    else:
        words = f"{len(vulnerabilities)} known vulnerabilities; {len(unknown)} packages could not be looked up"
    sys.stdout.write("\n".join([*vulnerabilities, f"audit: {words}", ""]))
    return 1 if vulnerabilities else 0


if __name__ == "__main__":
    sys.exit(main())
