"""Values between the outbox and the drivers of text messages: a message to send, its receipt, its delivery report."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import SplitResult, unquote

from hallapp.notifications.models import Delivery

_NUMBER = re.compile(r"\+?[0-9]{6,}")
_MAINLAND = "+86"
#: The characters of one part, and of each part of a longer text; one part less where a sign stands before it.
_ONE_PART, _EACH_PART = 70, 67
_ONE_LATIN, _EACH_LATIN = 160, 153
_REASON_LENGTH = 200
#: The default alphabet of GSM 03.38; those of the second line take two places.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_DOUBLE = frozenset("^{}\\[~]|€")


class Provider(StrEnum):
    """A provider that sends approved templates with values."""

    ALIYUN = "aliyun"
    TENCENT = "tencent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text message to send.

    Attributes:
        to: the number in E.164.
        body: the finished text, for a gateway without templates.
        number: the same on every attempt.
        template: the provider's name of the template.
        parameters: the variables of the template with their values, in the order of the template.
    """

    to: str
    body: str
    number: str
    template: str = ""
    sign: str = ""
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer of a provider that takes a message; `segments` is the number that it charges, where it says so."""

    provider_id: str | None = None
    segments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question for the delivery report of a message that a provider took at `sent_at`."""

    to: str
    provider_id: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A delivery report: the phone has the message, or the provider's code for the reason why not."""

    delivery: Delivery
    code: str = ""


class Driver(Protocol):
    """Sends text messages, one after the other. `host` is the name for logs and pages."""

    host: str

    def open(self) -> None:
        """Be ready to send; costs nothing when it is ready. Raises ServerAway."""

    def send(self, text: Text) -> Receipt:
        """Send one message. Raises Refused."""

    def ask(self, question: Question) -> Answer | None:
        """Return the delivery report of a message, or None while there is none. Raises Refused."""

    def close(self) -> None:
        """Let go of the connection."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a provider, read from a checked `HALL_SMS_URL`."""

    key_id: str
    secret: str
    host: str  # with its port, as in the Host header
    app_id: str
    region: str
    encrypted: bool

    @classmethod
    def of(cls, parts: SplitResult, *, region: str) -> "Account":
        """Return the account in an address; `region` is what holds if it names none."""
        given = parts.query.removeprefix("region=")
        return cls(
            key_id=unquote(parts.username or ""),
            secret=unquote(parts.password or ""),
            host=parts.netloc.rpartition("@")[2],
            app_id=parts.path.strip("/"),
            region=given or region,
            encrypted=not parts.fragment,
        )


def is_abroad(number: str) -> bool:
    """Return whether a number in E.164 is outside the Chinese mainland, where other templates and prices hold."""
    return not number.startswith(_MAINLAND)


def plain_number(number: str) -> str:
    """Return a number as Aliyun writes it: of the mainland without its country, of others with it, both without +."""
    return number.removeprefix("+") if is_abroad(number) else number.removeprefix(_MAINLAND)


def count_segments(text: str, *, to: str, sign: str = "") -> int:
    """Return the number of parts in which a text is sent and charged, with the sign that providers put before it.

    On the mainland every part has 70 characters; elsewhere a text in the alphabet of GSM has 160.
    """
    whole = f"【{sign}】{text}" if sign else text
    if is_abroad(to) and set(whole) <= _GSM | _GSM_DOUBLE:
        places = len(whole) + sum(one in _GSM_DOUBLE for one in whole)
        return _parts(places, _ONE_LATIN, _EACH_LATIN)
    return _parts(len(whole.encode("utf-16-le")) // 2, _ONE_PART, _EACH_PART)


def _parts(places: int, one: int, each: int) -> int:
    return 1 if places <= one else -(-places // each)


def reason_of(code: str, message: str = "") -> str:
    """Return the reason of a refusal for the outbox, without anything that looks like a phone number."""
    return _NUMBER.sub("…", " ".join(f"{code} {message}".split()))[:_REASON_LENGTH]
