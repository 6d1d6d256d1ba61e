"""Templates that are compiled once for all applications of the tests, in this process and in those it starts."""

import hashlib

import flask
from jinja2 import FileSystemBytecodeCache

from hallapp.settings import ROOT

_FOLDER = ROOT / ".pytest_cache" / "compiled"


def share_templates() -> None:
    """Let each application that is made from now on read compiled templates: to compile them all takes two seconds."""
    digest = hashlib.sha256()
    # A template's own source is compared by the cache, but not what the application changes in its environment.
    for path in (
        ROOT / "requirements.txt",
        ROOT / "hallapp/__init__.py",
        *sorted((ROOT / "hallapp/core").rglob("*.py")),
    ):
        digest.update(path.read_bytes())
    folder = _FOLDER / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    flask.Flask.jinja_options = {**flask.Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(folder))}
