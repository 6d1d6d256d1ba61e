"""The audience of a session by the presence of its screens: a pure function, independent of the order of the beats.

A group is never counted beyond its registration: two screens of one person are one person, and a minute that two of
them follow is one minute.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: A booking and a place of origin.
Part = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen of a booking, and the people before it by place of origin."""

    booking: int
    people: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """People and their minutes by booking and place, and the most people at the same minute."""

    people: Mapping[Part, int]
    minutes: Mapping[Part, int]
    peak: int


def measure(
    registered: Mapping[Part, int], screens: Mapping[str, Screen], beats: Iterable[tuple[str, int]]
) -> Measured:
    """Return the audience; `beats` are screens with the minutes in which they followed, in any order, repeated or not.

    Screens without any beat are not counted.
    """
    followed: dict[int, set[str]] = defaultdict(set)
    for device, minute in beats:
        if device in screens:
            followed[minute].add(device)
    seen = set().union(*followed.values())
    minutes: Counter[Part] = Counter()
    peak = 0
    for devices in followed.values():
        present = _people(registered, screens, devices)
        minutes.update(present)
        peak = max(peak, sum(present.values()))
    return Measured(people=_people(registered, screens, seen), minutes=minutes, peak=peak)


def _people(registered: Mapping[Part, int], screens: Mapping[str, Screen], devices: Iterable[str]) -> dict[Part, int]:
    together: Counter[Part] = Counter()
    for device in devices:
        screen = screens[device]
        for division, people in screen.people.items():
            together[screen.booking, division] += people
    return {part: min(people, registered.get(part, 0)) for part, people in together.items() if registered.get(part)}
