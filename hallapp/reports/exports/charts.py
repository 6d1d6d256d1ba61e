"""Charts that Excel draws itself from the cells beside them, in the report's colours."""

from collections.abc import Sequence
from typing import Any

from hallapp.reports.exports.styles import ACCENT, FONT, QUIET, TICK, TableSheet

_TEXT = {"name": FONT, "size": 9, "color": QUIET}
_GRID = {"visible": True, "line": {"color": "#dcd6cd", "width": 0.5}}


def bars(
    book: Any, sheet: TableSheet, *, names: int, numbers: Sequence[int], title: str, rows: int | None = None
) -> None:
    """Bars from the first row down; a second column of numbers has grey ones below them."""
    rows = rows or sheet.rows
    chart = book.add_chart({"type": "bar"})
    for place, column in enumerate(numbers):
        chart.add_series(
            {
                "name": sheet.columns[column].heading,
                "categories": sheet.cells(names, rows=rows),
                "values": sheet.cells(column, rows=rows),
                "fill": {"color": ACCENT if place == 0 else "#c9c2b8"},
                "gap": 40,
                "data_labels": {"value": place == 0, "num_format": "#,##0", "font": _TEXT},
            }
        )
    chart.set_y_axis({"reverse": True, "num_font": _TEXT, "line": {"color": "#dcd6cd"}, "interval_unit": 1})
    chart.set_x_axis({"num_font": _TEXT, "num_format": "#,##0", "major_gridlines": _GRID, "label_position": "high"})
    _place(
        chart, sheet, title=title, legend=len(numbers) > 1, height=max(260, 90 + (22 + 8 * (len(numbers) - 1)) * rows)
    )


def columns(book: Any, sheet: TableSheet, *, names: int, numbers: int, title: str) -> None:
    """Write a column for each row of the table."""
    chart = book.add_chart({"type": "column"})
    chart.add_series(
        {
            "name": sheet.columns[numbers].heading,
            "categories": sheet.cells(names),
            "values": sheet.cells(numbers),
            "fill": {"color": ACCENT},
            "gap": 40,
        }
    )
    chart.set_x_axis({"num_font": {**_TEXT, "rotation": -45}})
    chart.set_y_axis({"num_font": _TEXT, "num_format": "#,##0", "major_gridlines": _GRID, "min": 0})
    _place(chart, sheet, title=title, legend=False, height=380)


def line(book: Any, sheet: TableSheet, *, names: int, numbers: int, title: str) -> None:
    """Write a line through all rows, whose names are the first days of months."""
    chart = book.add_chart({"type": "line"})
    chart.add_series(
        {
            "name": sheet.columns[numbers].heading,
            "categories": sheet.cells(names),
            "values": sheet.cells(numbers),
            "line": {"color": ACCENT, "width": 2},
        }
    )
    chart.set_x_axis({"date_axis": True, "num_format": "yyyy-mm", "num_font": _TEXT, "line": {"color": TICK}})
    chart.set_y_axis({"num_font": _TEXT, "num_format": "#,##0", "major_gridlines": _GRID, "min": 0})
    _place(chart, sheet, title=title, legend=False, height=400)


def shade(sheet: TableSheet, *, first_column: int, last_column: int) -> None:
    """Write the cells of a table from white to the accent, by their numbers."""
    sheet.sheet.conditional_format(
        1,
        first_column,
        sheet.rows,
        last_column,
        {"type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": "#ffffff", "max_color": "#e0805a"},
    )


def _place(chart: Any, sheet: TableSheet, *, title: str, legend: bool, height: float) -> None:
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 12, "bold": True}, "overlay": False})
    chart.set_legend({"position": "top", "font": _TEXT} if legend else {"none": True})
    chart.set_size({"width": 760, "height": height})
    chart.set_chartarea({"border": {"none": True}})
    sheet.sheet.set_landscape()
    sheet.sheet.insert_chart(1, len(sheet.columns) + 1, chart, {"object_position": 3, "description": title})
