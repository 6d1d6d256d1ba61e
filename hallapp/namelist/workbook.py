"""The template that an organiser may fill in: one sheet with the columns that the hall asks for."""

import io

import xlsxwriter

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.namelist.models import COLUMN_NAMES, ListColumn, ListColumns

_ROWS = 500  # rows down to which cells are text: otherwise a spreadsheet would show a phone number as 1.38E+10
_WIDTHS = {ListColumn.PHONE: 18, ListColumn.AGE_GROUP: 12}


def heading(column: ListColumn, columns: ListColumns) -> str:
    """Return the heading of a column, in the language in force."""
    return columns.text("label", language()) if column is ListColumn.FREE else _(COLUMN_NAMES[column])


def make(columns: ListColumns) -> bytes:
    """Return the template as the bytes of a workbook, in the language in force."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("Name list"))
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f4f1ec"})
        text, number = book.add_format({"num_format": "@"}), book.add_format({"font_color": "#5f5a54"})
        sheet.write_row(
            0, 0, [_("No."), _("Full name"), *(heading(column, columns) for column in columns.chosen)], bold
        )
        sheet.set_column(0, 0, 6)
        sheet.set_column(1, 1, 24, text)
        for at, column in enumerate(columns.chosen, 2):
            sheet.set_column(at, at, _WIDTHS.get(column, 24), text)
        for row in range(1, _ROWS + 1):
            sheet.write_formula(row, 0, f'=IF(B{row + 1}="","",ROW()-1)', number, "")
        sheet.freeze_panes(1, 0)
    return file.getvalue()
