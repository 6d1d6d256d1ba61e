"""Chat robots of WeCom, DingTalk, Feishu and Lark: their addresses, signatures, formats and answers.

All of them take a POST request with JSON, and answer 200 also where they refuse a message: the code in the body
decides. docs/decisions/0019 gives the reason why no library does this.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from hallapp.core import outbound
from hallapp.core.errors import N_

#: The longest text in bytes; WeCom takes 2,048, the others more.
MOST_BYTES = 2000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,128}")


class Provider(StrEnum):
    """The chat service of a robot."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    LARK = "lark"


#: The names of the services, as message ids.
PROVIDER_NAMES: dict[str, str] = {
    Provider.WECOM: N_("WeCom"),
    Provider.DINGTALK: N_("DingTalk"),
    Provider.FEISHU: N_("Feishu"),
    Provider.LARK: N_("Feishu (Lark)"),
}
#: The addresses of robots, up to what names the robot.
ADDRESSES = {
    Provider.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
    Provider.DINGTALK: "https://oapi.dingtalk.com/robot/send",
    Provider.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook",
    Provider.LARK: "https://open.larksuite.com/open-apis/bot/v2/hook",
}
_PARAMETERS = {Provider.WECOM: "key", Provider.DINGTALK: "access_token"}
#: Codes by which a robot asks to send later: more messages than it takes, or an error of its own.
_LATER = {
    Provider.WECOM: {-1, 45009, 45033},
    Provider.DINGTALK: {-1, 130101, 410100},
    Provider.FEISHU: {11232, 99991400},
    Provider.LARK: {11232, 99991400},
}


class NoRobot(ValueError):
    """The text is no address of a robot."""


class NotTaken(Exception):
    """A message was not taken; `for_good` where trying again cannot help. The text names no secret."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """A robot of a group chat; who knows `token` can write into the chat. `secret` signs, where the robot wants it."""

    provider: Provider
    token: str
    secret: str = ""

    @property
    def fingerprint(self) -> str:
        """Return a text by which the robot can be recognised, and which opens nothing."""
        return f"{self.provider.value}:{hashlib.sha256(self.token.encode()).hexdigest()[:12]}"

    def as_text(self) -> str:
        """Return the robot as JSON, to be encrypted."""
        return json.dumps({"provider": self.provider.value, "token": self.token, "secret": self.secret})

    @classmethod
    def from_text(cls, text: str) -> "Robot":
        """Return the robot of a text of `as_text`."""
        values = json.loads(text)
        return cls(provider=Provider(values["provider"]), token=values["token"], secret=values["secret"])


def read(address: str, secret: str = "") -> Robot:
    """Return the robot of the address that its chat shows. Raises NoRobot."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise NoRobot from None
    for provider, known in ADDRESSES.items():
        base, name = urlsplit(known), _PARAMETERS.get(provider)
        if parts.scheme != "https" or parts.netloc != base.netloc:
            continue
        path, _slash, token = parts.path.rpartition("/")
        if name:
            path, token = parts.path, parse_qs(parts.query).get(name, [""])[0]
        if path == base.path and _TOKEN.fullmatch(token):
            return Robot(provider=provider, token=token, secret=secret)
    raise NoRobot


def send(robot: Robot, text: str, *, at: datetime) -> None:
    """Write a text into the chat of a robot. Raises NotTaken."""
    address, body = _REQUESTS[robot.provider](robot, _cut(text), at)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    try:
        answer = _post(address, json.dumps(body, ensure_ascii=False).encode(), headers)
    except outbound.NoAnswer as error:
        raise NotTaken(f"{robot.provider}: no answer ({error.code})") from None
    if answer.status != 200:
        raise NotTaken(f"{robot.provider}: HTTP {answer.status}")
    code, words = _result(answer.body)
    if code is None:
        raise NotTaken(f"{robot.provider}: the answer cannot be read")
    if code:
        reason = f"{robot.provider}: {code} {words}".replace(robot.token, "…")
        raise NotTaken(reason, for_good=code not in _LATER[robot.provider])


_post: Callable[[str, bytes, Mapping[str, str]], outbound.Answer] = outbound.post


def _result(body: str) -> tuple[int | None, str]:
    """Return the code of an answer, 0 for a success, and its words; None where there is no code."""
    try:
        values = json.loads(body)
    except ValueError:
        return None, ""
    if not isinstance(values, dict):
        return None, ""
    code = next((values[name] for name in ("errcode", "code", "StatusCode") if name in values), None)
    words = next((values[name] for name in ("errmsg", "msg", "StatusMessage") if name in values), "")
    return (code if isinstance(code, int) else None), " ".join(str(words).split())[:200]


def _cut(text: str) -> str:
    """Return a text that is short enough for every robot, cut between two characters."""
    encoded = text.encode()
    if len(encoded) <= MOST_BYTES:
        return text
    return encoded[: MOST_BYTES - 3].decode(errors="ignore") + "…"


def _wecom(robot: Robot, text: str, _at: datetime) -> tuple[str, dict[str, Any]]:
    query = urlencode({"key": robot.token})
    return f"{ADDRESSES[robot.provider]}?{query}", {"msgtype": "text", "text": {"content": text}}


def _dingtalk(robot: Robot, text: str, at: datetime) -> tuple[str, dict[str, Any]]:
    query = {"access_token": robot.token}
    if robot.secret:
        stamp = str(int(at.timestamp() * 1000))
        query |= {"timestamp": stamp, "sign": _sign(robot.secret, f"{stamp}\n{robot.secret}")}
    return f"{ADDRESSES[robot.provider]}?{urlencode(query)}", {"msgtype": "text", "text": {"content": text}}


def _feishu(robot: Robot, text: str, at: datetime) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if robot.secret:
        stamp = str(int(at.timestamp()))
        body |= {"timestamp": stamp, "sign": _sign(f"{stamp}\n{robot.secret}", "")}  # the text is the key here
    return f"{ADDRESSES[robot.provider]}/{robot.token}", body


def _sign(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


_REQUESTS: dict[Provider, Callable[[Robot, str, datetime], tuple[str, dict[str, Any]]]] = {
    Provider.WECOM: _wecom,
    Provider.DINGTALK: _dingtalk,
    Provider.FEISHU: _feishu,
    Provider.LARK: _feishu,
}
