"""The trend of the stars by month, as bars whose lengths the page draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from hallapp.core import formats
from hallapp.core.i18n import language
from hallapp.feedback.queries import FeedbackMonth, Figures

MONTHS = 12
_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A month of the trend; `length` of its bar in parts of a hundred, of five stars."""

    name: str
    figures: Figures
    length: float


def trend_of(months: Sequence[FeedbackMonth]) -> list[Bar]:
    """Return the bars of these months, in the reader's language."""
    return [
        Bar(
            name=formats.month(one.year, one.month, language()),
            figures=one.figures,
            length=round(100 * (one.figures.visit or 0) / _MOST, 1),
        )
        for one in months
    ]
