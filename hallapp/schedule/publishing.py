"""Publish a hall, so that its pages are open to everyone, or make it a draft again."""

from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note


def publish(hall_id: int, by: int | None) -> None:
    """Open the public pages of a hall to everyone; bookings can be made from then on."""
    _set_draft(hall_id, by, draft=False, action="hall_published")


def unpublish(hall_id: int, by: int | None) -> None:
    """Close the public pages of a hall to everyone but its staff; existing bookings and their own pages stay."""
    _set_draft(hall_id, by, draft=True, action="hall_unpublished")


def _set_draft(hall_id: int, by: int | None, *, draft: bool, action: str) -> None:
    hall = capacity.hold_hall(hall_id)
    note(hall_id=hall_id, by=by, action=action, subject="hall", detail=apply(hall, {"draft": draft}))
