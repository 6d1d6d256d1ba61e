"""The ways out of the outbox: an SMTP server, or a folder of files."""

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from hallapp.settings import is_this_machine

TIMEOUT_SECONDS = 20


class ServerAway(Exception):
    """The way out is closed for every message: no server, no agreement on encryption, or a wrong password."""


class Refused(Exception):
    """One message was not taken; `for_good` where trying again cannot help. The text is the server's."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


def bare_id(message_id: str) -> str:
    """Return the unique part of a Message-ID."""
    return message_id.strip("<>").partition("@")[0]


class Transport(Protocol):
    """Takes messages, one after the other."""

    def open(self) -> None:
        """Be ready to send; costs nothing when it is ready. Raises ServerAway."""

    def send(self, message: EmailMessage, *, recipient: str) -> None:
        """Send one message. Raises Refused."""

    def close(self) -> None:
        """Part in good manner."""


@contextmanager
def transport_for(mail_url: str, *, helo: str) -> Iterator[Transport]:
    """Return the transport of a `HALL_MAIL_URL`, closed at the end; `helo` is the name given to an SMTP server."""
    folder = urlsplit(mail_url).scheme == "file"
    transport: Transport = Folder(mail_url) if folder else Smtp(mail_url, helo=helo)
    try:
        yield transport
    finally:
        transport.close()


class Folder:
    """Writes each message into a file of its own: `<id>.eml`, read by its owner only."""

    def __init__(self, url: str) -> None:
        self.path = Path(unquote(urlsplit(url).path))

    def open(self) -> None:
        """Make the folder where it is missing. Raises ServerAway."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ServerAway(f"cannot write to {self.path}: {error.strerror}") from None

    def send(self, message: EmailMessage, *, recipient: str) -> None:
        """Write the file, whole or not at all. Raises Refused."""
        name = bare_id(message["Message-ID"])
        part = self.path / f".{name}.part"
        try:
            part.touch(mode=0o600)
            part.write_bytes(message.as_bytes())
            part.rename(self.path / f"{name}.eml")
        except OSError as error:
            raise Refused(f"cannot write the file: {error.strerror}") from None

    def close(self) -> None:
        """Do nothing: there is no connection to close."""


class Smtp:
    """One connection to an SMTP server for many messages; made again where it broke.

    `smtps://` is encrypted from the first byte, `smtp://` by STARTTLS before anything else is sent. A message is sent
    without encryption only to this same machine, or if the address has `?tls=off`; a password only to this machine.
    """

    def __init__(self, url: str, *, helo: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.encrypted = parts.scheme == "smtps"
        self.may_be_plain = is_this_machine(self.host) or parse_qs(parts.query).get("tls") == ["off"]
        self.port = parts.port or (465 if self.encrypted else 25)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.helo = helo
        self.server: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connect, encrypt and sign in, unless that is done. Raises ServerAway."""
        if self.server:
            return
        try:
            self.server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ServerAway(f"the mail server at {self.host}:{self.port} cannot be used: {_words(error)}") from None

    def send(self, message: EmailMessage, *, recipient: str) -> None:
        """Hand one message to the server. Raises Refused."""
        if self.server is None:
            raise Refused("no connection")
        try:
            self.server.send_message(message, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            (code, words), *_ = error.recipients.values()
            raise Refused(f"recipient refused: {code} {_text(words)}", for_good=code >= 500) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(_words(error), for_good=True) from None
        except (OSError, smtplib.SMTPException) as error:
            self.close()  # after any error, the next message gets a new connection
            raise Refused(_words(error)) from None

    def describe(self) -> str:
        """Return where the connection leads and how it is protected."""
        encrypted = isinstance(self.server and self.server.sock, ssl.SSLSocket)
        signed_in = f", signed in as {self.user}" if self.user else ""
        return f"{self.host}:{self.port}, {'encrypted' if encrypted else 'not encrypted'}{signed_in}"

    def rehearse(self, sender: str) -> None:
        """Let the server say whether it takes a mail from the hall, and one to this same address; send none.

        Raises:
            Refused: `for_good` where it takes nothing from this sender.
        """
        if self.server is None:
            raise Refused("no connection")
        try:
            for verb, refused, for_good in (
                (self.server.mail, "it takes no mail from", True),
                (self.server.rcpt, "it takes no mail to", False),
            ):
                code, words = verb(sender)
                if not 200 <= code < 300:
                    raise Refused(f"{refused} {sender}: {code} {_text(words)}", for_good=for_good)
            self.server.rset()
        except (OSError, smtplib.SMTPException) as error:
            raise Refused(_words(error), for_good=True) from None

    def close(self) -> None:
        """Close the connection; errors of a server that has closed it already are ignored."""
        server, self.server = self.server, None
        if server:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, self.helo, timeout=TIMEOUT_SECONDS, context=self._tls()
            )
        else:
            server = smtplib.SMTP(self.host, self.port, self.helo, timeout=TIMEOUT_SECONDS)
        try:
            self._introduce(server)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        encrypted = self.encrypted
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=self._tls())
            encrypted = True
        if not encrypted and not self.may_be_plain:
            raise smtplib.SMTPException("it offers no encryption; ?tls=off at the end of HALL_MAIL_URL does without it")
        if self.user:
            if not encrypted and not is_this_machine(self.host):
                raise smtplib.SMTPException("it offers no encryption, so the password is not sent")
            server.login(self.user, self.password)

    def _tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if is_this_machine(
            self.host
        ):  # a relay on this machine has a self-signed certificate, and there is no network to listen on
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def _text(words: bytes | str) -> str:
    return " ".join((words.decode("utf-8", "replace") if isinstance(words, bytes) else words).split())
