"""Checks that speak with other servers: mail, text messages, and the public address of the hall. Nothing is sent."""

import http.client
import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from hallapp.core import clock, runtime
from hallapp.doctor.findings import Finding, ok, warning, wrong
from hallapp.notifications.sender import sender_address
from hallapp.notifications.texting import driver_for, find_host, find_provider
from hallapp.notifications.texting.gateway import Gateway
from hallapp.notifications.texting.values import Question
from hallapp.notifications.transports import Refused, ServerAway, Smtp, transport_for
from hallapp.settings import Settings, is_this_machine

_SECONDS = 10
_NOBODY = "+8610000000000"  # no number of anybody
#: The words by which the codes of providers say that the access key is wrong, or may not do this.
_ABOUT_KEYS = ("AccessKey", "Signature", "AuthFailure", "Forbidden", "Unauthorized", "NoPermission")
_UNAUTHORISED = (401, 403)
_DOUBTFUL = (404, 500, 502, 503, 504)  # others, such as 405, only say that HEAD is not what is done there


def check_mail() -> Iterator[Finding]:
    """Speak with the mail server up to the point where a mail would be sent."""
    settings = runtime.settings()
    if not settings.mail_url:
        do = "Set HALL_MAIL_URL, such as smtp://user:password@host:587?from=hall@example.org"
        yield warning("mail", "HALL_MAIL_URL is not set: messages stay in the outbox", do)
        return
    sender = sender_address(settings.mail_url, settings.base_url)
    do = "Correct HALL_MAIL_URL, or ask whoever runs the mail server."
    try:
        with transport_for(settings.mail_url, helo=sender.rpartition("@")[2]) as transport:
            transport.open()
            if not isinstance(transport, Smtp):
                yield ok("mail", "written into a folder of files")
                return
            how = transport.describe()
            transport.rehearse(sender)
    except ServerAway as error:
        yield wrong("mail", str(error), do)
    except Refused as error:
        judge = wrong if error.for_good else warning
        yield judge("mail", error.reason, "Let ?from= of HALL_MAIL_URL name a sender that the server knows.")
    else:
        yield ok("mail", f"{how}: it takes mail from {sender}")


def check_text_messages() -> Iterator[Finding]:
    """Ask the gateway for its head, which sends nothing."""
    url = runtime.settings().sms_url
    if not url:
        yield ok("text messages", "HALL_SMS_URL is not set: none are written")
        return
    if find_provider(url):
        yield _examine_provider(url)
        return
    gateway = Gateway(url)
    try:
        gateway.open()
        status = gateway.ask_head()
    except ServerAway as error:
        yield wrong("text messages", str(error), "Correct HALL_SMS_URL, or ask whoever runs the gateway.")
        return
    except Refused as error:
        do = "HALL_SMS_URL must name a server that speaks HTTP."
        yield wrong("text messages", f"the gateway at {gateway.host}: {error.reason}", do)
        return
    found = f"the gateway at {gateway.host} answers {status} {http.client.responses.get(status, '')}".rstrip()
    if status in _UNAUTHORISED:
        yield wrong("text messages", found, "Correct the user and the password in HALL_SMS_URL.")
    elif status in _DOUBTFUL:
        yield warning("text messages", found, "Look at the path in HALL_SMS_URL: messages go there by POST.")
    else:
        yield ok("text messages", found)


def _examine_provider(url: str) -> Finding:
    """Ask a provider for the report of a message that does not exist: only a right key gets an answer about it."""
    driver, host = driver_for(url), find_host(url)
    question = Question(to=_NOBODY, provider_id="0", sent_at=clock.now())
    try:
        driver.open()
        driver.ask(question)
    except ServerAway as error:
        return wrong("text messages", str(error), "Correct HALL_SMS_URL, or let this machine reach the provider.")
    except Refused as error:
        found = f"the provider at {host} answers {error.reason}"
        if any(word in error.reason for word in _ABOUT_KEYS):
            return wrong("text messages", found, "Correct the id and the secret of the access key in HALL_SMS_URL.")
        return warning("text messages", found, "Look up this code in the documents of the provider.")
    finally:
        driver.close()
    return ok("text messages", f"the provider at {host} accepts the access key")


def check_address() -> Iterator[Finding]:
    """Compare the public address with the number of proxies, and open it as a visitor does."""
    settings = runtime.settings()
    yield from _check_address_itself(settings)
    try:
        health, metrics = _fetch(settings.base_url, "/healthz"), _fetch(settings.base_url, "/metrics")
    except (OSError, HTTPException) as error:
        words = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        do = "Start the service and its proxy; from inside, a router may hide the address although visitors reach it."
        yield warning("public address", f"{settings.base_url} does not answer from here: {words}", do)
        return
    if health != http.client.OK:
        do = "Another server answers there: let HALL_BASE_URL name this one, or correct the proxy."
        yield wrong("public address", f"{settings.base_url}/healthz answers {health}", do)
    elif metrics == http.client.OK and not is_this_machine(urlsplit(settings.base_url).hostname or ""):
        do = "Let the proxy set X-Forwarded-For, and answer 404 to /metrics by itself."
        yield wrong("public address", "everybody can read /metrics there", do)
    else:
        yield ok("public address", f"{settings.base_url} answers")


def _check_address_itself(settings: Settings) -> Iterator[Finding]:
    local = is_this_machine(urlsplit(settings.base_url).hostname or "")
    if local:
        do = "Set HALL_BASE_URL to where visitors reach the hall, before the first pass is printed."
        yield warning("address", f"passes lead to {settings.base_url}, this machine itself", do)
    elif not settings.secure:
        do = "Put a proxy with HTTPS in front: without it no browser lets a desk use its camera, or work offline."
        yield warning("address", f"{settings.base_url} is not encrypted", do)
    if not local and not settings.proxies:
        do = "Set HALL_PROXIES=1 for one proxy in front, 2 for two."
        yield warning("proxies", "HALL_PROXIES is 0: behind a proxy all visitors count as one network", do)
    elif local and settings.proxies:
        found = f"HALL_PROXIES is {settings.proxies}, but the address is this machine itself"
        yield warning("proxies", found, "Set HALL_PROXIES=0 without a proxy: else visitors can choose their address.")
    elif not local and settings.secure:
        yield ok("address", f"{settings.base_url} behind {settings.proxies} proxies")


def _fetch(base_url: str, path: str) -> int:
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    connection = (
        HTTPSConnection(host, parts.port, timeout=_SECONDS, context=ssl.create_default_context())
        if parts.scheme == "https"
        else HTTPConnection(host, parts.port, timeout=_SECONDS)
    )
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()
