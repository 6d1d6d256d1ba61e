"""Values that are the same for everybody, made once and kept in this process for a moment."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar, cast

Value = TypeVar("Value")


@dataclass(slots=True, eq=False)
class _Entry:
    lock: Lock = field(default_factory=Lock)
    until: float = -1
    value: object = None


class TimedCache(Generic[Value]):
    """A cache with a maximum number of values; the least recently used one is removed for a new one."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value], *, seconds: float) -> Value:
        """Return the value of a key: the cached one, else a new one, which is cached for a number of seconds.

        Of several simultaneous callers one computes it, and the others wait. If this fails, the next one tries.
        """
        entry = self._enter(key)
        if time.monotonic() < entry.until:
            return cast(Value, entry.value)
        with entry.lock:
            if time.monotonic() >= entry.until:
                entry.value = make()
                entry.until = time.monotonic() + seconds
            return cast(Value, entry.value)

    def _enter(self, key: Hashable) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            if len(self._entries) > self._most:
                self._entries.popitem(last=False)
            return entry
