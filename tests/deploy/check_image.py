"""The image and compose.yaml, built on a Debian that mmdebstrap makes, and run by Podman with PostgreSQL and Caddy.

No registry is asked: where one can be reached, a user's build differs in the line `ARG BASE=…` of the Dockerfile alone,
and compose.yaml takes the official images of PostgreSQL and Caddy instead of the two small ones of this folder.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hallapp.settings import ROOT
from tests.cluster.nodes import wait_until
from tests.deploy.check_proxies import ask
from tests.live import free_port

HERE = Path(__file__).parent
NEEDED = ("mmdebstrap", "podman", "podman-compose", "runc")
BASE = "localhost/hallapp-check-base"
HOST, PROJECT = "hall.localhost", "hallappcheck"


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What compose.yaml is given, with images that are built here."""
    if lacks := [name for name in NEEDED if shutil.which(name) is None] + ["root"] * bool(os.geteuid()):
        pytest.skip(f"THE IMAGE WAS NOT BUILT: this machine lacks {', '.join(lacks)}")
    folder = tmp_path_factory.mktemp("image")
    environ = {
        **os.environ,
        "CONTAINERS_CONF": str(HERE / "containers.conf"),
        "HALL_HOST": HOST,
        "HALL_SECRET_KEY": "Vb7xQ2mRw9LkTz4dq8Zk3HnP",
        "HALL_MAIL_URL": "",
        "POSTGRES_PASSWORD": "abcDEF123",
        "BASE": BASE,
        "POSTGRES_IMAGE": "localhost/hallapp-check-postgres",
        "CADDY_IMAGE": "localhost/hallapp-check-caddy",
        "HTTP_PORT": str(free_port()),
        "HTTPS_PORT": str(free_port()),
    }
    _make_base(folder, environ)
    _build(environ, ROOT, "localhost/hallapp", *_own_certificates(folder))
    for name in ("postgres", "caddy"):
        _build(environ, HERE / name, environ[f"{name.upper()}_IMAGE"])
    return environ


def run(environ: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _make_base(folder: Path, environ: dict[str, str]) -> None:
    """Make what the usual image of Debian is too: without documentation and translations."""
    if subprocess.run(["podman", "image", "exists", BASE], env=environ).returncode == 0:
        return
    lean = ("--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/locale/*")
    base = folder / "base.tar"
    run(environ, "mmdebstrap", "--variant=minbase", *lean, "bookworm", str(base))
    run(environ, "podman", "import", str(base), BASE)
    base.unlink()


def _own_certificates(folder: Path) -> list[str]:
    """Let pip in the build trust what this machine trusts, which may stand behind a proxy of its own."""
    (folder / "pip.conf").write_text("[global]\ncert = /etc/host-certificates.crt\n")
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    return ["-v", f"{folder}/pip.conf:/etc/pip.conf:ro", "-v", f"{bundle}:/etc/host-certificates.crt:ro"]


def _build(environ: dict[str, str], folder: Path, name: str, *arguments: str) -> None:
    usual = ("--network", "host", "--format", "docker", "--build-arg", f"BASE={BASE}", "--tag", name)
    run(environ, "podman", "build", *usual, *arguments, str(folder))


@pytest.fixture
def site(environ: dict[str, str], tmp_path: Path) -> Iterator[int]:
    """The whole of compose.yaml at work; gives the port of its HTTPS."""
    project = tmp_path / "project"
    (project / "deploy" / "caddy").mkdir(parents=True)
    caddyfile = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    for new, old in (("request_buffers 1MB", "buffer_requests"), ("response_buffers 1MB", "buffer_responses")):
        caddyfile = caddyfile.replace(new, old)  # as the Caddy of Debian 12 calls them
    (project / "deploy" / "caddy" / "Caddyfile").write_text(caddyfile)
    shutil.copy(ROOT / "compose.yaml", project)
    compose = ("podman-compose", "-p", PROJECT, "-f", str(project / "compose.yaml"))
    try:
        run(environ, *compose, "up", "-d", "--no-build")
        yield int(environ["HTTPS_PORT"])
    finally:
        subprocess.run([*compose, "down", "-v", "-t", "10"], env=environ, capture_output=True)


def test_image_is_small_and_runs_as_nobody_of_rank(environ: dict[str, str]) -> None:
    (image,) = json.loads(run(environ, "podman", "image", "inspect", "localhost/hallapp"))
    assert image["Config"]["User"] == "hallapp"
    assert image["Size"] < 500 * 10**6, image["Size"]
    assert "urlopen" in " ".join(image["Healthcheck"]["Test"])
    written = run(
        environ,
        *("podman", "run", "--rm", "--read-only", "--cap-drop=all", "localhost/hallapp"),
        *("sh", "-c", "id -u; touch /srv/hallapp/x 2>&1 || true; which pip gcc || true"),
    )
    assert written.split("\n")[0] == "10001"
    assert "Read-only file system" in written
    assert "/pip" not in written and "/gcc" not in written


def test_site_of_compose_serves_a_hall_over_https(site: int, environ: dict[str, str]) -> None:
    def is_ready() -> bool:
        try:
            return ask(site, "/readyz", host=HOST)[0] == 200
        except OSError:
            return False

    wait_until(is_ready, "the site is ready", seconds=120)
    web, worker = f"{PROJECT}_web_1", f"{PROJECT}_worker_1"
    flask = ("podman", "exec", web, "flask")
    run(
        environ,
        *flask,
        "hall",
        "setup",
        "--publish",
        "--slug",
        "lingnan",
        "--name-en",
        "Lingnan",
        "--opened-on",
        "2017-06-29",
    )
    assert ask(site, "/", host=HOST)[0] == 200
    run(environ, "podman", "healthcheck", "run", web)
    wait_until(
        lambda: subprocess.run(["podman", "exec", worker, "flask", "worker", "status"], env=environ).returncode == 0,
        "a worker is at work",
        seconds=60,
    )
    assert "lingnan: 0 differences" in run(environ, *flask, "bookings", "recount")
    run(environ, *flask, "hall", "backup", "/data")
    assert ".zip" in run(environ, "podman", "exec", web, "ls", "/data")
    logs = subprocess.run(["podman", "logs", web], env=environ, capture_output=True, text=True)
    assert "Traceback" not in logs.stdout + logs.stderr
