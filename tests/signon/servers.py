"""Other systems on loopback: an OpenID provider that can misbehave, and platforms that speak their documented OAuth."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from hallapp.signon import platforms
from hallapp.signon.platforms import Hosts

CLIENT, SECRET = "hall-client", "s3cret & more/="
Answer = tuple[int, Any]


class _Server:
    """A server of JSON; `answer` gets the method, the path, the query, the body and the headers."""

    url: str

    def answer(self, method: str, path: str, query: dict[str, str], body: str, headers: Any) -> Answer:
        raise NotImplementedError

    @contextmanager
    def serve(self) -> Iterator[None]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, found = outer.answer(self.command, parts.path, query, body, self.headers)
                content = b"" if status == 302 else json.dumps(found).encode()
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", found)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _do  # noqa: N815 — names of the library

            def log_message(self, *_arguments: Any) -> None:
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}"
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            yield
            server.shutdown()
            thread.join()


class OpenIdProvider(_Server):
    """Checks the client, the redirect address and the PKCE verifier; signs with a key that `rotate` exchanges.

    `person` are the claims of whoever signs in, `user_info` what only the user info tells, `spoilt` changes the claims
    of the next ID tokens, `forge` signs them in another way, and `issued` changes the answer to the browser.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.person: dict[str, Any] = {"sub": "u-1"}
        self.user_info: dict[str, Any] = {}
        self.spoilt: dict[str, Any] = {}
        self.forge: Callable[[dict[str, Any]], str] | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: dict[str, str] = {}
        self.rotate()

    def rotate(self) -> None:
        self.key = RSAKey.generate_key(2048, private=True, auto_kid=True)

    def answer(self, method: str, path: str, query: dict[str, str], body: str, headers: Any) -> Answer:
        if path == "/.well-known/openid-configuration":
            names = {"authorization": "authorize", "token": "token", "userinfo": "me", "end_session": "end"}
            found: dict[str, Any] = {f"{name}_endpoint": f"{self.url}/{path}" for name, path in names.items()}
            return 200, found | {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/jwks",
                "authorization_response_iss_parameter_supported": True,
                "scopes_supported": ["openid", "email", "groups"],
            }
        if path == "/jwks":
            return 200, {"keys": [self.key.as_dict(private=False), {"kty": "unheard-of"}]}
        if path == "/authorize":
            return 302, self.authorize(query)
        if path == "/token":
            return self._token(parse_qs(body), headers)
        if path == "/me":
            return 200, {"sub": self.person["sub"], **self.user_info}
        return 404, {}

    def authorize(self, asked: dict[str, str]) -> str:
        """Sign the person in, and return where the browser goes on this site."""
        self.asked = asked
        assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        assert asked["redirect_uri"].startswith("http://127.0.0.1:8000/")
        path = asked["redirect_uri"].removeprefix("http://127.0.0.1:8000")
        return f"{path}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.url})}"

    def _token(self, form: dict[str, list[str]], headers: Any) -> Answer:
        asked = self.codes.pop(form["code"][0], None)
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        challenge = _base64(digest)
        basic = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        if basic not in (f"{CLIENT}:{SECRET}", urlencode({CLIENT: SECRET}).replace("=", ":", 1)):
            return 401, {"error": "invalid_client"}
        known = asked and (asked["code_challenge"], asked["redirect_uri"]) == (challenge, form["redirect_uri"][0])
        if not asked or not known:
            return 400, {"error": "invalid_grant"}
        now = int(self.now())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in {**claims, **self.person, **self.spoilt}.items() if value is not None}
        token = self.forge(claims) if self.forge else self.sign(claims)
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": token}

    def sign(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def sign_with_the_secret(self, claims: dict[str, Any]) -> str:
        text = _unsigned("HS256", claims)
        return f"{text}.{_base64(hmac.digest(SECRET.encode(), text.encode(), 'sha256'))}"

    def sign_not_at_all(self, claims: dict[str, Any]) -> str:
        return _unsigned("none", claims) + "."

    def sign_with_another_key(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, RSAKey.generate_key(2048))


def _unsigned(algorithm: str, claims: dict[str, Any]) -> str:
    return f"{_base64(json.dumps({'alg': algorithm}).encode())}.{_base64(json.dumps(claims).encode())}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Platform(_Server):
    """WeCom, DingTalk and Feishu (Lark) as documented; the code `good` is of the person, any other one is refused."""

    @contextmanager
    def serve_as(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Serve in the place of a platform; its addresses stay when the server has ended."""
        with self.serve():
            monkeypatch.setitem(platforms.HOSTS, kind, Hosts(people=self.url, api=self.url))
            yield

    def answer(self, method: str, path: str, query: dict[str, str], body: str, headers: Any) -> Answer:
        sent = json.loads(body) if body else {}
        match method, path:
            case "GET", "/cgi-bin/gettoken":
                right = (query["corpid"], query["corpsecret"]) == (CLIENT, SECRET)
                return 200, {"errcode": 0, "access_token": "wt"} if right else {"errcode": 40001, "errmsg": "invalid"}
            case "GET", "/cgi-bin/auth/getuserinfo":
                if query["access_token"] != "wt" or query["code"] not in ("good", "outsider"):
                    return 200, {"errcode": 40029, "errmsg": "invalid code"}
                who = {"userid": "lina"} if query["code"] == "good" else {"openid": "o-1"}
                return 200, {"errcode": 0, "errmsg": "ok", **who}
            case "POST", "/v1.0/oauth2/userAccessToken":
                wanted = {"clientId": CLIENT, "clientSecret": SECRET, "grantType": "authorization_code"}
                if sent != {**wanted, "code": "good"}:
                    return 400, {"code": "invalidParameter.authCode.notFound", "message": "authCode is not found"}
                return 200, {"accessToken": "dt", "refreshToken": "r", "expireIn": 7200}
            case "GET", "/v1.0/contact/users/me":
                assert headers["x-acs-dingtalk-access-token"] == "dt"
                return 200, {"nick": "李娜", "openId": "o", "unionId": "union-lina", "email": "lina@example.org"}
            case "POST", "/open-apis/authen/v2/oauth/token":
                assert (sent["client_id"], sent["client_secret"], sent["grant_type"]) == (
                    *(CLIENT, SECRET),
                    "authorization_code",
                )
                if sent["code"] != "good" or not sent["code_verifier"]:
                    return 400, {"code": 20003, "error": "invalid_grant", "error_description": "code not found"}
                return 200, {"code": 0, "access_token": "ft", "expires_in": 7200, "token_type": "Bearer"}
            case "GET", "/open-apis/authen/v1/user_info":
                assert headers["Authorization"] == "Bearer ft"
                return 200, {"code": 0, "msg": "success", "data": {"name": "李娜", "open_id": "ou_lina"}}
        return 404, {}
