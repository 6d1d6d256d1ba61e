"""Two web replicas, two workers and HAProxy as plain processes on loopback, each started and stopped by itself."""

import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from hallapp.settings import ROOT
from tests.cluster.nodes import wait_until
from tests.live import free_port

WEB = ("-m", "gunicorn", "-c", "python:hallapp.server", "wsgi:app")
WORKER = ("-m", "flask", "--app", "wsgi", "worker")
_NEXT_VERSION = '''"""What the version of the test adds: a column and a table that the version before does not know."""

import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{before}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("of_the_next_version", sa.String(20), nullable=False, server_default=""))
    op.create_table("next_version", sa.Column("hall_id", sa.Integer(), sa.ForeignKey("hall.id"), primary_key=True))


def downgrade() -> None:
    op.drop_table("next_version")
    op.drop_column("booking", "of_the_next_version")
'''


@dataclass(slots=True)
class Part:
    """One process of the service, which can be started again, from another version too."""

    command: tuple[str, ...]
    log: Path
    environ: Mapping[str, str]
    code: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, *self.command],
                cwd=self.code,
                env={**os.environ, **self.environ},
                stdout=out,
                stderr=out,
                start_new_session=True,  # so that its own processes can be killed with it
            )

    def kill(self) -> None:
        """Kill it with its own processes."""
        assert self.process
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Let it finish what it has in hand."""
        assert self.process
        self.process.terminate()
        self.process.wait(60)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def is_ready(self) -> bool:
        return is_ready(self.url)


@dataclass(slots=True)
class Service:
    """All of it, behind one address."""

    folder: Path
    environ: dict[str, str]
    code: Path
    webs: list[Part] = field(default_factory=list)
    workers: list[Part] = field(default_factory=list)
    proxy: "subprocess.Popen[bytes] | None" = None

    def start(self, port: int) -> None:
        self.webs = [self._part(f"web{number}", WEB, PORT=str(free_port())) for number in (1, 2)]
        self.workers = [self._part(f"worker{number}", WORKER) for number in (1, 2)]
        for part in (*self.webs, *self.workers):
            part.start()
        config = self.folder / "haproxy.cfg"
        config.write_text(haproxy_config(port, [web.url.rpartition("/")[2] for web in self.webs]))
        with (self.folder / "haproxy.log").open("ab") as out:
            self.proxy = subprocess.Popen(["haproxy", "-db", "-f", str(config)], stdout=out, stderr=out)
        for web in self.webs:
            wait_until(web.is_ready, "a web replica is ready", seconds=60)
        wait_until(lambda: is_ready(f"http://127.0.0.1:{port}"), "the proxy has found them", seconds=20)

    def _part(self, name: str, command: tuple[str, ...], **environ: str) -> Part:
        own = self.folder / name
        own.mkdir()
        return Part(
            command, self.folder / f"{name}.log", {**self.environ, "HALL_INSTANCE": str(own), **environ}, self.code
        )

    def stop(self) -> None:
        for part in (*self.webs, *self.workers):
            if part.process and part.process.poll() is None:
                part.kill()
        if self.proxy:
            self.proxy.kill()
            self.proxy.wait()


def is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=3):
            return True
    except OSError:
        return False


def haproxy_config(port: int, webs: list[str]) -> str:
    """The example of the documentation, without HTTPS, for these addresses."""
    text = (ROOT / "deploy" / "haproxy" / "haproxy.cfg").read_text()
    text = re.sub(r"(?m)^    bind :80\n", "", text)
    text = re.sub(r"(?m)^    bind :443 .*$", f"    bind 127.0.0.1:{port}", text)
    text = re.sub(r"(?m)^    http-request redirect scheme https.*\n", "", text)
    text = text.replace("X-Forwarded-Proto https", "X-Forwarded-Proto http").replace(
        "log /dev/log", "log stdout format raw"
    )
    for number, address in enumerate(webs, 1):
        text = re.sub(rf"(?m)^(    server web{number}) .*$", rf"\1 {address}", text)
    return text


def copy_version(folder: Path) -> Path:
    """Copy the code, so that one version of it can run beside another."""
    folder.mkdir()
    for name in ("hallapp", "templates", "static"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "wsgi.py", folder)
    return folder


def copy_next_version(folder: Path) -> Path:
    """Copy the code and add a migration, as the next version would bring it."""
    copy_version(folder)
    config = Config()
    config.set_main_option("script_location", str(folder / "hallapp" / "migrations"))
    before = ScriptDirectory.from_config(config).get_current_head()
    (folder / "hallapp/migrations/versions/next.py").write_text(_NEXT_VERSION.format(before=before))
    return folder


def run_flask(environ: Mapping[str, str], *arguments: str, code: Path = ROOT) -> str:
    """Run a command as an administrator would; returns what it printed. Fails where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=code,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
