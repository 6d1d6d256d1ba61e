"""Run the benchmark: `make bench`, or `make bench ARGS=--quick` for a shorter and rougher one.

hallapp is measured by HTTP beside bare applications that do only what cannot be left out (see `bare.py`): the same
gunicorn with the same configuration, the same databases with the same settings, every commit on the disk. Requests are
what browsers send, CSRF tokens and session cookies included; limits by address are off, or there would be none after
the first hundred. All of it shares this machine's cores, the load as well. It costs both sides the same, which flatters
neither: the client is a few threads that write prepared bytes to sockets.

The measures take turns, in rounds, so that what else the machine does falls on all of them; a figure is the median of
the rounds, and a ratio that of two medians. The ratios are to be compared, not the rates; nothing fails on them.
"""

import argparse
import os
import signal
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from tests.bench import (
    audience,
    browser,
    desks,
    devices,
    exports,
    imports,
    load,
    pages,
    papers,
    release,
    reports,
    stage,
)
from tests.bench.measures import Measure, measures

_BEGAN = time.monotonic()
MOST_A_SECOND = 1_200  # arrivals that are prepared: a faster machine ends its turn early


@dataclass(frozen=True, slots=True)
class Aim:
    """A measure, the one it stands beside, and what their ratio should be: at least, or of times at most."""

    name: str
    beside: str
    ratio: float
    of_times: bool = False


AIMS = (
    Aim("page of bookings", "bare page of bookings", 0.3),
    Aim("first page", "bare first page", 0.4),
    Aim("times of a day", "bare times of a day", 0.3),
    Aim("health", "bare health", 0.6),
    Aim("booking", "bare commit", 0.35),
    Aim("arrival (JSON)", "bare commit", 0.45),
    Aim("arrival (page)", "bare commit", 0.2),
    Aim("arrivals by batch", "bare commit", 1.5),
    Aim("snapshot", "bare snapshot", 25, of_times=True),
    Aim("pass (PDF)", "bare PDF", 0.8),
    Aim("badges (PDF)", "bare PDF", 2),
    Aim("month, old hall", "month, young hall", 1.5, of_times=True),
    Aim("free places, old", "free places, young", 1.5, of_times=True),
    Aim("calendar, old", "calendar, young", 1.5, of_times=True),
    Aim("search, a name, old", "search, a name, young", 1.5, of_times=True),
    Aim("search, a phone, old", "search, a phone, young", 1.5, of_times=True),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure on each database and print a table for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure hallapp beside bare ones.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--database", choices=stage.DATABASES, action="append", help="only this one")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part")
    given = parser.parse_args(arguments)
    parts, databases = given.part or PARTS, given.database or list(stage.DATABASES)
    for database in databases:
        if {"rates", "pages"} & set(parts):
            print(_compare(database, parts, quick=given.quick))
        for part in (each for each in parts if each in _REPORTS):
            print(_REPORTS[part](database, quick=given.quick))
    if "papers" in parts:
        print(papers.report(rounds=3 if given.quick else 5))
    if "browser" in parts:
        print(browser.report(scans=30 if given.quick else browser.SCANS))


_REPORTS: dict[str, Callable[..., str]] = {
    "desks": desks.report,
    "release hour": release.report,
    "audience": audience.report,
    "exports": exports.report,
    "imports": imports.report,
    "reports": reports.report,
}
PARTS = ("rates", "pages", *_REPORTS, "papers", "browser")


def _compare(database: str, parts: Sequence[str], *, quick: bool) -> str:
    """Measure hallapp beside the bare applications on one database; return the table."""
    rounds, seconds = (3, 0.4) if quick else (5, 0.8)
    rates = "rates" in parts
    most = MOST_A_SECOND
    groups = int(3 * (rounds + 1) * seconds * most) if rates else 0
    much = (stage.SOME if quick else stage.MANY) if rates else stage.FEW
    _say(f"{stage.DATABASES[database]}: filling a hall with {much:,} bookings, and {groups:,} groups at the door")
    with stage.built(database, groups=groups, much=much) as built:
        chosen = pages.measures(built) if "pages" in parts else []
        chosen += [*measures(built), *devices.measures(built)] if rates else []
        table = _table(stage.DATABASES[database], _measure(chosen, rounds=rounds, seconds=seconds, most=most))
        head = (
            f"{rounds} rounds of {seconds} s each; 8 connections to 2 workers of 4 threads (months: 1 connection); "
            f"{os.cpu_count()} cores, shared with the load; load average {os.getloadavg()[0]:.0f}; "
            f"an old hall has {much:,} bookings and as many rows in its ledger"
        )
        return "\n".join([head, table, *([devices.sizes(built)] if rates else [])])


def _measure(all_measures: list[Measure], *, rounds: int, seconds: float, most: int) -> dict[str, float]:
    """The median rate of each measure; a round before the first warms up."""
    rates: dict[str, list[float]] = {measure.name: [] for measure in all_measures}
    for number in range(rounds + 1):
        _say(f"round {number} of {rounds}" if number else f"warming up {len(all_measures)} measures")
        for measure in all_measures:
            rates[measure.name].append(
                measure.things
                * load.rate(
                    measure.url,
                    islice(measure.requests, int(seconds * most)),
                    status=measure.status,
                    seconds=seconds,
                    connections=measure.connections,
                )
            )
    return {name: statistics.median(found[1:]) for name, found in rates.items()}


def _say(doing: str) -> None:
    print(f"{time.monotonic() - _BEGAN:>5.0f} s  {doing}", file=sys.stderr, flush=True)


def _table(title: str, rates: dict[str, float]) -> str:
    lines = ["", f"{title:<21}{'':>10}   {'beside':<21}{'':>10}   {'ratio':>6}   aim"]
    found = []
    for aim in (each for each in AIMS if each.name in rates):
        ours, theirs = rates[aim.name], rates[aim.beside]
        ratio = theirs / ours if aim.of_times else ours / theirs
        reached = ratio <= aim.ratio if aim.of_times else ratio >= aim.ratio
        found.append(reached)
        shown = [f"{1000 / rate:,.1f} ms" if aim.of_times else f"{rate:,.0f} /s" for rate in (ours, theirs)]
        sign, word = "≤" if aim.of_times else "≥", "reached" if reached else "not reached"
        lines.append(
            f"{aim.name:<21}{shown[0]:>10}   {aim.beside:<21}{shown[1]:>10}   {ratio:>6.2f}   {sign} {aim.ratio} {word}"
        )
    return "\n".join([*lines, f"{sum(found)} of {len(found)} aims reached"])


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for ending in (signal.SIGINT, signal.SIGTERM):  # servers and folders are to be put away
        signal.signal(ending, _stop)
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
