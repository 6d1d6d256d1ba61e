"""What is measured: the requests as browsers and devices send them, each beside its bare counterpart."""

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, build_opener
from uuid import uuid4

from tests import factories
from tests.bench import load, rows
from tests.bench.stage import Stage
from tests.live import Live

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Requests without end, or as many as there are groups, that are all answered with one status.

    One request does so many `things`, which are what the rate counts.
    """

    name: str
    url: str
    status: int
    requests: Iterator[bytes]
    connections: int = 8
    things: int = 1


class Visitor:
    """A browser's session: its cookies, and the token that its forms carry."""

    def __init__(self, live: Live, path: str) -> None:
        self.url, self._cookies = live.url, CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._cookies))
        self.token = self._fetch(path)

    def sign_in(self) -> "Visitor":
        """Sign in as the manager; the new session has a token of its own."""
        form = {"csrf_token": self.token, "next": "/desk", "name": rows.MANAGER, "password": factories.PASSWORD}
        self.token = self._fetch("/sign-in", urlencode(form).encode())
        return self

    @property
    def headers(self) -> dict[str, str]:
        """What every request of this session sends."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._cookies)
        return {"Cookie": cookies, "Accept": "text/html", "Accept-Language": "zh-CN"}

    def fetch(self, path: str, body: bytes | None = None) -> bytes:
        """What a path answers, to a form where there is one."""
        with self._opener.open(self.url + path, body, timeout=30) as page:
            return bytes(page.read())

    def _fetch(self, path: str, body: bytes | None = None) -> str:
        found = _TOKEN.search(self.fetch(path, body).decode())
        if found is None:
            raise load.Unexpected(f"no token on {path}")
        return found[1]


def measures(stage: Stage) -> list[Measure]:
    """All of them, in an order that puts each beside its counterpart."""
    (young, little), (old, much) = stage.young, stage.old
    desk = Visitor(old, "/sign-in").sign_in()
    newcomer = Visitor(young, "/sign-in").sign_in()
    codes = iter(much.at_the_door)
    bare = stage.bare.url
    return [
        Measure(name="bare commit", url=bare, status=200, requests=itertools.repeat(load.request("POST", "/", {}))),
        Measure(name="booking", url=old.url, status=303, requests=_bookings(old, much)),
        Measure(name="arrival (page)", url=old.url, status=200, requests=_forms(desk, codes, much.came_at)),
        Measure(name="arrival (JSON)", url=old.url, status=200, requests=_events(desk, codes, much.came_at)),
        Measure(name="bare PDF", url=bare, status=200, requests=_bare_pages()),
        Measure(name="pass (PDF)", url=old.url, status=200, requests=_passes(much)),
        Measure(name="month, young hall", url=young.url, status=200, requests=_month(newcomer, little), connections=1),
        Measure(name="month, old hall", url=old.url, status=200, requests=_month(desk, much), connections=1),
        *_pairs("free places", (young, old), (_free(young, little), _free(old, much))),
        *_pairs("calendar", (young, old), (_calendar(newcomer, little), _calendar(desk, much))),
        *_pairs("search, a name", (young, old), (_search(newcomer, _NAME), _search(desk, _NAME))),
        *_pairs("search, a phone", (young, old), (_search(newcomer, _PHONE), _search(desk, _PHONE))),
    ]


_NAME = {"text": "大学"}
_PHONE = {"phone": "0042"}


def _pairs(name: str, halls: tuple[Live, Live], requests: tuple[Iterator[bytes], Iterator[bytes]]) -> list[Measure]:
    """The same page of a young hall and of an old one."""
    return [
        Measure(name=f"{name}, {age}", url=live.url, status=200, requests=sent, connections=1)
        for age, live, sent in zip(("young", "old"), halls, requests, strict=True)
    ]


def _bookings(live: Live, filled: rows.Filled) -> Iterator[bytes]:
    visitor = Visitor(live, "/book")
    headers = {**visitor.headers, "Content-Type": FORM}
    form = {
        "csrf_token": visitor.token,
        "programme": filled.programme,
        "organisation": "广州市越秀区东湖街老年大学",
        "kind": "school",
        "origins-0-division": "440000",
        "origins-0-visitors": "20",
        "contact_name": "何秀珍",
        "phone": "19900001050",
        "email": "",
        "note": "",
        "consent": "y",
        "duplicate_accepted": "y",
    }
    fixed = urlencode(form)
    for slot in itertools.cycle(filled.slots):
        body = f"{fixed}&slot={slot}&submission={uuid4().hex}".encode()
        yield load.request("POST", "/book", headers, body)


def _forms(desk: Visitor, codes: Iterator[str], came_at: str) -> Iterator[bytes]:
    """As the desk's page sends it: a form, answered by the whole page with the new figures."""
    headers = {**desk.headers, "Content-Type": FORM}
    fixed = f"csrf_token={quote(desk.token)}&occurred_at={quote(came_at)}"
    for code in codes:
        body = f"{fixed}&event_id={uuid4()}&code={code}".encode()
        yield load.request("POST", "/desk/arrivals", headers, body)


def _events(desk: Visitor, codes: Iterator[str], came_at: str) -> Iterator[bytes]:
    headers = {
        **desk.headers,
        "Accept": "application/json",
        "Content-Type": "application/json",
        "X-CSRFToken": desk.token,
    }
    for code in codes:
        body = json.dumps({"event_id": str(uuid4()), "occurred_at": came_at, "code": code}).encode()
        yield load.request("POST", "/desk/arrivals", headers, body)


def _passes(filled: rows.Filled) -> Iterator[bytes]:
    for key in itertools.cycle(filled.keys):
        yield load.request("GET", f"/visits/{key}/pass.pdf", {"Accept-Language": "zh-CN"})


def _bare_pages() -> Iterator[bytes]:
    for number in itertools.count():
        yield load.request("GET", f"/pdf/{number}", {})


def _free(live: Live, filled: rows.Filled) -> Iterator[bytes]:
    """The booking page: free places of sixty days."""
    headers = Visitor(live, "/book").headers
    return itertools.repeat(load.request("GET", f"/book?programme={filled.programme}", headers))


def _calendar(visitor: Visitor, filled: rows.Filled) -> Iterator[bytes]:
    return itertools.repeat(load.request("GET", f"/admin/calendar/{filled.this_month}", visitor.headers))


def _search(visitor: Visitor, terms: dict[str, str]) -> Iterator[bytes]:
    headers = {**visitor.headers, "Content-Type": FORM}
    body = urlencode({"csrf_token": visitor.token, **terms}).encode()
    return itertools.repeat(load.request("POST", "/bookings/search", headers, body))


def _month(visitor: Visitor, filled: rows.Filled) -> Iterator[bytes]:
    return itertools.repeat(load.request("GET", f"/reports/{filled.month}", visitor.headers))
