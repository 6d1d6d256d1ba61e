"""The OAuth of WeCom, DingTalk, Feishu and Lark, as their platforms document it.

None of them vouches for a mail address in a form that could be relied on, so an account there is connected by an
invitation, or by its owner who is signed in here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hallapp.signon import exchange
from hallapp.signon.assertion import Assertion, Provider, Start
from hallapp.signon.errors import AnswerRefused
from hallapp.signon.oidc import SUBJECT_LENGTH, get_json, read_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The hosts at which people sign in, in a browser or (`inside`) in the platform's own app, and that of the API."""

    people: str
    api: str
    inside: str = ""


HOSTS = {
    "wecom": Hosts(
        people="https://login.work.weixin.qq.com",
        api="https://qyapi.weixin.qq.com",
        inside="https://open.weixin.qq.com",
    ),
    "dingtalk": Hosts(people="https://login.dingtalk.com", api="https://api.dingtalk.com"),
    "feishu": Hosts(people="https://accounts.feishu.cn", api="https://open.feishu.cn"),
    "lark": Hosts(people="https://accounts.larksuite.com", api="https://open.larksuite.com"),
}


def start_url(provider: Provider, start: Start, *, redirect_uri: str, user_agent: str) -> str:
    """Return the address at the platform at which a person signs in; `user_agent` tells WeCom's own browser."""
    hosts = HOSTS[provider.kind]
    common = {"redirect_uri": redirect_uri, "response_type": "code", "state": start.state}
    if provider.kind == "wecom" and "wxwork" in user_agent.lower():
        wanted = {"appid": provider.client_id, **common, "scope": "snsapi_base", "agentid": provider.agent_id}
        return f"{hosts.inside}/connect/oauth2/authorize?{urlencode(wanted)}#wechat_redirect"
    if provider.kind == "wecom":
        del common["response_type"]
        wanted = {"login_type": "CorpApp", "appid": provider.client_id, "agentid": provider.agent_id, **common}
        return f"{hosts.people}/wwlogin/sso/login?{urlencode(wanted)}"
    if provider.kind == "dingtalk":
        wanted = {**common, "client_id": provider.client_id, "scope": "openid", "prompt": "consent"}
        return f"{hosts.people}/oauth2/auth?{urlencode(wanted)}"
    challenge = create_s256_code_challenge(start.verifier)
    wanted = {**common, "client_id": provider.client_id, "code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{hosts.people}/open-apis/authen/v1/authorize?{urlencode(wanted)}"


def finish(provider: Provider, start: Start, answer: Mapping[str, str], *, redirect_uri: str) -> Assertion:
    """Redeem the code of an answer, and return who the person is. Raises AnswerRefused, ProviderAway."""
    hosts, code = HOSTS[provider.kind], answer["code"]
    if provider.kind == "wecom":
        subject = _wecom(provider, hosts, code)
    elif provider.kind == "dingtalk":
        subject = _dingtalk(provider, hosts, code)
    else:
        subject = _feishu(provider, hosts, code, start.verifier, redirect_uri)
    if not (isinstance(subject, str) and 0 < len(subject) <= SUBJECT_LENGTH):
        raise AnswerRefused
    return Assertion(subject=subject)


def _wecom(provider: Provider, hosts: Hosts, code: str) -> Any:
    """Return the `userid` of a member of the company; people outside of it have only an `openid`, and are refused."""
    asked = urlencode({"corpid": provider.client_id, "corpsecret": provider.secret})
    token = _without_error(get_json(f"{hosts.api}/cgi-bin/gettoken?{asked}"), "errcode").get("access_token")
    asked = urlencode({"access_token": token, "code": code})
    return _without_error(get_json(f"{hosts.api}/cgi-bin/auth/getuserinfo?{asked}"), "errcode").get("userid")


def _dingtalk(provider: Provider, hosts: Hosts, code: str) -> Any:
    """Return the `unionId` of a person: the same for all apps of one company."""
    wanted = {"clientId": provider.client_id, "clientSecret": provider.secret}
    wanted |= {"code": code, "grantType": "authorization_code"}
    token = _post(f"{hosts.api}/v1.0/oauth2/userAccessToken", wanted).get("accessToken")
    if not isinstance(token, str):
        raise AnswerRefused
    return get_json(f"{hosts.api}/v1.0/contact/users/me", {"x-acs-dingtalk-access-token": token}).get("unionId")


def _feishu(provider: Provider, hosts: Hosts, code: str, verifier: str, redirect_uri: str) -> Any:
    """Return the `open_id` of a person, which belongs to this app."""
    wanted = {"grant_type": "authorization_code", "client_id": provider.client_id, "client_secret": provider.secret}
    wanted |= {"code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    token = _without_error(_post(f"{hosts.api}/open-apis/authen/v2/oauth/token", wanted), "code").get("access_token")
    if not isinstance(token, str):
        raise AnswerRefused
    found = get_json(f"{hosts.api}/open-apis/authen/v1/user_info", {"Authorization": f"Bearer {token}"})
    about = _without_error(found, "code").get("data")
    return about.get("open_id") if isinstance(about, dict) else None


def _post(url: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the answer to a JSON request. Raises AnswerRefused for a refusal (4xx), ProviderAway for anything else."""

    def send() -> requests.Response:
        response = session.post(url, json=wanted, allow_redirects=False)
        if 400 <= response.status_code < 500:
            raise AnswerRefused
        return response

    with exchange.limited_session() as session:
        return read_json(send)


def _without_error(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an answer whose error code is 0; the platforms send errors with the status 200. Raises AnswerRefused."""
    if answer.get(name, 0) != 0:
        raise AnswerRefused
    return answer
