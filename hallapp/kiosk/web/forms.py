"""The kiosk's requests, and their conversion to commands."""

from uuid import UUID

from hallapp.desk.web.forms import Fields, text_of
from hallapp.devices.web.current_device import Actor
from hallapp.kiosk.errors import ForTheCounter
from hallapp.kiosk.service import LetIn


def to_let_in(fields: Fields, actor: Actor) -> LetIn:
    """Return the command of an admission.

    Raises:
        ForTheCounter: there is no event number, or no number of people; a number that is none becomes one that no
            group has.
    """
    counts = fields.get("counts")
    try:
        event_id = str(UUID(fields.get("event_id")))
    except (ValueError, TypeError, AttributeError):
        raise ForTheCounter from None
    if not isinstance(counts, dict) or any(type(people) is not int for people in counts.values()):
        raise ForTheCounter
    return LetIn(
        hall_id=actor.hall_id,
        staff_id=actor.staff_id,
        event_id=event_id,
        code=text_of(fields, "code"),
        counts=counts,
    )
