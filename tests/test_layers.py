"""The rules about imports are kept, each of them fails when it is broken, and transactions open where they may."""

import ast
import re
from functools import cache

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract

from hallapp.settings import ROOT

_TYPES = {"layers": LayersContract, "forbidden": ForbiddenContract}
#: Modules outside of the web layer and the commands that open transactions of their own.
_WORK_ALONE = {
    "jobs/files.py",  # a file is stored in several
    "core/readiness.py",  # /readyz writes something that changes nothing
    "core/pulse.py",  # a heartbeat, in a thread
    "worker/bodies.py",
    "worker/consumer.py",
    "worker/lanes.py",
    "worker/performing.py",
    "core/database.py",  # a write that a page can do without
    "core/limits.py",  # an attempt stays counted when the request that made it is refused
    "history/work.py",  # jobs
    "jobs/runner.py",
    "notifications/reports.py",  # one transaction for each delivery report
    "notifications/sender.py",  # one transaction for each message that is sent
    "reports/mailing/sending.py",
    "webhooks/sender.py",  # one transaction for each event that is sent
}


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("hallapp", include_external_packages=True, cache_dir=None)


def _broken(importer: str, imported: str) -> list[str]:
    """Return the names of the contracts that such an import would break; the modules need not exist."""
    graph = _graph().__deepcopy__({})
    for module in (importer.rpartition(".")[0], importer, imported):
        if module not in graph.modules:
            graph.add_module(module, is_squashed=not module.startswith("hallapp"))
    graph.add_import(importer=importer, imported=imported)
    return _list_broken(graph, only_from=importer)


def _list_broken(graph: grimp.ImportGraph, *, only_from: str | None = None) -> list[str]:
    """Return the names of the broken contracts; those about every module look at the imports of `only_from` alone."""
    configuration = read_configuration(str(ROOT / "pyproject.toml"))
    found = []
    for options in configuration["contracts_options"]:
        if only_from and options.get("source_modules") == ["hallapp.**"]:  # all pairs of modules take a second
            options = {**options, "source_modules": [only_from]}
        kind = _TYPES[options["type"]]
        contract = kind(options["name"], configuration["session_options"], options)
        if not contract.check(graph.__deepcopy__({}), verbose=False).kept:
            found.append(options["name"])
    return found


def test_every_contract_is_kept() -> None:
    assert _list_broken(_graph()) == []


ROOMS = "Imports go down only; rooms of one line do not know each other"
FLASK = "Flask is imported by the web layer, by commands and by the three doors in core"
DOMAIN = "The domain imports neither the web layer nor commands"
BABEL = "Flask-Babel is imported by core alone"
INSIDE = "Inside a room imports go down only"
FIGURES = "Figures know nothing of how they are shown"


@pytest.mark.parametrize(
    ("importer", "imported", "broken"),
    [
        ("hallapp.booking.web.routes", "flask", []),
        ("hallapp.booking.service", "hallapp.booking.queries", []),
        ("hallapp.schedule.queries", "hallapp.booking.queries", [ROOMS]),
        ("hallapp.guides.roster", "hallapp.passes.codes", [ROOMS]),  # of one line
        ("hallapp.booking.new", "flask", [FLASK]),
        ("hallapp.reports.pictures.new", "wtforms", [FLASK]),
        ("hallapp.reports.pictures.new", "click", [FLASK]),
        ("hallapp.booking.new", "flask_babel", [FLASK, BABEL]),
        ("hallapp.booking.web.routes", "flask_babel", [BABEL]),
        ("hallapp.booking.new", "hallapp.core.web.fields", [DOMAIN]),
        ("hallapp.reports.figures.new", "hallapp.reports.closing.web.forms", [DOMAIN, FIGURES]),
        ("hallapp.booking.web.new", "hallapp.schedule.cli", [DOMAIN]),
        ("hallapp.booking.models", "hallapp.booking.service", [INSIDE]),
        ("hallapp.reports.closing.web.forms", "hallapp.reports.closing.web.routes", [INSIDE]),
        ("hallapp.reports.figures.service", "hallapp.reports.tables", [FIGURES]),
    ],
)
def test_contract_fails_for_a_forbidden_import(importer: str, imported: str, broken: list[str]) -> None:
    assert _broken(importer, imported) == broken


def test_a_new_room_has_to_be_added_to_the_contract() -> None:
    assert _broken("hallapp.new_room.service", "hallapp.core.clock") == [ROOMS]


def test_transactions_open_in_the_web_layer_in_commands_and_in_named_tasks() -> None:
    found = {
        path.relative_to(ROOT / "hallapp")
        for path in (ROOT / "hallapp").rglob("*.py")
        if re.search(r"\btransaction\s*\(", text := path.read_text(encoding="utf-8"))  # parsing all takes long
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "transaction"
    }
    elsewhere = {str(path) for path in found if "web" not in path.parts[:-1] and path.name != "cli.py"}
    assert elsewhere == _WORK_ALONE
    assert len(found) > 30
