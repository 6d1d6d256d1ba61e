"""A receiver of webhooks: it checks that an event comes from the hall, takes each event once, and prints it.

    WEBHOOK_SECRET=whsec_… python webhook_receiver.py 8080

It needs nothing but Python. In service it stands behind a web server that speaks HTTPS. The libraries of
https://www.standardwebhooks.com do the same check in other languages.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

#: An event that is older, or whose time lies further in the future, could be a recording that somebody sends again.
MOST_SECONDS = 5 * 60
MOST_BYTES = 256 * 1024


def verify(secret: str, headers: dict[str, str], body: bytes) -> str:
    """Return the id of an event that is genuine. Raises ValueError."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not event_id or not timestamp.isdigit() or abs(time.time() - int(timestamp)) > MOST_SECONDS:
        raise ValueError("no event of these minutes")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    # While the secret is being renewed, there is a signature for the new one and one for the previous one.
    signatures = headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise ValueError("the signature is not that of our secret")
    return event_id


class Receiver(BaseHTTPRequestHandler):
    """Answers 204 to a genuine event, also when it comes again, and 401 to anything else."""

    seen: ClassVar[set[str]] = set()  # keep the ids in your database, so that a restart forgets none

    def do_POST(self) -> None:
        """Take an event."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_BYTES))
        try:
            event_id = verify(os.environ["WEBHOOK_SECRET"], {k.lower(): v for k, v in self.headers.items()}, body)
        except ValueError as error:
            self._answer(401, str(error))
            return
        if event_id not in self.seen:  # an event can come twice, and events can change places on the way
            self.seen.add(event_id)
            event = json.loads(body)
            sys.stdout.write(f"{event['timestamp']} {event['type']} {json.dumps(event['data'], ensure_ascii=False)}\n")
            sys.stdout.flush()
        self._answer(204)

    def _answer(self, status: int, text: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Write no line for each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver)
    sys.stdout.write(f"listening on http://127.0.0.1:{server.server_port}/\n")
    sys.stdout.flush()
    server.serve_forever()
