"""A real SMTP server for tests, in a thread: keeps what it takes, and refuses or hangs up where it is told to."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """Answers by the recipient's name: `unknown@`, `later@` and `hang-up@` are what they say, all others are taken."""

    def __init__(self) -> None:
        self.taken: list[tuple[Session, Envelope]] = []
        self.connections = 0
        self.port = 0

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [message_from_bytes(envelope.content, policy=default) for _, envelope in self.taken]  # type: ignore[misc]

    async def handle_EHLO(  # noqa: N802 (the library's name)
        self, _server: Any, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        name = address.partition("@")[0]
        if name == "unknown":
            return f"550 5.1.1 <{address}>: no such user"
        if name == "later":
            return "450 4.2.1 try again later"
        if name == "hang-up":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append((session, envelope))
        return "250 taken"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"hall", b"p@ss:word")
    return AuthResult(success=right, handled=False)


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, smtps: bool = False, password: bool = False
) -> Iterator[MailServer]:
    """A server on a free port of this machine; with `tls` it offers STARTTLS, or speaks nothing else with `smtps`."""
    handler = MailServer()
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=_free_port(),
        ssl_context=tls if smtps else None,
        tls_context=None if smtps else tls,
        require_starttls=bool(tls) and not smtps,
        authenticator=_authenticate if password else None,
        auth_require_tls=bool(tls) and not smtps,
        auth_required=password and not smtps,
    )
    controller.start()
    handler.port = controller.port
    handler.connections = 0  # the controller's own greeting
    try:
        yield handler
    finally:
        controller.stop()
