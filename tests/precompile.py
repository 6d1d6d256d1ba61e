"""Compiling the modules of the application and of the tests once, before the workers of a run need them."""

import compileall
import multiprocessing
import os
from collections.abc import Sequence
from importlib.util import cache_from_source
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.assertion import rewrite
from hypothesis.internal import constants_ast

from hallapp.settings import ROOT


def compile_modules(config: pytest.Config) -> None:
    """Compile the modules of the application and of the tests that are not, by as many processes as there are CPUs.

    In a fresh clone each worker would otherwise compile all of them, at the same time as the other workers.
    """
    stale = [path for top in ("hallapp", "tests") for path in (ROOT / top).rglob("*.py") if not _is_compiled(path)]
    count = os.cpu_count() or 1
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_compile, args=(config, stale[first::count])) for first in range(count)]
    for process in processes if stale else ():
        process.start()
    for process in processes if stale else ():
        process.join()


def _compile(config: pytest.Config, paths: Sequence[Path]) -> None:
    for path in paths:
        if _is_rewritten(path):
            _compiled(path).parent.mkdir(exist_ok=True)
            source, code = rewrite._rewrite_test(path, config)
            rewrite._write_pyc(config.stash[rewrite.assertstate_key], code, source, _compiled(path))
        else:
            compileall.compile_file(path, quiet=2)
            _collect_constants(path)


def _collect_constants(path: Path) -> None:
    """Let Hypothesis collect the constants of a module of the application, and keep them for the workers."""
    if path.is_relative_to(ROOT / "hallapp"):
        module = ModuleType(path.stem)
        module.__file__ = str(path)
        constants_ast.constants_from_module(module)


def _is_compiled(path: Path) -> bool:
    compiled = _compiled(path)
    return compiled.exists() and compiled.stat().st_mtime > path.stat().st_mtime


def _compiled(path: Path) -> Path:
    ordinary = Path(cache_from_source(str(path)))
    return ordinary.with_name(path.stem + rewrite.PYC_TAIL) if _is_rewritten(path) else ordinary


def _is_rewritten(path: Path) -> bool:
    """Return whether pytest compiles a module by itself, for the messages of failed assertions."""
    return path.name.startswith("test_") or path.name == "conftest.py" or path == ROOT / "tests" / "office.py"
