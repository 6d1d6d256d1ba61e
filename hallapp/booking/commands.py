"""The command that places a booking."""

import hashlib
import json
from dataclasses import dataclass

from hallapp.booking import bigrams
from hallapp.booking.access import NOTHING, AccessNeeds
from hallapp.booking.lifecycle import ORGANISER, By
from hallapp.booking.models import Actor, OrganisationKind, Source, TourLanguage

Origins = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceBooking:
    """The command that places a booking.

    `origins` are pairs of a division's code and a head count, each division once. `phone` is in E.164. `programme` is
    the slug of the programme to which the caller believes the slot belongs, or None. `submission` is a random text of
    the form: the same text with the same content is the same booking.

    `wait` puts the group on the waiting list if the time is full. `duplicate_accepted` confirms a second booking of the
    same organisation or phone on that day. The staff (`by`) can book until the visit ends and need no review; a
    manager's `over_limit` is the reason for exceeding the limits of size and capacity.

    `known` are the ids of bookings that the organiser has proved to know: a second booking on one day is reported to
    them only for those; the staff see every one. `network` is a digest of the client network of an online booking.

    `language` is that of pages and letters, `tour_language` the guide's. Where it is None, the guide speaks that of the
    pages; of a programme without a guide nobody asks it.
    """

    hall_id: int
    slot_id: int
    organisation: str
    kind: OrganisationKind
    contact_name: str
    phone: str
    origins: Origins
    submission: str
    consented: bool
    programme: str | None = None
    email: str | None = None
    note: str = ""
    access: AccessNeeds = NOTHING
    language: str = "zh"
    tour_language: TourLanguage | None = None
    source: Source = Source.ONLINE
    by: By = ORGANISER
    wait: bool = False
    duplicate_accepted: bool = False
    known: tuple[int, ...] = ()
    network: str | None = None
    over_limit: str | None = None

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
        """Return the digest by which a submit is recognised: of its random text and its content."""
        content = [
            *(self.submission, self.slot_id, self.organisation, self.kind, self.contact_name, self.phone, self.email),
            *(self.note, sorted(self.origins), *([self.tour_language] if self.tour_language else [])),
            *([self.access.to_json()] if self.access else []),
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
