"""The resources of a booking after a change of its people, its time, or what its group asks for."""

from hallapp.booking import queries
from hallapp.booking.lifecycle import By
from hallapp.booking.models import HOLDING, Actor, Booking
from hallapp.resources.queries import list_resources
from hallapp.resources.values import Entitlement, Quantities, keep, settle, sum_quantities


def settle_resources(booking: Booking, asked: Quantities | None, people: int, *, by: By) -> dict[int, int]:
    """Return the resources of a booking that will have so many people; `asked` is None if nobody was asked.

    Raises ResourceNotOffered, TooManyResources.
    """
    if asked is None:
        return keep_resources(booking, people=people, programme_id=booking.slot.programme_id)
    known, is_staff = list_resources(booking.hall_id), by.actor is not Actor.ORGANISER
    given = settle(
        known,
        asked,
        people=people,
        programme_id=booking.slot.programme_id,
        by_staff=is_staff,
        entitlement=_entitlement(booking, people),
    )
    # The form does not ask for everything: resources that the staff have added are kept.
    unasked = {one.number for one in known if not one.by_rule and not one.is_asked(by_staff=is_staff)}
    return given | {number: count for number, count in booking.resources.items() if number in unasked}


def keep_resources(booking: Booking, *, people: int, programme_id: int) -> dict[int, int]:
    """Return the resources that a booking keeps, with other people or at a time of another programme."""
    known = list_resources(booking.hall_id)
    if not known:
        return {}
    entitlement = _entitlement(booking, people)
    return keep(known, booking.resources, people=people, programme_id=programme_id, entitlement=entitlement)


def _entitlement(booking: Booking, people: int) -> Entitlement:
    """Return what a booking of so many people may have; the parts of a large group share what the group may have."""
    parts = queries.list_parts(booking) if booking.party is not None else ()
    others = [part for part in parts if part.id != booking.id and part.state in HOLDING]
    more = sum(part.visitors for part in others)
    return Entitlement(
        people=people + more,
        before=booking.visitors + more,
        held=booking.resources,
        others=sum_quantities(part.resources for part in others),
    )
