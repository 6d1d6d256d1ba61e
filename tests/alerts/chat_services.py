"""The chat services on loopback, as they document their robots: formats, signatures, limits, and codes."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hallapp.alerts import robots
from hallapp.alerts.robots import Provider
from hallapp.core import outbound

#: https://developer.work.weixin.qq.com/document/path/91770, https://open.dingtalk.com/document/robots/custom-robot-access,
#: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
TOKENS = {
    Provider.WECOM: "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    Provider.DINGTALK: "ding8f3a1c2e4b",
    Provider.FEISHU: "feishu-0a1b2c3d",
}
SECRETS = {Provider.WECOM: "", Provider.DINGTALK: "SEC5a6b7c8d", Provider.FEISHU: "feishu-secret"}
MOST_A_MINUTE = 20


class ChatServices(ThreadingHTTPServer):
    """Takes messages of the right form and signature, at most 20 of each robot; `status` other than 200 takes none."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: list[tuple[Provider, str]] = []
        self.status = 200

    def texts(self, provider: Provider) -> list[str]:
        return [text for whose, text in self.taken if whose is provider]


class _Handler(BaseHTTPRequestHandler):
    server: ChatServices

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        parts = urlsplit(self.path)
        query = {name: one for name, [one] in parse_qs(parts.query).items()}
        provider = {
            "/cgi-bin/webhook/send": Provider.WECOM,
            "/robot/send": Provider.DINGTALK,
            f"/open-apis/bot/v2/hook/{TOKENS[Provider.FEISHU]}": Provider.FEISHU,
        }[parts.path]
        answer = getattr(self, f"_{provider.value}")(query, body)
        text = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _wecom(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query != {"key": TOKENS[Provider.WECOM]}:
            return {"errcode": 93000, "errmsg": f"invalid webhook url {query.get('key')}, hint: [1]"}
        if len(body["text"]["content"].encode()) > 2048:
            return {"errcode": 40058, "errmsg": "content exceed max length"}
        return self._take(Provider.WECOM, body["text"]["content"], "errcode", 45009, "errmsg")

    def _dingtalk(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("access_token") != TOKENS[Provider.DINGTALK]:
            return {"errcode": 300005, "errmsg": "token is not exist"}
        secret, stamp = SECRETS[Provider.DINGTALK], query.get("timestamp", "0")
        right = _hmac(secret, f"{stamp}\n{secret}")
        if query.get("sign") != right or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
            return {"errcode": 310000, "errmsg": "description:机器人发送签名不匹配"}
        return self._take(Provider.DINGTALK, body["text"]["content"], "errcode", 130101, "errmsg")

    def _feishu(self, _query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        stamp = body.get("timestamp", "0")
        right = _hmac(f"{stamp}\n{SECRETS[Provider.FEISHU]}", "")
        if body.get("sign") != right or abs(time.time() - int(stamp)) > 3600:
            return {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time"}
        return self._take(Provider.FEISHU, body["content"]["text"], "code", 11232, "msg")

    def _take(self, provider: Provider, text: str, code: str, too_many: int, words: str) -> dict[str, Any]:
        if len(self.server.texts(provider)) >= MOST_A_MINUTE:
            return {code: too_many, words: "send too fast, exceed 20 times per minute"}
        if self.server.status == 200:
            self.server.taken.append((provider, text))
        return {code: 0, words: "ok"}

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


@contextmanager
def chat_services(patch: pytest.MonkeyPatch) -> Iterator[ChatServices]:
    """The services in a thread; robots find them under the paths of the real ones."""
    server = ChatServices()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    for provider, address in list(robots.ADDRESSES.items()):
        there = urlsplit(address)._replace(scheme="http", netloc=f"127.0.0.1:{server.server_port}").geturl()
        patch.setitem(robots.ADDRESSES, provider, there)
    patch.setattr(robots, "_post", lambda url, body, headers: outbound.post(url, body, headers, private=True))
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
