"""A check before the library of a provider speaks: the server can be reached, and the logs get no numbers."""

import logging
import socket
from urllib.request import getproxies

from hallapp.notifications import transports
from hallapp.notifications.texting.values import Account
from hallapp.notifications.transports import ServerAway

#: The loggers of the libraries, which write whole requests, with numbers and values, where somebody wants details.
_TALKATIVE = ("urllib3", "tencentcloud_sdk_common", "darabonba-core")


def reach(account: Account) -> None:
    """Connect to the host of an account, unless a proxy leads there. Raises ServerAway."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    if getproxies().get("https" if account.encrypted else "http"):
        return
    host, _colon, port = account.host.partition(":")
    address = (host, int(port or (443 if account.encrypted else 80)))
    try:
        socket.create_connection(address, timeout=transports.TIMEOUT_SECONDS).close()
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise ServerAway(f"the text message provider at {host} cannot be used: {words}") from None
