"""The inner loop, `make test-fast`: what the changed files can break first, on SQLite, without a browser, in a minute.

The changed files are those of this branch, committed or not. Their own tests come first, then the tests of the rooms
that import them, the nearest importers first, then a few tests that touch every layer. The rooms for which a minute has
no room are named at the start, and tests that are skipped when it is over are counted at the end; `make test` runs all.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 48  # from the start; the last tests and the summary take the rest of the minute
MOST_TESTS = 600  # functions, more than run in a minute: to collect those of all rooms would take half of it
LEAST_SECONDS = 10  # after collection, however long that took on a busy machine
#: One file for each layer, run last, or alone where nothing has changed.
EVERY_LAYER = (
    "tests/test_translations.py",
    "tests/booking/test_service.py",
    "tests/booking/test_book.py",
    "tests/desk/test_admit.py",
    "tests/reports/test_figures.py",
    "tests/core/test_web.py",
    "tests/test_routes.py",
)


def main(arguments: list[str]) -> int:
    """Choose the tests and run them with these further arguments of pytest."""
    changed = changed_files()
    chosen, left = divide(choose(changed))
    os.environ[_DEADLINE] = str(time.monotonic() + SECONDS)  # the same clock in every worker
    print(f"{len(changed)} changed files: {' '.join(chosen)}", flush=True)
    if left:
        print(f"left to `make test`, as a minute has no room for them: {' '.join(left)}", flush=True)
    return pytest.main(
        [
            *("-p", "tests.fast", "-p", "no:randomly", "-n", str(os.cpu_count() or 1), "--dist", "load", "-q"),
            *("--database", "sqlite", "--ignore", "tests/browser", *arguments, *chosen),
        ]
    )


_DEADLINE = "TEST_FAST_DEADLINE"
_ENDS_AT = pytest.StashKey[float]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Decide when this worker begins no further test."""
    session.config.stash[_ENDS_AT] = max(float(os.environ[_DEADLINE]), time.monotonic() + LEAST_SECONDS)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test when the minute is over."""
    if time.monotonic() > item.config.stash[_ENDS_AT]:
        pytest.skip("the minute is over: `make test` runs this one")


def changed_files() -> list[str]:
    """Return the files of the working tree that differ from where this branch left the upstream or the main branch."""
    new = _git("ls-files", "--others", "--exclude-standard")
    return sorted({*_git("diff", "--name-only", "--diff-filter=d", _base()), *new})


def _base() -> str:
    for branch in ("@{upstream}", "origin/main", "main"):
        if found := _git("merge-base", "HEAD", branch):
            return found[0]
    return "HEAD"


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def choose(changed: list[str]) -> list[str]:
    """Return the test files and folders to run, the most telling ones first; none is inside another one."""
    found: list[str] = []
    for path in (*_own_tests(changed), *_tests_of_importers(changed), *EVERY_LAYER):
        if not any(path == one or path.startswith(f"{one}/") for one in found):
            found.append(path)
    return found


def divide(paths: list[str]) -> tuple[list[str], list[str]]:
    """Return the first files and folders, as many as a minute has room for, and those that are left."""
    room = MOST_TESTS
    for number, path in enumerate(paths):
        if room <= 0:
            return paths[:number], paths[number:]
        room -= count_tests(path)
    return paths, []


def count_tests(path: str) -> int:
    """Return how many test functions a file or a folder has."""
    files = [ROOT / path] if path.endswith(".py") else (ROOT / path).rglob("test_*.py")
    return sum(file.read_text(encoding="utf-8").count("\ndef test_") for file in files)


def _own_tests(changed: list[str]) -> Iterator[str]:
    """Yield changed test files, then the tests of the rooms whose code, templates or test helpers have changed."""
    yield from (name for name in changed if Path(name).name.startswith("test_") and "/browser/" not in name)
    for name in changed:
        top, *below = Path(name).with_suffix("").parts
        if "migrations" in below:
            yield "tests/core/test_migrations.py"
        elif top in ("hallapp", "templates", "tests") and below:
            yield from _tests_of(below[0])


def _tests_of_importers(changed: list[str]) -> Iterator[str]:
    """Yield the tests of the rooms that import a changed module, the nearest ones first."""
    graph = grimp.build_graph("hallapp", cache_dir=None)
    level = {module for name in changed if (module := _module(name)) in graph.modules}
    seen: set[str] = set()
    while level:
        seen |= level
        level = {above for module in level for above in graph.find_modules_that_directly_import(module)} - seen
        for room in sorted({module.split(".")[1] for module in level if "." in module}):
            yield from _tests_of(room)


def _module(name: str) -> str:
    return ".".join(Path(name.removesuffix("/__init__.py")).with_suffix("").parts)


def _tests_of(room: str) -> Iterator[str]:
    names = (f"tests/{room}", f"tests/test_{room}.py")
    yield from (name for name in names if room not in ("browser", "bench") and (ROOT / name).exists())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
