"""Beats of screens, collected in each process and written together: thousands of screens cost a few writes a minute.

A beat says only that a screen followed a minute, so a lost or repeated one changes nothing that the next one, half a
minute later, does not repair.
"""

import time
from collections.abc import Collection
from threading import Lock
from typing import NamedTuple

#: Beats wait this long for others, unless so many have come.
SECONDS, MOST = 2.0, 1000


class Beat(NamedTuple):
    """A minute of a session in which a screen followed it."""

    hall_id: int
    slot_id: int
    minute: int
    device: str


class Collector:
    """The beats of one process that are not written yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: set[Beat] = set()
        self._taken_at = float("-inf")

    def add(self, beat: Beat | None) -> Collection[Beat]:
        """Take a beat in, where there is one; return all waiting ones if it is time to write them, else none."""
        with self._lock:
            if beat:
                self._waiting.add(beat)
            now = time.monotonic()
            if now - self._taken_at < SECONDS and len(self._waiting) < MOST:
                return ()
            taken, self._waiting, self._taken_at = self._waiting, set(), now
            return taken

    def put_back(self, beats: Collection[Beat]) -> None:
        """Keep beats that could not be written."""
        with self._lock:
            self._waiting.update(beats)
