"""Three database machines: each is a network namespace with etcd, Patroni and PostgreSQL as plain processes.

A cable that is pulled out is a link that is set down; a machine that dies is every process of its namespace killed.
Nothing of it can be reached from outside of this machine.
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

NETWORK, BRIDGE = "10.213.7", "hallbr"
HOST = f"{NETWORK}.1"
PASSWORD = "of-this-test-only"
#: As Patroni has them by itself, but it looks twice as often: a leader that is silent for TTL seconds is replaced.
TTL, LOOP_WAIT, RETRY_TIMEOUT = 30, 5, 10
NEEDED = ("ip", "setpriv", "etcd", "patroni", "haproxy")


def missing_programs() -> list[str]:
    """What this machine lacks to run the cluster."""
    lacks = [name for name in NEEDED if shutil.which(name) is None]
    if not bin_dirs():
        lacks.append("postgresql")
    return [*lacks, *(["root"] if os.geteuid() else [])]


def bin_dirs() -> list[Path]:
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def wait_until(true: Callable[[], Any], what: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"in vain for {seconds} s: {what}"
        time.sleep(0.2)


@dataclass(slots=True)
class Node:
    """One database machine."""

    number: int
    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"hall-db{self.number}"

    @property
    def address(self) -> str:
        return f"{NETWORK}.{10 + self.number}"

    @property
    def cable(self) -> str:
        return f"hallv{self.number}"

    def plug_in(self) -> None:
        """Make the namespace and connect it with the others."""
        _run(f"ip netns add {self.name}")
        _run(f"ip link add {self.cable} type veth peer name eth0 netns {self.name}")
        _run(f"ip link set {self.cable} master {BRIDGE} up")
        for command in (f"addr add {self.address}/24 dev eth0", "link set lo up", "link set eth0 up"):
            _run(f"ip -n {self.name} {command}")

    def start(self, nodes: "list[Node]") -> None:
        """Start etcd and Patroni, which starts PostgreSQL."""
        peers = ",".join(f"{node.name}=http://{node.address}:2380" for node in nodes)
        here = f"http://{self.address}"
        self._spawn(
            "etcd",
            *("etcd", "--name", self.name, "--data-dir", str(self.folder / "etcd"), "--log-level", "warn"),
            *("--listen-peer-urls", f"{here}:2380", "--initial-advertise-peer-urls", f"{here}:2380"),
            *("--listen-client-urls", f"{here}:2379", "--advertise-client-urls", f"{here}:2379"),
            *("--initial-cluster", peers, "--pre-vote", "--enable-v2"),
            *("--heartbeat-interval", "200", "--election-timeout", "2000"),
        )
        config = self.folder / "patroni.yml"
        config.write_text(json.dumps(self._patroni(nodes)))  # JSON is YAML too
        self._spawn("patroni", "patroni", str(config))

    def _spawn(self, log: str, *command: str) -> None:
        as_user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--")
        with (self.folder / f"{log}.log").open("ab") as out:
            whole = ["ip", "netns", "exec", self.name, *as_user, *command]
            process = subprocess.Popen(whole, cwd=self.folder, stdout=out, stderr=out, start_new_session=True)
            self.processes.append(process)

    def _patroni(self, nodes: "list[Node]") -> dict[str, Any]:
        parameters = {
            "max_connections": 100,
            "shared_buffers": "32MB",
            "wal_sender_timeout": "5s",  # a standby that is gone keeps commits waiting for so long
            "wal_receiver_timeout": "5s",
            "log_checkpoints": "off",
        }
        users = {name: {"username": name, "password": PASSWORD} for name in ("postgres", "replicator", "rewinder")}
        dcs = {
            "ttl": TTL,
            "loop_wait": LOOP_WAIT,
            "retry_timeout": RETRY_TIMEOUT,
            "synchronous_mode": True,  # a commit is answered when a standby has it too,
            "synchronous_mode_strict": True,  # and waits where there is none
            "postgresql": {"use_pg_rewind": True, "parameters": parameters},
        }
        return {
            "scope": "hall",
            "name": self.name,
            "restapi": {"listen": f"{self.address}:8008", "connect_address": f"{self.address}:8008"},
            # Not `etcd3`: by that protocol Patroni 3.0.2 renews its lock whoever has it, so a primary that was cut off
            # takes it back from its successor, and what the successor has acknowledged is lost.
            "etcd": {"hosts": [f"{node.address}:2379" for node in nodes]},
            "bootstrap": {"dcs": dcs, "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, "data-checksums"]},
            "postgresql": {
                "listen": f"{self.address}:5432",
                "connect_address": f"{self.address}:5432",
                "data_dir": str(self.folder / "data"),
                "bin_dir": str(bin_dirs()[-1]),
                "pgpass": str(self.folder / "pgpass"),
                "parameters": {"unix_socket_directories": str(self.folder)},
                "authentication": {
                    "superuser": users["postgres"],
                    "replication": users["replicator"],
                    "rewind": users["rewinder"],
                },
                "pg_hba": [
                    "local all all trust",
                    f"host replication replicator {NETWORK}.0/24 scram-sha-256",
                    f"host all all {NETWORK}.0/24 scram-sha-256",
                ],
            },
        }

    def die(self) -> None:
        """Kill every process of this machine, as when its power fails."""
        for number in _output(f"ip netns pids {self.name}").split():
            with suppress(ProcessLookupError):
                os.kill(int(number), signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.processes.clear()

    def cut(self) -> None:
        """Pull out the cable of this machine."""
        _run(f"ip link set {self.cable} down")

    def heal(self) -> None:
        """Put the cable in again."""
        _run(f"ip link set {self.cable} up")

    def unplug(self) -> None:
        """Kill what runs and remove the namespace, with the link that ends in it."""
        self.die()
        for command in (f"ip link del {self.cable}", f"ip netns del {self.name}"):
            subprocess.run(command.split(), check=False, capture_output=True)

    def is_leader(self) -> bool:
        """Whether Patroni says that this is the primary."""
        return self._answers("/primary")

    def is_synchronous(self) -> bool:
        """Whether Patroni says that this is the standby that commits wait for."""
        return self._answers("/synchronous")

    def _answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(f"http://{self.address}:8008{path}", timeout=1):
                return True
        except OSError:
            return False


@dataclass(slots=True)
class Cluster:
    """The three machines together."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        """The address of the database for hallapp: all machines, of which the one that takes writes is taken."""
        return self.address("hallapp", "hallapp")

    def address(self, user: str, database: str) -> str:
        hosts = ",".join(node.address for node in self.nodes)
        return f"postgresql://{user}:{PASSWORD}@{hosts}/{database}?target_session_attrs=read-write"

    def leader(self) -> Node | None:
        """The primary, by what Patroni says."""
        return next((node for node in self.nodes if node.is_leader()), None)

    def is_whole(self) -> bool:
        """Whether two standbys stream from the primary, and commits wait for one of them."""
        if (leader := self.leader()) is None:
            return False
        url = f"postgresql://postgres:{PASSWORD}@{leader.address}/postgres?connect_timeout=2"
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            found = connection.execute("SELECT state, sync_state FROM pg_stat_replication").fetchall()
            synchronous = sum(node.is_synchronous() for node in self.nodes)
            return sorted(found) == [("streaming", "async"), ("streaming", "sync")] and synchronous == 1
        return False

    def wait_whole(self) -> None:
        wait_until(self.is_whole, "the cluster is whole", seconds=120)

    def logs(self) -> str:
        """The end of what each machine's programs have written."""
        files = sorted(log for node in self.nodes for log in node.folder.glob("*.log"))
        return "\n".join(f"--- {log}\n{log.read_text(errors='replace')[-60000:]}" for log in files)

    def create_database(self) -> None:
        with psycopg.connect(self.address("postgres", "postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE hallapp LOGIN PASSWORD '{PASSWORD}'")  # type: ignore[arg-type]
            connection.execute("CREATE DATABASE hallapp OWNER hallapp TEMPLATE template0")


@contextmanager
def running() -> Iterator[Cluster]:
    """Three machines with a database for hallapp; nothing of them is left at the end."""
    folder = Path(tempfile.mkdtemp(prefix="hallapp-cluster-"))
    folder.chmod(0o755)
    nodes = [Node(number, folder / f"db{number}") for number in (1, 2, 3)]
    _clear(nodes)  # what a run that was killed has left
    try:
        _run(f"ip link add {BRIDGE} type bridge")
        _run(f"ip addr add {HOST}/24 dev {BRIDGE}")
        _run(f"ip link set {BRIDGE} up")
        for node in nodes:
            node.folder.mkdir(mode=0o700)
            shutil.chown(node.folder, "postgres", "postgres")
            node.plug_in()
        for node in nodes:
            node.start(nodes)
        yield Cluster(nodes)
    finally:
        _clear(nodes)
        shutil.rmtree(folder, ignore_errors=True)


def _clear(nodes: list[Node]) -> None:
    for node in nodes:
        node.unplug()
    subprocess.run(["ip", "link", "del", BRIDGE], check=False, capture_output=True)


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True)


def _output(command: str) -> str:
    return subprocess.run(command.split(), capture_output=True, text=True, check=False).stdout
