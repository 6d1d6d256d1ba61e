"""A canvas that holds its pages back until all are drawn, when their number and contents are known."""

from collections.abc import Callable
from typing import Any

from hallapp import printing
from hallapp.core.regions import Paper
from hallapp.printing.tagging import TaggedCanvas


class Pages(TaggedCanvas):
    """Pages are put by with `showPage` as usual; `finish` gives each its number and writes them."""

    def __init__(self, *arguments: Any, paper: Paper, **options: Any) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._paper = paper
        super().__init__(*arguments, pagesize=printing.page_size(paper), **options)
        printing.fit(self, paper)

    @property
    def count(self) -> int:
        """Pages that are put by."""
        return len(self._waiting)

    def showPage(self) -> None:  # noqa: N802 (reportlab's name)
        """Put the page by, as it is, and begin the next one."""
        self.end_mark()
        self._waiting.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]
        printing.fit(self, self._paper)
        self.begin_mark()

    def finish(self, dress: Callable[[int], None]) -> None:
        """Take each page up again, let `dress` add to it by its number from 1 on, and write it."""
        for number, state in enumerate(self._waiting, start=1):
            self.__dict__.update(state)
            self.begin_mark()
            dress(number)
            super().showPage()
