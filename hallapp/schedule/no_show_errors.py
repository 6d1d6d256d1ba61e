"""Refusals of a hall's rule for no-shows."""

from typing import Any, ClassVar

from hallapp.core.errors import N_, InvalidInput


def tier_field(number: int, name: str) -> str:
    """Return the name of a field of a tier of the no-show rule; the first one has number 0."""
    return f"no_show_tiers-{number}-{name}"


class TierWrong(InvalidInput):
    """A tier of the no-show rule contradicts itself or the tier before it; `at` is its field."""

    at: ClassVar[str]

    def __init__(self, number: int, **params: Any) -> None:
        super().__init__(field=tier_field(number, self.at), **params)


class TierCountNotHigher(TierWrong):
    """A tier needs no more no-shows than the one before it."""

    code = "tier_count_not_higher"
    message = N_("Each step needs more no-shows than the step before it.")
    at = "count"


class TierPeriodShorter(TierWrong):
    """A tier counts in a shorter period than the one before it, so it could never follow it."""

    code = "tier_period_shorter"
    message = N_("This period is shorter than that of the step before it. Enter the same or a longer one.")
    at = "within"


class TierNotStricter(TierWrong):
    """A tier has a milder consequence than the one before it."""

    code = "tier_not_stricter"
    message = N_("This is milder than the step before it. More no-shows need a stricter consequence.")
    at = "consequence"


class TierNotLonger(TierWrong):
    """A tier has the consequence of the one before it, for no longer."""

    code = "tier_not_longer"
    message = N_("The step before it has the same consequence for as long. Enter more days, or remove this step.")
    at = "days"


class TierLengthMissing(TierWrong):
    """A pause or a review has no length."""

    code = "tier_length_missing"
    message = N_("Enter for how many days this applies.")
    at = "days"


class TierLengthUnused(TierWrong):
    """A reminder has a length."""

    code = "tier_length_unused"
    message = N_("A reminder has no length: leave this empty.")
    at = "days"


class NoShowPeriodTooLong(TierWrong):
    """Contact details are erased before the period of a tier ends, so that it could not be applied."""

    code = "no_show_period_too_long"
    message = N_("Contact details are erased after %(months)s months: no-shows cannot be counted for longer.")
    at = "within"


class TooManyTiers(InvalidInput):
    """The no-show rule has more tiers than the page shows."""

    code = "too_many_tiers"
    message = N_("The rule for no-shows has at most %(most)s steps.")
    field = "no_show_tiers"

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)
