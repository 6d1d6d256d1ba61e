"""Templates compiled once for all applications in all processes of the tests.

Each application compiles the templates that it renders, which takes two seconds for all of them, and the tests make
an application for each database in each worker, and one for each server and program that they start.
"""

import jinja2
from flask import Flask

from hallapp.settings import ROOT

_FOLDER = ROOT / ".pytest_cache" / f"jinja-{jinja2.__version__}"


def keep_templates() -> None:
    """Let all applications of this process share a folder of compiled templates; one that has changed is replaced."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": jinja2.FileSystemBytecodeCache(str(_FOLDER))}
