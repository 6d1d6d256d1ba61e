"""The form for printing badges: the sheet, its margins and gaps."""

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, Form, SelectField, StringField
from wtforms.validators import ValidationError

from hallapp.badges.layout import SHEETS, Layout
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import lazy_gettext as _l
from hallapp.core.i18n import region
from hallapp.core.text import plain, visible
from hallapp.core.web.fields import Described

_MOST = 200


class MillimetreField(StringField):  # type: ignore[misc]
    """A length such as 7 or 7.5, to a tenth of a millimetre; an empty one is None."""

    data: Any  # the parsed value; a valid form always has it

    def _value(self) -> str:
        if self.raw_data:
            return visible(self.raw_data[0])
        return "" if self.data is None else f"{self.data:g}"

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits with one decimal at most. Raises ValueError for anything else."""
        typed = plain(valuelist[0]).replace(",", ".") if valuelist else ""
        self.data = None
        if not typed:
            return
        whole, _dot, tenth = typed.partition(".")
        fine = (whole + tenth).isascii() and whole.isdecimal() and (not tenth or tenth.isdecimal()) and len(typed) <= 5
        if not fine or float(typed) > _MOST:
            raise ValueError(_("Enter millimetres such as 7 or 7.5."))
        self.data = round(float(typed), 1)


class LayoutForm(Described, Form):  # type: ignore[misc]
    """The sheet and where the badges lie on it; a length that is left empty is the sheet's own."""

    sheet = SelectField(_l("Sheet"), choices=[], validate_choice=False)
    left = MillimetreField(_l("Left margin (mm)"))
    top = MillimetreField(_l("Top margin (mm)"))
    gap_x = MillimetreField(_l("Gap between columns (mm)"))
    gap_y = MillimetreField(_l("Gap between rows (mm)"))
    outlines = BooleanField(_l("Thin lines for cutting"))
    categories = BooleanField(_l("Print the categories that the list names, such as minors"))
    renew = BooleanField(_l("New codes: badges printed earlier become invalid"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = region().paper.value.lower()
        names = sorted(SHEETS, key=lambda name: not name.startswith(own))  # those of the hall's paper first
        self.sheet.choices = [(name, _(SHEETS[name].label)) for name in names]

    @classmethod
    def of(cls, name: str, layout: Layout) -> "LayoutForm":
        """Return the form as a hall used it last: lengths that are the sheet's own stay empty."""
        usual = Layout.of(layout.sheet)
        sizes = {
            size: getattr(layout, size) if getattr(layout, size) != getattr(usual, size) else None
            for size in ("left", "top", "gap_x", "gap_y")
        }
        return cls(data={"sheet": name, "outlines": layout.outlines, "renew": False, **sizes})

    def validate_sheet(self, field: SelectField) -> None:
        """Raise ValidationError for a sheet that there is not, and where the badges leave the page."""
        if field.data not in SHEETS:
            raise ValidationError(_("Please choose one of these."))
        if (
            not any(self[size].process_errors for size in ("left", "top", "gap_x", "gap_y"))
            and not self.to_layout().fits
        ):
            raise ValidationError(
                _("With these margins and gaps the badges do not fit on the page. Make them smaller.")
            )

    def to_layout(self) -> Layout:
        """Return the layout."""
        sheet = SHEETS[self.sheet.data]
        sizes: Mapping[str, float] = {
            size: getattr(sheet, size) if self[size].data is None else self[size].data
            for size in ("left", "top", "gap_x", "gap_y")
        }
        return Layout(sheet=sheet, outlines=self.outlines.data, **sizes)
