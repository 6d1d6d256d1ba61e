"""Placing a large group: one booking for each of its parts, all of them or none, in one transaction."""

import secrets
from dataclasses import replace

from hallapp.booking import checks, decision, floods, placing
from hallapp.booking.commands import PlaceBooking
from hallapp.booking.decision import Placement, Situation
from hallapp.booking.errors import GroupTooLarge, PartFull, PartsWrong, SlotUnknown
from hallapp.booking.groups import Record
from hallapp.booking.models import Booking
from hallapp.core import formats
from hallapp.core.database import db
from hallapp.schedule import capacity
from hallapp.schedule.errors import SlotFull
from hallapp.schedule.hall_facts import SlotFacts

_PARTY_BITS = 62  # of a number that both databases store


def place(command: PlaceBooking) -> Booking:
    """Place a group in the parts of its command; return the first of them, also for a repeated submit.

    The slots of the day are locked before the first claim, so the claims of two large groups cannot wait for one
    another in a ring. A large group never waits on a list: its parts would become free at different times.

    Raises:
        PartsWrong: the parts do not add up to the group, are of several days, or are not needed.
        PartFull: too few places are left for one of the parts.
        GroupTooLarge: the hall takes no group of this size, also not in parts.
        DomainError: each refusal of `placing.place` for one of the parts. The transaction must then roll back.
    """
    commands = command.split()
    situations = [placing.look(each) for each in commands]
    _check_parts(command, situations)
    first = commands[0]
    record = placing.hold_and_read(first, situations[0])
    if record.placed is not None:
        return db.session.get_one(Booking, record.placed)
    placements = _decide(command, commands, situations, record)
    if record.same_day:
        placing.check_duplicate(first, placements[0])
    if any(placement.presses_brake for placement in placements):
        floods.press_brake(command.hall_id)
    capacity.lock_days(command.hall_id, {placements[0].slot.day})
    party = secrets.randbits(_PARTY_BITS)
    placed = [
        _store(replace(each, party=party), placement) for each, placement in zip(commands, placements, strict=True)
    ]
    return placed[0]


def _store(command: PlaceBooking, placement: Placement) -> Booking:
    try:
        return placing.store(command, placement)
    except SlotFull as refusal:
        slot = placement.slot
        time = formats.time_of_day(slot.starts_at, slot.programme.hall.time_zone)
        raise PartFull(time=time, left=refusal.params["left"], asked=command.visitors) from None


def _check_parts(command: PlaceBooking, situations: list[Situation]) -> None:
    slots = [situation.slot for situation in situations]
    first = slots[0]
    if first is None or any(slot is None for slot in slots):
        raise SlotUnknown
    sizes = sum(people for _slot, people in command.parts)
    if sizes != command.visitors or len({slot.day for slot in slots if slot}) > 1:
        raise PartsWrong(people=command.visitors)
    if command.over_limit is None:
        _check_size(command.visitors, [slot for slot in slots if slot], most=situations[0].hall.large_group_max)


def _check_size(people: int, slots: list[SlotFacts], *, most: int) -> None:
    """Check that a group may come in parts: above the largest group of a programme, up to the hall's limit."""
    largest = min(slot.programme.policy.group_max for slot in slots)
    if people > max(most, largest):
        raise GroupTooLarge(most=max(most, largest), people=people)
    if people <= largest:
        raise PartsWrong(people=people)


def _decide(
    command: PlaceBooking, commands: list[PlaceBooking], situations: list[Situation], record: Record
) -> list[Placement]:
    """Return the decision for each part. Access needs and the limits of a network are checked for the whole group."""
    checks.check_access(command.access, offered=situations[0].hall.access_offered, visitors=command.visitors)
    for situation in situations:
        if situation.slot is not None:
            decision.settle_resources(command, situation, situation.slot)
    if command.is_online:
        decision.check_network(situations[0].hall, record, visitors=command.visitors)
    return [
        decision.decide(each, situation, record, whole=False)
        for each, situation in zip(commands, situations, strict=True)
    ]
