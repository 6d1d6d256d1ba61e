"""The template that a hall may fill in: one sheet with the columns, and one that describes them."""

import io
from datetime import date

import xlsxwriter

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language
from hallapp.origins import china
from hallapp.origins.values import OriginSet

_ROWS = 2_000  # rows down to which the columns are formatted


def make(origins: OriginSet) -> bytes:
    """Return the template as the bytes of a workbook, in the language in force."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("Figures"))
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f4f1ec"})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        number, quiet = book.add_format({"num_format": "0"}), book.add_format({"text_wrap": True, "valign": "top"})
        columns = _columns(origins)
        numbers = [at for at, (heading, *_rest) in enumerate(columns) if heading in (_("People"), _("Groups"))]
        sheet.write_row(0, 0, [heading for heading, _width, _about in columns], bold)
        for at, (_heading, width, _about) in enumerate(columns):
            sheet.set_column(at, at, width, day if at == 0 else number if at in numbers else None)
        sheet.freeze_panes(1, 0)
        sheet.data_validation(1, numbers[0], _ROWS, numbers[-1], {"validate": "integer", "criteria": ">=", "value": 0})
        about = book.add_worksheet(_("Contents of the columns"))
        about.set_column(0, 0, 18)
        about.set_column(1, 1, 90)
        for row, (heading, _width, text) in enumerate(columns):
            about.write(row, 0, heading, bold)
            about.write(row, 1, text, quiet)
    return file.getvalue()


def _columns(origins: OriginSet) -> list[tuple[str, int, str]]:
    """Return heading, width and description of each column."""
    zh = language().startswith("zh")
    day = date(2019, 3, 5)
    example = f"{day.year}年{day.month}月{day.day}日" if zh else day.isoformat()
    return [
        (_("Date"), 14, _("A day such as %(day)s, or a month such as %(month)s for its total.",
                          day=example, month="2019年3月" if zh else "2019-03")),
        *_of_places(origins),
        (_("People"), 10, _("The number of people who came.")),
        (_("Groups"), 10, _("The number of groups. Empty: one, where a day or an organisation is given.")),
        (_("Organisation"), 34, _("Used only to tell new from returning organisations; the name is not kept.")),
        (_("Kind"), 16, _("The kind of organisation, in the words of the booking page.")),
        (_("Programme"), 18, _("The programme by its name. Empty: the one that you choose at the import.")),
    ]  # fmt: skip


def _of_places(origins: OriginSet) -> list[tuple[str, int, str]]:
    """Return the columns of places; China's set also has cities."""
    if origins.code != china.CODE:
        return [(_("Place of origin"), 20, _("The place by its name or its code; empty: not stated."))]
    return [
        (_("Province"), 14, _("The division, or a city of it; “overseas” for other countries; empty: not stated.")),
        (_("City"), 14, _("The prefecture or city, where it is known.")),
    ]
