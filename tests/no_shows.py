"""The rule for no-shows as most halls have it: one pause."""

from hallapp.schedule.no_shows import Consequence, Tier, Tiers, Unit


def pause_after(count: int, *, months: int = 6, days: int = 90) -> Tiers:
    """A pause of some days after so many no-shows within some months."""
    return (Tier(count, months, Unit.MONTHS, Consequence.PAUSE, days),)
