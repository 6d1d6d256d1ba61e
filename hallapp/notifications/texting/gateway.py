"""The way out for text messages: one HTTP request each to a gateway, as docs/operators.md describes it."""

import base64
import json
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import unquote, urlsplit

from hallapp.notifications import transports
from hallapp.notifications.texting.values import Answer, Question, Receipt, Text
from hallapp.notifications.transports import Refused, ServerAway

#: Status codes from 400 to 499 that mean "not now" rather than "never".
_LATER = frozenset({408, 425, 429})


class Gateway:
    """An HTTP gateway for text messages; a connection for each message, and no redirect is followed.

    A user and a password in the address are sent as HTTP Basic authentication.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port, self.encrypted = parts.hostname or "", parts.port, parts.scheme == "https"
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
        if parts.username is not None:
            secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self.headers["Authorization"] = f"Basic {base64.b64encode(secret).decode('ascii')}"
        self.connection: HTTPConnection | None = None

    def open(self) -> None:
        """Connect, unless that is done. Raises ServerAway."""
        if self.connection:
            return
        seconds = transports.TIMEOUT_SECONDS
        connection = (
            HTTPSConnection(self.host, self.port, timeout=seconds, context=ssl.create_default_context())
            if self.encrypted
            else HTTPConnection(self.host, self.port, timeout=seconds)
        )
        try:
            connection.connect()
        except OSError as error:
            connection.close()
            words = error.strerror or type(error).__name__
            raise ServerAway(f"the text message gateway at {self.host} cannot be used: {words}") from None
        self.connection = connection

    def send(self, text: Text) -> Receipt:
        """Hand one message to the gateway. Raises Refused.

        A gateway that took a message and whose answer was lost gets it again, and knows it by its number.
        """
        if self.connection is None:
            raise Refused("no connection")
        body = json.dumps({"to": text.to, "text": text.body, "id": text.number}, ensure_ascii=False).encode()
        try:
            self.connection.request("POST", self.target, body, self.headers)
            status = self.connection.getresponse().status
        except (OSError, HTTPException) as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
            raise Refused(f"gateway: {reason}") from None
        finally:
            self.close()
        if not 200 <= status < 300:
            raise Refused(f"gateway: HTTP {status}", for_good=400 <= status < 500 and status not in _LATER)
        return Receipt()

    def ask(self, question: Question) -> Answer | None:
        """Return None: such a gateway has no delivery reports."""

    def ask_head(self) -> int:
        """Ask for the head of the gateway's address, which sends nothing, and return the status. Raises Refused."""
        if self.connection is None:
            raise Refused("no connection")
        try:
            self.connection.request("HEAD", self.target, headers=self.headers)
            return self.connection.getresponse().status
        except (OSError, HTTPException) as error:
            raise Refused("no answer in time" if isinstance(error, TimeoutError) else type(error).__name__) from None
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the connection."""
        connection, self.connection = self.connection, None
        if connection:
            connection.close()
