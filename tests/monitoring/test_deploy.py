"""The alerts and the dashboard name metrics that exist, and Prometheus itself takes them."""

import json
import re
import shutil
import subprocess
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient

from hallapp.core.database import transaction
from hallapp.jobs import service as jobs
from hallapp.jobs.service import NewJob
from hallapp.notifications import service as outbox
from hallapp.settings import ROOT
from hallapp.tasks import service as tasks
from hallapp.webhooks import service as webhooks
from hallapp.webhooks.models import EventKind
from hallapp.webhooks.service import SaveWebhook
from hallapp.worker import performing
from tests import factories
from tests.conftest import SECRET
from tests.live import free_port, serve

RULES = ROOT / "deploy" / "prometheus" / "hallapp.rules.yml"
SCRAPE = ROOT / "deploy" / "prometheus" / "prometheus.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "hallapp.json"


@cache
def rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(RULES.read_text())["groups"]
    return list(group["rules"])


@cache
def queries() -> list[str]:
    """Every query of the dashboard, with its variables filled in."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    return [query.replace("$__rate_interval", "5m").replace("$hall", ".*") for query in found]


def fill() -> None:
    """Something of each kind, so that every metric has a value."""
    with transaction():
        hall = factories.hall(inside_capacity=100)
        outbox.enqueue(hall_id=hall.id, kind="test", recipient="he@example.org", subject="x", body="y")
        jobs.ask(NewJob(hall_id=hall.id, staff_id=None, kind="export", params={}))
        tasks.show_life("host:1:ab")
        usual = {"name": "Gate", "url": "https://gate.example/", "contact": "it@hall.example", "language": "en"}
        kinds = (EventKind.PLACED,)
        webhooks.add(
            SaveWebhook(
                hall_id=hall.id, by=factories.staff(hall=hall).id, number=None, kinds=kinds, active=True, **usual
            ),
            (SECRET,),
        )
    performing.run_now(hall, "slots")


def test_every_metric_of_the_alerts_and_the_dashboard_exists(app: Flask, client: FlaskClient) -> None:
    fill()
    client.get("/sign-in")
    served = set(re.findall(r"^(hallapp_\w+)", client.get("/metrics").text, re.MULTILINE))
    named = {name for query in (*(rule["expr"] for rule in rules()), *queries()) for name in _names(query)}
    assert len(named) > 25
    assert named - served == set()
    forgotten = {_family(name) for name in served} - {_family(name) for name in named}
    assert forgotten == set(), "every metric is shown or watched"


def _family(name: str) -> str:
    return re.sub("_(bucket|sum|count|total|created)$", "", name)


def _names(query: str) -> list[str]:
    return re.findall(r"hallapp_\w+", query)


def test_each_alert_says_what_to_do() -> None:
    for rule in rules():
        assert set(rule["annotations"]) == {"summary", "do"}
        assert rule["labels"]["severity"] in ("page", "notice")
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) > 10


# --- with Prometheus itself, where it is installed ---

PROMETHEUS = pytest.mark.skipif(
    not (shutil.which("prometheus") and shutil.which("promtool")),
    reason="PROMETHEUS IS NOT INSTALLED: the alerts and the dashboard were not tried (apt-get install prometheus)",
)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[str]:
    """A Prometheus that has read a running server, with our rules; gives its address."""
    folder = tmp_path / "hall"
    folder.mkdir()
    with serve(f"sqlite:///{folder / 'live.sqlite3'}", folder) as live:
        with live.app.app_context():
            fill()
        port = free_port()
        written = yaml.safe_load(SCRAPE.read_text())
        written["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        written["rule_files"] = [str(RULES)]
        written["scrape_configs"][0]["static_configs"][0]["targets"] = [live.url.removeprefix("http://")]
        (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(written))
        command = [
            "prometheus",
            f"--config.file={tmp_path / 'prometheus.yml'}",
            f"--storage.tsdb.path={tmp_path / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
        ]
        with (tmp_path / "prometheus.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield _wait(f"http://127.0.0.1:{port}", tmp_path / "prometheus.log")
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if len(_query(url, "count_over_time(hallapp_ready[1m]) > 3")):
                return url
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError(log.read_text())


def _query(url: str, query: str) -> list[Any]:
    with urllib.request.urlopen(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}", timeout=10) as answer:
        data = json.load(answer)
    assert data["status"] == "success", (query, data)
    return list(data["data"]["result"])


@PROMETHEUS
@pytest.mark.slow
def test_prometheus_reads_a_server_and_every_query_answers(prometheus: str) -> None:
    assert [sample["value"][1] for sample in _query(prometheus, 'up{job="hallapp"}')] == ["1"]
    empty = [query for query in queries() if not _query(prometheus, query)]
    # nothing is late or wrong, and a second has passed since the start: these have nothing to say
    assert [query for query in empty if " > 0" not in query and "5.." not in query and "outbox" not in query] == []
    with urllib.request.urlopen(f"{prometheus}/api/v1/rules", timeout=10) as answer:
        (group,) = json.load(answer)["data"]["groups"]
    assert {rule["name"] for rule in group["rules"]} == {rule["alert"] for rule in rules()}
    assert [rule["name"] for rule in group["rules"] if rule["health"] != "ok" or rule.get("lastError")] == []


@PROMETHEUS
def test_promtool_takes_the_files_and_the_alerts_fire_when_they_shall() -> None:
    for command in (
        ["check", "rules", str(RULES)],
        ["check", "config", str(SCRAPE)],
        ["test", "rules", str(Path(__file__).with_name("alerts.yml"))],
    ):
        done = subprocess.run(["promtool", *command], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
