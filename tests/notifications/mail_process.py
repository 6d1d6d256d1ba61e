"""A real SMTP server in a process of its own, which fails by the recipient's name; a test kills and restarts it.

It writes what it takes into a file, a line of JSON each, so that it survives the process.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope, Session

ROOT = Path(__file__).parents[2]


class Handler:
    """`refused@` is refused, `hang@` hangs at DATA, `busy@` is told to come later; `lost@` is taken, and its connection
    dropped before the answer, the first time that a message with this Message-ID comes. All others are taken."""

    def __init__(self, taken: Path) -> None:
        self.taken = taken
        self.seen: set[str] = set()

    async def handle_RCPT(self, _server: Any, _session: Session, envelope: Envelope, address: str, _o: Any) -> str:  # noqa: N802
        if address.startswith("refused@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        (recipient,) = envelope.rcpt_tos
        number = message_from_bytes(envelope.content)["Message-ID"]
        if recipient.startswith("hang@"):
            await asyncio.sleep(60)
        if recipient.startswith("busy@"):
            return "451 4.3.0 too busy"
        with self.taken.open("a") as file:
            file.write(json.dumps({"to": recipient, "id": number}) + "\n")
        if recipient.startswith("lost@") and number not in self.seen:
            self.seen.add(number)
            server.transport.abort()
        return "250 taken"


class MailProcess:
    """The server as a test sees it."""

    def __init__(self, folder: Path) -> None:
        self.taken_path = folder / "taken.jsonl"
        self.taken_path.touch()
        self.process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def taken(self) -> list[tuple[str, str]]:
        """Recipient and Message-ID of everything that was taken, in order."""
        lines = map(json.loads, self.taken_path.read_text().splitlines())
        return [(line["to"], line["id"]) for line in lines]

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.notifications.mail_process", str(self.port), str(self.taken_path)]
        self.process = subprocess.Popen(command, cwd=ROOT)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("the mail server did not start")

    def stop(self) -> None:
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait(20)


@contextmanager
def mail_process(folder: Path, *, up: bool = True) -> Iterator[MailProcess]:
    server = MailProcess(folder)
    try:
        if up:
            server.start()
        yield server
    finally:
        server.stop()


def main(port: str, taken: str) -> None:
    controller = Controller(Handler(Path(taken)), hostname="127.0.0.1", port=int(port))
    controller.start()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
