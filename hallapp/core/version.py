"""The version of this program."""

import tomllib
from functools import cache

from hallapp.settings import ROOT


@cache
def get_version() -> str:
    """Return the version as pyproject.toml names it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])
