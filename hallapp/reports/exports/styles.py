"""Styles of the cells of a workbook, and the settings of each sheet: A4, a frozen head, a filter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from typing import Any

from xlsxwriter.utility import xl_range

from hallapp.core.i18n import region

FONT = "Microsoft YaHei"
_EPOCH = date(1899, 12, 30)  # of a spreadsheet's days
_TEXTS = ("title", "lead", "label", "heading", "number_heading", "text")
ACCENT, TICK, QUIET = "#ad3b26", "#1c1a18", "#5f5a54"


@dataclass(frozen=True, slots=True, kw_only=True)
class Styles:
    """The formats of a workbook, by purpose."""

    title: Any
    lead: Any
    label: Any
    heading: Any
    number_heading: Any
    text: Any
    number: Any
    signed: Any
    code: Any
    plain: Any
    day: Any
    month: Any
    share: Any
    average: Any
    percent: Any
    sum: Any

    @classmethod
    def of(cls, book: Any) -> "Styles":
        """Add them to a workbook."""
        base = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
        heading = {**base, "bold": True, "bottom": 1, "bg_color": "#f4f1ec", "text_wrap": True}
        number = {**base, "num_format": "#,##0"}
        return cls(
            title=book.add_format({**base, "bold": True, "font_size": 16}),
            lead=book.add_format({**base, "font_size": 11, "text_wrap": True, "valign": "top"}),
            label=book.add_format({**base, "font_color": QUIET}),
            heading=book.add_format(heading),
            number_heading=book.add_format({**heading, "align": "right"}),
            text=book.add_format(base),
            number=book.add_format(number),
            signed=book.add_format({**base, "num_format": "+#,##0;\N{MINUS SIGN}#,##0;0"}),
            code=book.add_format({**base, "num_format": "@"}),
            plain=book.add_format({**base, "num_format": "0", "align": "left"}),
            day=book.add_format({**base, "num_format": "yyyy-mm-dd", "align": "left"}),
            month=book.add_format({**base, "num_format": "yyyy-mm", "align": "left"}),
            share=book.add_format({**base, "num_format": "0.0%"}),
            average=book.add_format({**base, "num_format": "0.0"}),
            percent=book.add_format({**base, "num_format": "+0.0%;\N{MINUS SIGN}0.0%;0.0%"}),
            sum=book.add_format({**number, "bold": True, "align": "right"}),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportColumn:
    """A column of a sheet: its heading, its width in characters and the name of its style."""

    heading: str
    width: float
    style: str

    @property
    def is_text(self) -> bool:
        """Return whether its heading is aligned to the left."""
        return self.style in ("text", "code", "plain", "day", "month")


Value = str | int | float | date | time | None


class TableSheet:
    """A sheet with one table under a frozen head; rows are written in their order, and no cell is ever a formula."""

    def __init__(self, book: Any, styles: Styles, title: str, columns: Sequence[ExportColumn]) -> None:
        self.styles, self.columns = styles, columns
        self.title = sheet_name(title)
        self.sheet = book.add_worksheet(self.title)
        paper(self.sheet)
        self.sheet.repeat_rows(0)
        self.sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            self.sheet.set_column(place, place, column.width)
        self.sheet.set_row(0, 30)
        for place, column in enumerate(columns):
            style = styles.heading if column.is_text else styles.number_heading
            self.sheet.write_string(0, place, column.heading, style)
        self.forms = [getattr(styles, column.style) for column in columns]
        self.texts = [styles.code if column.style == "code" else styles.text for column in columns]
        self.rows = 0

    def put(self, *values: Value) -> None:
        """Write the next row; None leaves a cell empty. There may be very many: it is `write` without its detours."""
        self.rows += 1
        number, sheet = self.rows, self.sheet
        for place, (form, text, value) in enumerate(zip(self.forms, self.texts, values, strict=True)):
            if value is None or value == "":
                continue
            if isinstance(value, str):
                sheet.write_string(number, place, value, text)
            else:
                sheet.write_number(number, place, serial(value) if isinstance(value, date | time) else value, form)

    def end(self) -> None:
        """Set the filter over the written cells, and mark codes of digits as texts, so that Excel shows no warning."""
        last = (max(self.rows, 1), len(self.columns) - 1)
        self.sheet.autofilter(0, 0, *last)
        self.sheet.ignore_errors({"number_stored_as_text": xl_range(1, 0, *last)})

    def cells(self, column: int, *, rows: int | None = None) -> list[Any]:
        """Return the reference of a table's column for charts; with a number only of its first rows."""
        return [self.title, 1, column, rows or max(self.rows, 1), column]


def write(sheet: Any, row: int, column: int, value: Value, styles: Styles, style: str) -> None:
    """Write one typed cell. A text stays a text, also a code of digits; a day becomes a day."""
    form = getattr(styles, style)
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value, form if style in _TEXTS else styles.text)
    else:
        sheet.write_number(row, column, serial(value) if isinstance(value, date | time) else value, form)


@lru_cache(maxsize=100_000)  # a day has 86,400 seconds
def serial(value: date | time) -> float:
    """Return a day, or a time of a day, as a spreadsheet counts them: days since the end of 1899, and parts of one."""
    if isinstance(value, date):
        return (value - _EPOCH).days
    return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400


def sheet_name(title: str) -> str:
    """Return a title as a sheet may be called."""
    return "".join(" " if character in "[]:*?/\\'" else character for character in title)[:31]


def paper(sheet: Any) -> None:
    """Set the paper of the hall, as wide as the page, numbered."""
    sheet.set_paper(region().paper.excel)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C&P / &N")
