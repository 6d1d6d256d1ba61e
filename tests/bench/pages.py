"""Public pages beside constant ones of as many bytes under the same server: what a page costs beyond sending it."""

import itertools
from collections.abc import Iterator

from tests.bench import load
from tests.bench.measures import Measure, Visitor
from tests.bench.stage import Stage

#: The name of each measure and the path that is fetched; its counterpart is named `bare` before it.
PATHS = {"page of bookings": "/book", "first page": "/", "times of a day": "/book/times", "health": "/healthz"}


def measures(stage: Stage) -> list[Measure]:
    """Return each public page as a browser asks for it, with its counterpart of as many bytes."""
    live, filled = stage.old
    visitor = Visitor(live, "/book")
    found = []
    for name, path in PATHS.items():
        asked = f"{path}?programme={filled.programme}&day={filled.free_day}&people=20" if "times" in path else path
        size = len(visitor.fetch(asked))
        bare = load.request("GET", f"/bytes/{size}", {})
        ours = load.request("GET", asked, visitor.headers)
        found += [_measure(f"bare {name}", stage.bare.url, bare), _measure(name, live.url, ours)]
    return found


def _measure(name: str, url: str, request: bytes) -> Measure:
    requests: Iterator[bytes] = itertools.repeat(request)
    return Measure(name=name, url=url, status=200, requests=requests)
