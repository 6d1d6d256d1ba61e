"""The command that places a booking."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from hallapp.booking import bigrams
from hallapp.booking.access import NOTHING, AccessNeeds
from hallapp.booking.lifecycle import ORGANISER, By, LetterAbout
from hallapp.booking.models import Actor, Source, TourLanguage
from hallapp.questions.values import Given
from hallapp.resources.values import share

Origins = tuple[tuple[str, int], ...]
#: The parts of a large group: each a slot and its number of people.
Parts = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class PeopleChange:
    """Other people and resources of a booking; `resources` is None where the form did not ask for any."""

    origins: Origins
    resources: Mapping[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceBooking:
    """The command that places a booking.

    `origins` are pairs of a division's code and a head count, each division once. `phone` is in E.164. `programme` is
    the slug of the programme to which the caller believes the slot belongs, or None. `submission` is a random text of
    the form: the same text with the same content is the same booking.

    `block_accepted` lets the staff book for a group on the block list.
    `wait` puts the group on the waiting list if the time is full. `duplicate_accepted` confirms a second booking of the
    same organisation or phone on that day. The staff (`by`) can book until the visit ends and need no review; a
    manager's `over_limit` is the reason for exceeding the limits of size and capacity.

    `known` are the ids of bookings that the organiser has proved to know: a second booking on one day is reported to
    them only for those; the staff see every one. `network` is a digest of the client network of an online booking.

    `language` is that of pages and letters, `tour_language` the guide's. Where it is None, the guide speaks that of the
    pages; of a programme without a guide nobody asks it.

    `categories` are people by category, of those categories of which a number was given. `resources` are the numbers
    of the hall's resources that the group asks for.

    `parts` divide a large group; `slot_id` is then the slot of the first of them. `party` and `series` are set by
    the service alone, for each part of a large group and each date of a series. `letter` says of what the organiser
    is told.
    """

    hall_id: int
    slot_id: int
    organisation: str
    kind: str
    contact_name: str
    phone: str
    origins: Origins
    submission: str
    consented: bool
    programme: str | None = None
    email: str | None = None
    note: str = ""
    categories: Mapping[int, int] = field(default_factory=dict)
    resources: Mapping[int, int] = field(default_factory=dict)
    access: AccessNeeds = NOTHING
    answers: tuple[Given, ...] = ()
    language: str = "zh"
    tour_language: TourLanguage | None = None
    source: Source = Source.ONLINE
    by: By = ORGANISER
    wait: bool = False
    duplicate_accepted: bool = False
    block_accepted: bool = False
    known: tuple[int, ...] = ()
    network: str | None = None
    over_limit: str | None = None
    parts: Parts = ()
    party: int | None = None
    series: int | None = None
    letter: LetterAbout = LetterAbout.BOOKING

    @property
    def visitors(self) -> int:
        """Return the group's size: the sum of its origins."""
        return sum(visitors for _division, visitors in self.origins)

    @property
    def organisation_key(self) -> str:
        """Return the organisation's name as names are compared."""
        return bigrams.organisation_key(self.organisation)

    @property
    def is_online(self) -> bool:
        """Return whether its organiser books for themselves, and not the staff."""
        return self.by.actor is Actor.ORGANISER

    def digest(self) -> str:
        """Return the digest by which a submit is recognised: of its random text and its content.

        That of a large group is the digest of its first part.
        """
        if self.parts:
            return self.split()[0].digest()
        content = [
            *(self.submission, self.slot_id, self.organisation, self.kind, self.contact_name, self.phone, self.email),
            *(self.note, sorted(self.origins), *([self.tour_language] if self.tour_language else [])),
            *([self.access.to_json()] if self.access else []),
            *([sorted(self.categories.items())] if self.categories else []),
            *(["resources", sorted(self.resources.items())] if self.resources else []),
            *([[one.identity() for one in self.answers]] if self.answers else []),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def split(self) -> list["PlaceBooking"]:
        """Return a command for each part of a large group; the letter about the last one tells of all of them.

        People of one place of origin stay together as far as the sizes of the parts allow it.
        """
        sizes = [people for _slot, people in self.parts]
        return [
            replace(
                self,
                slot_id=slot_id,
                origins=origins,
                # In which part somebody comes is not known, so every part prepares for all of them.
                access=replace(self.access, wheelchairs=min(self.access.wheelchairs, people)),
                categories={},  # which people come in which part is not known
                resources=resources,
                submission=f"{self.submission} {number} {self.parts}",
                programme=None,
                duplicate_accepted=self.duplicate_accepted or number > 0,
                wait=False,
                parts=(),
                letter=LetterAbout.GROUP if number == len(sizes) - 1 else LetterAbout.NOTHING,
            )
            for number, ((slot_id, people), origins, resources) in enumerate(
                zip(self.parts, split_origins(self.origins, sizes), share(self.resources, sizes), strict=True)
            )
        ]


def split_origins(origins: Origins, sizes: Sequence[int]) -> list[Origins]:
    """Return the origins of each part of a group: places in their order, one part after the other."""
    left = list(origins)
    parts = []
    for size in sizes:
        part: list[tuple[str, int]] = []
        while size > 0 and left:
            division, people = left.pop(0)
            taken = min(size, people)
            part.append((division, taken))
            if people > taken:
                left.insert(0, (division, people - taken))
            size -= taken
        parts.append(tuple(part))
    return parts
