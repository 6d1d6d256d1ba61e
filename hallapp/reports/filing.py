"""Figures as JSON that a close keeps, and back again: the same values, so that a filed report is shown as any other.

What was filed stays readable for ever: a figure that is added later needs a default, and none is renamed or removed.
"""

from datetime import date
from typing import Any

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

from hallapp.reports.parts import Figures, Filed

_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_unstructure_hook(date, date.isoformat)
_converter.register_structure_hook(date, lambda value, _type: date.fromisoformat(value))
# Came later than the first closes: where it says nothing, it is left out, and what was filed before is written alike.
_converter.register_unstructure_hook(
    Filed,
    make_dict_unstructure_fn(
        Filed,
        _converter,
        adjustments=override(omit_if_default=True),
        absences_in_sum=override(omit_if_default=True),
    ),
)


def write(figures: Figures) -> dict[str, Any]:
    """The figures as JSON values."""
    written: dict[str, Any] = _converter.unstructure(figures, unstructure_as=Figures)
    return written


def read(written: dict[str, Any]) -> Figures:
    """The figures that `write` wrote."""
    return _converter.structure(written, Figures)
