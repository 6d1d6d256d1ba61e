"""A small steady load through the proxy: organisers who book, and desks that admit; each tries until it has an answer.

As in a hall, whoever gets an error sends the same form or the same event again. So nothing may be lost that was
acknowledged, and nothing may be there twice, however often it was sent.
"""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPException
from http.cookiejar import CookieJar
from itertools import count, pairwise
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener
from uuid import uuid4

from tests import factories
from tests.bench.rows import MANAGER, Filled

BOOKERS, DESKS = 2, 2
PAUSE = 0.5  # seconds between two acts of one of them
TIMEOUT = 30
_FIELD = r'name="{}" type="hidden" value="([^"]+)"'
_META = re.compile(r'name="csrf-token" content="([^"]+)"')


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        return None


@dataclass(slots=True)
class Diary:
    """What was answered, and when."""

    begun: float = field(default_factory=time.monotonic)
    writes: list[float] = field(default_factory=list)
    errors: list[tuple[float, str]] = field(default_factory=list)
    slowest: list[tuple[float, float]] = field(default_factory=list)
    booked: dict[str, str] = field(default_factory=dict)
    booked_at: dict[str, float] = field(default_factory=dict)
    admitted: dict[str, int] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        return time.monotonic() - self.begun

    def gap(self, since: float, until: float) -> float:
        """The longest time without an acknowledged write between two moments."""
        with self.lock:
            inside = [since, *(at for at in self.writes if since < at < until), until]
        return max(after - before for before, after in pairwise(inside))

    def kinds(self, since: float, until: float) -> Counter[str]:
        with self.lock:
            return Counter(kind for at, kind in self.errors if since <= at < until)

    def last_write(self) -> float:
        with self.lock:
            return self.writes[-1] if self.writes else 0.0


class Browser:
    """One person's browser."""

    def __init__(self, url: str, diary: Diary) -> None:
        self.url, self.diary = url, diary
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()), _Stay)

    def ask(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str, str]:
        """The status, the body and the address that it leads to; status 0 where there was no answer."""
        began = self.diary.now()
        request = Request(self.url + path, body, {"Accept-Language": "zh-CN", **headers})
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                found = (answer.status, answer.read().decode(), "")
        except HTTPError as error:
            with error:
                found = (error.code, error.read().decode(), error.headers.get("Location", ""))
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            self._note(began, f"no answer: {type(reason).__name__}")
            return 0, "", ""
        if found[0] >= 500:
            self._note(
                began,
                f"{found[0]} {'of hallapp' if 'data-hallapp' in found[1] or 'lang=' in found[1] else 'of HAProxy'}",
            )
        with self.diary.lock:
            self.diary.slowest.append((began, self.diary.now() - began))
        return found

    def _note(self, at: float, kind: str) -> None:
        with self.diary.lock:
            self.diary.errors.append((at, kind))


class Load:
    """All of them, each in a thread, until `stop`."""

    def __init__(self, url: str, filled: Filled) -> None:
        self.url, self.filled, self.diary = url, filled, Diary()
        self.stopping, self.aborted = threading.Event(), threading.Event()
        self._numbers, self._codes = count(1), iter(filled.at_the_door)
        self._lock = threading.Lock()
        self._threads = [
            *(threading.Thread(target=self._run, args=(self._books,)) for _ in range(BOOKERS)),
            *(threading.Thread(target=self._run, args=(self._admits,)) for _ in range(DESKS)),
        ]
        self.failures: list[BaseException] = []

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after what is under way has been acknowledged."""
        self.stopping.set()
        for thread in self._threads:
            thread.join(120)
        assert not self.failures, self.failures

    def abort(self) -> None:
        """End at once, because the test has failed or is over."""
        self.stopping.set()
        self.aborted.set()

    def numbers(self) -> list[str]:
        """The numbers of the groups that have booked."""
        return [name.removeprefix("集群第").removesuffix("小学") for name in self.diary.booked]

    def _run(self, acts: Callable[[], Iterator[Callable[[], bool]]]) -> None:
        try:
            for act in acts():
                while not act():
                    assert not self.aborted.wait(PAUSE), "ended without an answer"
                with self.diary.lock:
                    self.diary.writes.append(self.diary.now())
                if self.stopping.wait(PAUSE):
                    return
        except BaseException as error:
            self.failures.append(error)
            raise

    def _books(self) -> Iterator[Callable[[], bool]]:
        while True:
            browser, number = Browser(self.url, self.diary), self._next()
            slot = self.filled.slots[number % len(self.filled.slots)]
            page = ""
            while not page:
                status, page, _where = browser.ask("/book")
                if status != 200:
                    page = ""
                    assert not self.aborted.wait(PAUSE), "ended without an answer"
            token, submission = (self._field(name, page) for name in ("csrf_token", "submission"))
            name = f"集群第{number}小学"
            form = {
                "csrf_token": token,
                "submission": submission,
                "slot": str(slot),
                "organisation": name,
                "kind": "school",
                "origins-0-division": "440000",
                "origins-0-visitors": "20",
                "contact_name": "何秀珍",
                "phone": f"199{number:08}",
                "email": f"group{number}@example.org",
                "consent": "y",
            }
            yield partial(self._book, browser, name, form)

    def _book(self, browser: Browser, name: str, form: dict[str, str]) -> bool:
        status, page, where = browser.ask("/book", urlencode(form).encode())
        if status == 303:
            self.diary.booked[name] = where.rpartition("/visits/")[2].partition("?")[0]
            self.diary.booked_at[name] = self.diary.now()
        elif 0 < status < 500:
            raise AssertionError(f"a booking was answered {status}: {page[:3000]}")
        return status == 303

    def _admits(self) -> Iterator[Callable[[], bool]]:
        browser = Browser(self.url, self.diary)
        _status, page, _where = browser.ask("/sign-in")
        form = {"csrf_token": self._field("csrf_token", page), "name": MANAGER, "password": factories.PASSWORD}
        assert browser.ask("/sign-in", urlencode(form).encode())[0] in (302, 303)
        token = _META.search(browser.ask("/desk")[1])
        assert token
        while True:
            with self._lock:
                code = next(self._codes, None)
            if code:
                group = {"event_id": str(uuid4()), "code": code, "occurred_at": self.filled.came_at}
                yield partial(self._admit, browser, token[1], "/desk/arrivals", group)
            people = {"counts": {"440000": 2, "110000": 1}, "programme": self.filled.programme}
            yield partial(self._admit, browser, token[1], "/desk/walk-ins", {"event_id": str(uuid4()), **people})

    def _admit(self, browser: Browser, token: str, path: str, event: dict[str, Any]) -> bool:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "X-CSRFToken": token}
        status, body, _where = browser.ask(path, json.dumps(event).encode(), **headers)
        answer: dict[str, Any] = {}
        with suppress(ValueError):
            answer = json.loads(body)
        if answer.get("outcome") in ("admitted", "repeated"):
            self.diary.admitted[event["event_id"]] = self.diary.admitted.get(event["event_id"], 0) + 1
            return True
        assert not 0 < status < 500, f"an admission was answered {status}: {body[:2000]}"
        return False

    def _next(self) -> int:
        with self._lock:
            return next(self._numbers)

    @staticmethod
    def _field(name: str, page: str) -> str:
        found = re.search(_FIELD.format(name), page) or re.search(rf'name="{name}" value="([^"]+)"', page)
        assert found, page[:2000]
        return found[1]


def phases(marks: Sequence[tuple[str, float]], diary: Diary) -> list[str]:
    """A line for each phase: how long nothing could be written, how slow an answer was, and the errors by kind."""
    lines = []
    for (name, since), (_next, until) in pairwise(marks):
        kinds = ", ".join(f"{kind} × {number}" for kind, number in sorted(diary.kinds(since, until).items())) or "none"
        writes = sum(since <= at < until for at in diary.writes)
        slowest = max((took for at, took in diary.slowest if since <= at < until), default=0.0)
        lines.append(
            f"{name:<38} {until - since:5.1f} s  writes {writes:4}  without one {diary.gap(since, until):5.1f} s"
            f"  slowest answer {slowest:5.1f} s  errors: {kinds}"
        )
    return lines
