"""Sheets of badges: where each badge lies on a page. All lengths are millimetres from the page's upper left corner."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hallapp.core.errors import N_

_EPSILON = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeSheet:
    """A common sheet: its page, how many badges of which size lie on it, and where it usually has them."""

    label: str
    page: tuple[float, float]
    columns: int
    rows: int
    badge: tuple[float, float]
    left: float
    top: float
    gap_x: float = 0
    gap_y: float = 0


_A4 = (210.0, 297.0)
_LETTER = (215.9, 279.4)
#: The sheets by the names under which they are stored; the labels are message ids.
SHEETS: Mapping[str, BadgeSheet] = {
    "a4-10": BadgeSheet(
        label=N_("A4, 10 badges of 90 × 54 mm"), page=_A4, columns=2, rows=5, badge=(90, 54), left=15, top=13.5
    ),
    "a4-8": BadgeSheet(
        label=N_("A4, 8 badges of 99 × 67 mm"), page=_A4, columns=2, rows=4, badge=(99, 67), left=6, top=14.5
    ),
    "a4-24": BadgeSheet(
        label=N_("A4, 24 labels of 64 × 34 mm"), page=_A4, columns=3, rows=8, badge=(64, 34), left=7, top=12.5, gap_x=2
    ),
    "letter-10": BadgeSheet(  # 2 × 3½ inches
        label=N_("Letter, 10 badges of 89 × 51 mm"),
        page=_LETTER,
        columns=2,
        rows=5,
        badge=(88.9, 50.8),
        left=19.05,
        top=12.7,
    ),
    "letter-8": BadgeSheet(  # 2⅓ × 3⅜ inches
        label=N_("Letter, 8 badges of 86 × 59 mm"),
        page=_LETTER,
        columns=2,
        rows=4,
        badge=(85.7, 59.3),
        left=17.5,
        top=14.8,
        gap_x=9.5,
        gap_y=4.2,
    ),
    "letter-30": BadgeSheet(  # 1 × 2⅝ inches
        label=N_("Letter, 30 labels of 67 × 25 mm"),
        page=_LETTER,
        columns=3,
        rows=10,
        badge=(66.7, 25.4),
        left=4.8,
        top=12.7,
        gap_x=3.2,
    ),
    "a6-1": BadgeSheet(
        label=N_("A6, one badge a page"), page=(105, 148), columns=1, rows=1, badge=(105, 148), left=0, top=0
    ),
    "card-1": BadgeSheet(
        label=N_("Card printer, 86 × 54 mm"), page=(86, 54), columns=1, rows=1, badge=(86, 54), left=0, top=0
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A sheet with the margins and gaps of a printer and its paper; `outlines` are thin lines to cut along."""

    sheet: BadgeSheet
    left: float
    top: float
    gap_x: float
    gap_y: float
    outlines: bool = True

    @classmethod
    def of(cls, sheet: BadgeSheet) -> "Layout":
        """Return a sheet as it usually is."""
        return cls(sheet=sheet, left=sheet.left, top=sheet.top, gap_x=sheet.gap_x, gap_y=sheet.gap_y)

    @property
    def per_page(self) -> int:
        """Return how many badges a page holds."""
        return self.sheet.columns * self.sheet.rows

    @property
    def fits(self) -> bool:
        """Return whether all of them lie on the page."""
        (width, height), (page_width, page_height) = self.sheet.badge, self.sheet.page
        right = self.left + self.sheet.columns * width + (self.sheet.columns - 1) * self.gap_x
        bottom = self.top + self.sheet.rows * height + (self.sheet.rows - 1) * self.gap_y
        return right <= page_width + _EPSILON and bottom <= page_height + _EPSILON

    def places(self) -> Iterator[tuple[float, float]]:
        """Yield the upper left corners of the badges, row by row."""
        width, height = self.sheet.badge
        for row in range(self.sheet.rows):
            for column in range(self.sheet.columns):
                yield self.left + column * (width + self.gap_x), self.top + row * (height + self.gap_y)
