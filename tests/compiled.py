"""What applications compile, compiled once for all applications of the tests.

Each application compiles the templates that it renders, which takes two seconds for all of them, and the builders of
its addresses, which is more than half of what `create_app` takes. The tests make hundreds of applications: for each
database in each worker, for each server and program that they start, and for each process of a race. Each demonstration
crops the same five pictures, which is a third of the time that it takes.
"""

from functools import cache
from typing import Any

import jinja2
from flask import Flask
from werkzeug.routing import Rule

from hallapp.settings import ROOT

_FOLDER = ROOT / ".pytest_cache" / f"jinja-{jinja2.__version__}"


def keep_templates() -> None:
    """Let all applications of this process share a folder of compiled templates; one that has changed is replaced."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": jinja2.FileSystemBytecodeCache(str(_FOLDER))}


def keep_builders() -> None:
    """Let all applications of this process, and of those that are forked from it, share the builders of addresses."""
    compile_builder, kept = Rule._compile_builder, dict[tuple[Any, ...], Any]()

    def get(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, *rule._trace, append_unknown)  # all that a builder is made of
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = get  # type: ignore[method-assign]


def keep_pictures() -> None:
    """Crop the pictures of the demonstration once in this process, which has imported the models."""
    from hallapp.demo import pictures

    pictures.crop = cache(pictures.crop)
