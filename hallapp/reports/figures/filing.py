"""Figures as the JSON that a close stores, and back to the same values, so that a filed report is shown like any other.

Filed figures must stay readable: a figure that is added later needs a default, and no figure is renamed or removed. The
facets are stored beside the other figures, each in the layout that its description names.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import cattrs
from cattrs.gen import make_dict_unstructure_fn, override

from hallapp.core.texts import Texts
from hallapp.ledger.facet_parts import Hours, Name
from hallapp.ledger.facets import Facet, Layout, Presentation, list_presented
from hallapp.reports.figures.parts import FacetFigure, Figures, Filed, share

Json = dict[str, Any]

_converter = cattrs.Converter(forbid_extra_keys=True)
_converter.register_unstructure_hook(date, date.isoformat)
_converter.register_structure_hook(date, lambda value, _type: date.fromisoformat(value))
# Added after the first closes: left out where it is empty, so that earlier filed figures stay unchanged.
_converter.register_unstructure_hook(
    Filed,
    make_dict_unstructure_fn(
        Filed,
        _converter,
        adjustments=override(omit_if_default=True),
        absences_in_sum=override(omit_if_default=True),
    ),
)


_converter.register_unstructure_hook(Texts, dict)
_converter.register_structure_hook(Texts, lambda value, _type: Texts(value))
_converter.register_unstructure_hook(
    Name, make_dict_unstructure_fn(Name, _converter, others=override(omit_if_default=True))
)

#: All fields except the facets.
_plain = make_dict_unstructure_fn(
    Figures,
    _converter,
    facets=override(omit=True),
    audience=override(omit_if_default=True),
    talks=override(omit_if_default=True),
)


def write(figures: Figures) -> Json:
    """Return the figures as JSON values."""
    written: Json = _plain(figures)
    for facet, shown in list_presented():
        if facet.name in figures.facets:
            written |= _WRITERS[shown.layout](facet, shown, figures.facets[facet.name])
    return written


def read(written: Json) -> Figures:
    """Return the figures that `write` wrote."""
    rest, whole = dict(written), written["totals"]["visitors"]
    facets = {
        facet.name: tuple(_READERS[shown.layout](facet, shown, rest, whole))
        for facet, shown in list_presented()
        if shown.plural in rest
    }
    return replace(_converter.structure({**rest, "facets": {}}, Figures), facets=facets)


def _write_rows(facet: Facet, shown: Presentation, figures: Sequence[FacetFigure]) -> Json:
    return {shown.plural: [{shown.filed_as: _part(facet, one), **_counts(one)} for one in figures]}


def _part(facet: Facet, figure: FacetFigure) -> Any:
    """Return a recorded name as an object, null for the people of no part, a code otherwise."""
    if figure.code == _nothing(facet):
        return None
    return _converter.unstructure(figure.name) if figure.name else figure.code


def _nothing(facet: Facet) -> str:
    return (facet.parts and facet.parts.nothing) or ""


def _counts(figure: FacetFigure) -> Json:
    counts = {"visitors": figure.visitors, "groups": figure.groups, "share": figure.share}
    return {key: number for key, number in counts.items() if number is not None}


def _read_rows(facet: Facet, shown: Presentation, rest: Json, _whole: int) -> Iterator[FacetFigure]:
    for row in rest.pop(shown.plural):
        part = row[shown.filed_as]
        counts = {key: value for key, value in row.items() if key != shown.filed_as}
        if isinstance(part, dict):
            yield FacetFigure(code=part["code"], name=_converter.structure(part, Name), **counts)
        else:
            yield FacetFigure(code=_nothing(facet) if part is None else part, **counts)


def _write_by_code(_facet: Facet, shown: Presentation, figures: Sequence[FacetFigure]) -> Json:
    return {shown.plural: {one.code: {"visitors": one.visitors, "groups": one.groups} for one in figures}}


def _read_by_code(_facet: Facet, shown: Presentation, rest: Json, whole: int) -> Iterator[FacetFigure]:
    for code, one in rest.pop(shown.plural).items():
        yield FacetFigure(code=code, **one, share=share(one["visitors"], whole))


def _write_timetable(facet: Facet, shown: Presentation, figures: Sequence[FacetFigure]) -> Json:
    hours = ((divmod(int(one.code), 24), one.visitors) for one in figures if one.code != Hours.nothing)
    return {
        shown.plural: [{"weekday": day, "hour": hour, "visitors": people} for (day, hour), people in hours],
        "untimed": sum(one.visitors for one in figures if one.code == Hours.nothing),
    }


def _read_timetable(_facet: Facet, shown: Presentation, rest: Json, _whole: int) -> Iterator[FacetFigure]:
    for one in rest.pop(shown.plural):
        yield FacetFigure(code=str(24 * one["weekday"] + one["hour"]), visitors=one["visitors"])
    yield FacetFigure(code=Hours.nothing, visitors=rest.pop("untimed"))


_WRITERS: dict[Layout, Callable[[Facet, Presentation, Sequence[FacetFigure]], Json]] = {
    Layout.ROWS: _write_rows,
    Layout.BY_CODE: _write_by_code,
    Layout.TIMETABLE: _write_timetable,
}
#: Each function reads its facet from the filed figures; the last argument is the total number of people.
_READERS: dict[Layout, Callable[[Facet, Presentation, Json, int], Iterator[FacetFigure]]] = {
    Layout.ROWS: _read_rows,
    Layout.BY_CODE: _read_by_code,
    Layout.TIMETABLE: _read_timetable,
}
