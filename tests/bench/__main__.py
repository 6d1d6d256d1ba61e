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
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from tests.bench import browser, devices, exports, imports, load, papers, reports, stage
from tests.bench.measures import Measure, measures

MOST_A_SECOND = 1_200  # arrivals that are prepared: a faster machine ends its turn early


@dataclass(frozen=True, slots=True)
class Aim:
    """A measure, the one it stands beside, and what their ratio should be: at least, or of times at most."""

    name: str
    beside: str
    ratio: float
    of_times: bool = False


AIMS = (
    Aim("booking", "bare commit", 0.25),
    Aim("arrival (JSON)", "bare commit", 0.4),
    Aim("arrival (page)", "bare commit", 0.4),
    Aim("arrivals by batch", "bare commit", 0.4),
    Aim("snapshot", "bare snapshot", 25, of_times=True),
    Aim("pass (PDF)", "bare PDF", 0.6),
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
    given = parser.parse_args(arguments)
    rounds, seconds = (3, 0.4) if given.quick else (5, 0.8)
    print(
        f"{rounds} rounds of {seconds} s each; 8 connections to 2 workers of 4 threads (months: 1 connection); "
        f"{os.cpu_count()} cores, shared with the load"
    )
    for database in given.database or stage.DATABASES:
        with stage.built(database, groups=int(3 * (rounds + 1) * seconds * MOST_A_SECOND)) as built:
            rates = _measure([*measures(built), *devices.measures(built)], rounds=rounds, seconds=seconds)
            sizes = devices.sizes(built)
        print(_table(stage.DATABASES[database], rates), sizes, sep="\n")
    for database in given.database or stage.DATABASES:
        print(exports.report(database, quick=given.quick))
        print(imports.report(database, quick=given.quick))
        print(reports.report(database, quick=given.quick))
    print(papers.report(rounds=3 if given.quick else 5))
    print(browser.report(scans=30 if given.quick else browser.SCANS))


def _measure(all_measures: list[Measure], *, rounds: int, seconds: float) -> dict[str, float]:
    """The median rate of each measure; a round before the first warms up."""
    rates: dict[str, list[float]] = {measure.name: [] for measure in all_measures}
    for _round in range(rounds + 1):
        for measure in all_measures:
            _say(f"{measure.name}…")
            rates[measure.name].append(
                measure.things
                * load.rate(
                    measure.url,
                    islice(measure.requests, int(seconds * MOST_A_SECOND)),
                    status=measure.status,
                    seconds=seconds,
                    connections=measure.connections,
                )
            )
    _say("")
    return {name: statistics.median(found[1:]) for name, found in rates.items()}


def _say(doing: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{doing}", end="", file=sys.stderr, flush=True)


def _table(title: str, rates: dict[str, float]) -> str:
    lines = ["", f"{title:<21}{'':>10}   {'beside':<21}{'':>10}   {'ratio':>6}   first aim"]
    for aim in AIMS:
        ours, theirs = rates[aim.name], rates[aim.beside]
        ratio = theirs / ours if aim.of_times else ours / theirs
        reached = ratio <= aim.ratio if aim.of_times else ratio >= aim.ratio
        shown = [f"{1000 / rate:,.1f} ms" if aim.of_times else f"{rate:,.0f} /s" for rate in (ours, theirs)]
        sign, word = "≤" if aim.of_times else "≥", "reached" if reached else "not reached"
        lines.append(
            f"{aim.name:<21}{shown[0]:>10}   {aim.beside:<21}{shown[1]:>10}   {ratio:>6.2f}   {sign} {aim.ratio} {word}"
        )
    return "\n".join(lines)


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for ending in (signal.SIGINT, signal.SIGTERM):  # servers and folders are to be put away
        signal.signal(ending, _stop)
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
