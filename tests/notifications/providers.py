"""Real HTTP servers in threads that speak as Aliyun's and Tencent's text messages are documented to, with signatures.

The signatures are computed here from the documents, not by the libraries: a request with a wrong one is refused. What a
number gets is decided by its end.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlsplit

KEY_ID, SECRET = "LTAItestkeyid0001", "s3cret/Key+of=the:Hall"
APP_ID = "1400006666"


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _hmac(key: bytes, data: str) -> bytes:
    return hmac.new(key, data.encode(), hashlib.sha256).digest()


def _signed(authorization: str, prefix: str) -> dict[str, str]:
    assert authorization.startswith(prefix + " ")
    parts = authorization.removeprefix(prefix + " ").split(",")
    return dict(part.strip().split("=", 1) for part in parts)


class Provider(ThreadingHTTPServer):
    """Keeps the requests whose signature was right; `wrong` counts the others."""

    daemon_threads = True

    def __init__(self, handler: type[BaseHTTPRequestHandler], scheme: str, path: str) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.scheme, self.path = scheme, path
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.wrong = 0

    def url(self, secret: str = SECRET) -> str:
        key = f"{KEY_ID}:{quote(secret, safe='')}"
        return f"{self.scheme}://{key}@127.0.0.1:{self.server_port}{self.path}#tls=off"


class _Handler(BaseHTTPRequestHandler):
    server: Provider

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        action, parameters, is_right = self.read(body)
        if is_right:
            self.server.asked.append((action, parameters))
        else:
            self.server.wrong += 1
        status, answer = self.answer(action, parameters, is_right=is_right)
        data = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def read(self, body: bytes) -> tuple[str, dict[str, Any], bool]:
        raise NotImplementedError

    def answer(self, action: str, parameters: dict[str, Any], *, is_right: bool) -> tuple[int, dict[str, Any]]:
        raise NotImplementedError

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _Aliyun(_Handler):
    """SendSms and QuerySendDetails; `…0001` is over the limit, `…0002` has a wrong template, `…0003` is throttled."""

    SEND: ClassVar = {"0001": "isv.BUSINESS_LIMIT_CONTROL", "0002": "isv.SMS_TEMPLATE_ILLEGAL"}

    def read(self, body: bytes) -> tuple[str, dict[str, Any], bool]:
        """ACS3-HMAC-SHA256, as in "V3 request body and signature mechanism"."""
        parts = urlsplit(self.path)
        query = sorted(parse_qsl(parts.query, keep_blank_values=True))
        canonical_query = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query)
        given = _signed(self.headers["Authorization"], "ACS3-HMAC-SHA256")
        names = given["SignedHeaders"].split(";")
        must = {name for name in (key.lower() for key in self.headers) if name.startswith("x-acs-")} | {"host"}
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names)
        digest = _sha(body)
        canonical = "\n".join((self.command, parts.path, canonical_query, headers, given["SignedHeaders"], digest))
        signature = _hmac(SECRET.encode(), f"ACS3-HMAC-SHA256\n{_sha(canonical.encode())}").hex()
        is_right = (
            signature == given["Signature"]
            and given["Credential"] == KEY_ID
            and must <= set(names)
            and names == sorted(names)
            and self.headers["x-acs-content-sha256"] == digest
            and self.headers["x-acs-version"] == "2017-05-25"
        )
        return self.headers["x-acs-action"], dict(query) | dict(parse_qsl(body.decode())), is_right

    def answer(self, action: str, parameters: dict[str, Any], *, is_right: bool) -> tuple[int, dict[str, Any]]:
        if not is_right:
            words = f"Specified signature is not matched with our calculation. server string: {parameters}"
            return 400, {"Code": "SignatureDoesNotMatch", "Message": words, "RequestId": "1"}
        if action == "SendSms":
            number = parameters["PhoneNumbers"]
            if number.endswith("0003"):
                return 400, {"Code": "Throttling.User", "Message": "Request was denied", "RequestId": "1"}
            code = self.SEND.get(number[-4:], "OK")
            answer = {"Code": code, "Message": f"about {number}" if code != "OK" else "OK", "RequestId": "1"}
            return 200, answer | ({"BizId": f"biz^{number}"} if code == "OK" else {})
        status = {"0010": 1, "0011": 2}.get(parameters["PhoneNumber"][-4:], 3)
        detail = {
            "SendStatus": status,
            "ErrCode": {1: "", 2: "MOBILE_NOT_ON_SERVICE", 3: "DELIVERED"}[status],
            "PhoneNum": parameters["PhoneNumber"],
        }
        details = {"SmsSendDetailDTO": [detail]}
        return 200, {"Code": "OK", "Message": "OK", "TotalCount": 1, "SmsSendDetailDTOs": details}


class _Tencent(_Handler):
    """SendSms and PullSmsSendStatusByPhoneNumber, with the same ends as Aliyun."""

    SEND: ClassVar = {
        "0001": "LimitExceeded.PhoneNumberDailyLimit",
        "0002": "FailedOperation.TemplateIncorrectOrUnapproved",
    }

    def read(self, body: bytes) -> tuple[str, dict[str, Any], bool]:
        """TC3-HMAC-SHA256, as in "Signature Algorithm v3"."""
        given = _signed(self.headers["Authorization"], "TC3-HMAC-SHA256")
        moment = int(self.headers["X-TC-Timestamp"])
        day = datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d")
        scope, names = f"{day}/sms/tc3_request", given["SignedHeaders"].split(";")
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names)
        canonical = "\n".join((self.command, self.path, "", headers, given["SignedHeaders"], _sha(body)))
        to_sign = f"TC3-HMAC-SHA256\n{moment}\n{scope}\n{_sha(canonical.encode())}"
        key = f"TC3{SECRET}".encode()
        for part in (day, "sms", "tc3_request"):
            key = _hmac(key, part)
        is_right = (
            _hmac(key, to_sign).hex() == given["Signature"]
            and given["Credential"] == f"{KEY_ID}/{scope}"
            and {"content-type", "host"} <= set(names)
            and self.headers["X-TC-Version"] == "2021-01-11"
            and self.headers["X-TC-Region"] == "ap-guangzhou"
        )
        return self.headers["X-TC-Action"], json.loads(body), is_right

    def answer(self, action: str, parameters: dict[str, Any], *, is_right: bool) -> tuple[int, dict[str, Any]]:
        if not is_right:
            error = {"Code": "AuthFailure.SignatureFailure", "Message": f"wrong: {parameters}"}
            return 200, {"Response": {"Error": error, "RequestId": "1"}}
        if action == "SendSms":
            (number,) = parameters["PhoneNumberSet"]
            if number.endswith("0003"):
                error = {"Code": "RequestLimitExceeded", "Message": "too many"}
                return 200, {"Response": {"Error": error, "RequestId": "1"}}
            code = self.SEND.get(number[-4:], "Ok")
            is_sent = code == "Ok"
            status = {"Code": code, "Message": f"about {number}", "PhoneNumber": number}
            status |= {"SerialNo": f"serial:{number}" if is_sent else "", "Fee": 2 if is_sent else 0}
            return 200, {"Response": {"SendStatusSet": [status], "RequestId": "1"}}
        number = parameters["PhoneNumber"]
        other = {"SerialNo": "serial:of another message", "ReportStatus": "FAIL", "Description": "UNKNOWN"}
        mine = {
            "SerialNo": f"serial:{number}",
            "ReportStatus": "FAIL" if number.endswith("0011") else "SUCCESS",
            "Description": "MOBILE_NOT_ON_SERVICE" if number.endswith("0011") else "DELIVRD",
        }
        reports = [other] if number.endswith("0010") else [other, mine]
        return 200, {"Response": {"PullSmsSendStatusSet": reports, "RequestId": "1"}}


@contextmanager
def provider(name: str) -> Iterator[Provider]:
    """Serve as `aliyun` or `tencent`."""
    handler = {"aliyun": _Aliyun, "tencent": _Tencent}[name]
    server = Provider(handler, name, f"/{APP_ID}" if name == "tencent" else "")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
