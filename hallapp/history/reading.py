"""One reading of a file: what its tables share, the facts learnt from all of them, and the findings for a person."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo

from hallapp.history import questions, watch
from hallapp.history.copies import Copies
from hallapp.history.findings import Finding
from hallapp.history.models import Topic
from hallapp.history.outcome import Digest, Outcome
from hallapp.history.place import Place
from hallapp.history.watch import CellSums, Facts, Watch

_NAMES_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """The data of a hall that reading needs; `place_of` returns the place that a text means, where that is settled."""

    opened_on: date
    today: date
    zone: tzinfo
    place_of: Callable[[str], Place | None]


class Reading:
    """One reading of a file: the common state of its tables. A new one is made when answers or facts change."""

    def __init__(self, hall: Hall, answers: Mapping[str, str], facts: Facts, *, first_sheet: int = 0) -> None:
        self.hall = hall
        self.first_sheet = first_sheet
        self.by_sheet: dict[int, int] = {}  # people
        self.facts = facts
        self.outcome, self.digest = Outcome(), Digest()
        self.watch = Watch(answers, facts)
        self.cells, self.copies = CellSums(), Copies()
        self.of_days: set[date] = set()  # months that have rows for single days
        self.of_months: set[date] = set()  # months that have a row for the whole month
        self.sums = frozenset(facts.get("sums", ()))
        self.named_sums = frozenset(facts.get("named-sums", ()))
        self.copied = frozenset(facts.get("copies", ()))
        self.mixed = frozenset(date.fromisoformat(first) for first in facts.get("mixed", ()))
        self.provinces: Mapping[str, object] = facts.get("provinces", {})

    def learnt(self) -> Facts:
        """Return the facts learnt from the whole file; if they differ from those it was read with, read it again."""
        facts = self.watch.learnt()
        if mixed := self.of_days & self.of_months:
            facts["mixed"] = sorted(first.isoformat() for first in mixed)
        texts = [self.hall.place_of(text.text) for text in self.outcome.counted[Topic.PLACE]]
        if provinces := watch.provinces_with_cities(self.cells.sums, texts):
            facts["provinces"] = provinces
        if copies := self.copies.find():
            facts["copies"] = copies
        return facts

    def findings(self) -> list[Finding]:
        """Return the findings for a person."""
        notes = self.watch.notes
        if note := notes.get(questions.DAYS_AND_MONTH):
            note.params["names"] = watch.shown_names(f"{first:%Y-%m}" for first in sorted(self.mixed))
        if note := notes.get(questions.PROVINCE_AND_CITIES):
            codes = sorted({key.partition("/")[2] for key in self.provinces})
            note.params["names"] = ",".join(codes[:_NAMES_MOST])
        if note := notes.get(questions.BLANK_PLACE):
            note.must = note.rows > 1 and note.rows * 4 >= self.outcome.fine
        return self.watch.findings()
