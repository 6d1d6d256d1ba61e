"""Numbers of people that need confirmation before the desk counts them.

Two desks may each show a card of the same group. The later desk then works with numbers that are out of date: the
people that it takes for still to come may already have been admitted. A typing slip can also turn 20 into 209. In both
cases the person at the desk is asked, and nothing is counted until the answer. An offline desk cannot ask: its people
are admitted, and a manager resolves the conflict (`settling.py`).
"""

from collections.abc import Mapping

from hallapp.desk import errors, merging
from hallapp.desk.commands import Admit, AdmitWalkIn
from hallapp.desk.facts import GroupFacts, ProgrammeFacts
from hallapp.desk.group import Group
from hallapp.desk.models import ConflictReason
from hallapp.ledger.models import EventKind


def check(command: Admit, counts: Mapping[str, int], known: GroupFacts, group: Group) -> ConflictReason | None:
    """Ask about an admission with a doubtful number; return the reason for a conflict where nobody could be asked.

    `group` is made of what is `known`.

    Raises:
        CountedMeanwhile, MoreThanExpected, TooManyPeople: unless the request confirms it.
    """
    people = sum(counts.values())
    if command.offline is not None:
        is_said = command.sure >= people or bool(command.reason)
        return None if is_said or not _is_unusual_offline(command, people, group) else ConflictReason.TOO_MANY
    if _is_more_than_known(command, counts, group, room=known.room):
        raise _question(people, known, group)
    if command.sure < people and _is_unusual(group.arrived + people, group):
        raise errors.TooManyPeople(people=people, total=group.arrived + people, booked=group.booked, group=group)
    return None


def check_walk_in(command: AdmitWalkIn, counts: Mapping[str, int], programme: ProgrammeFacts, *, blocked: bool) -> None:
    """Ask about a walk-in larger than any group, or of a blocked organisation; who was let in offline is in.

    Raises TooManyWalkIns, BlockedWalkIn.
    """
    people = sum(counts.values())
    if people > max(programme.most_walk_in, command.sure) and command.offline is None:
        raise errors.TooManyWalkIns(people=people, most=programme.most_walk_in)
    if blocked and command.asks_about_block:
        raise errors.BlockedWalkIn(people=people)


def _is_more_than_known(command: Admit, counts: Mapping[str, int], group: Group, *, room: Mapping[str, int]) -> bool:
    """Return whether people whom the card took for still to come may already have been admitted.

    It compares both by division and in all: people whose place of origin was corrected on the card are the same people.
    An act that does not say what it knew is treated as knowing only the people still to come.
    """
    people = sum(counts.values())
    known = command.known_to_come
    if known is None:
        return people > group.to_come
    is_beyond_room = bool(merging.share(counts, room=room, known=known).surplus)
    return is_beyond_room or min(people, sum(known.values())) > group.to_come


def _question(people: int, known: GroupFacts, group: Group) -> errors.Question:
    undone = {event.undoes_id for event in known.events}
    standing = [event for event in known.events if event.kind is EventKind.ADMIT and event.number not in undone]
    if not (group.arrived and standing):
        return errors.MoreThanExpected(people=people, to_come=group.to_come, group=group)
    last = max(standing, key=lambda event: (event.occurred_at, event.number))
    place = " · ".join(part for part in (last.staff, last.device) if part)
    return errors.CountedMeanwhile(people=people, place=place, group=group)


def _is_unusual(total: int, group: Group) -> bool:
    return group.booking is not None and group.booking.hall.crowd.is_unusual(total, booked=group.booked)


def _is_unusual_offline(command: Admit, people: int, group: Group) -> bool:
    """Return whether a device should have asked, by what it knew then."""
    if command.known_to_come is None:
        return _is_unusual(people, group)
    return _is_unusual(group.booked - min(group.booked, sum(command.known_to_come.values())) + people, group)
