"""Drawing tools for the formats of a report: the pictures and their rendering, under one name."""

from hallapp.reports.pictures import paper, svg
from hallapp.reports.pictures.charts import calendar_of
from hallapp.reports.pictures.ranking import ranking
from hallapp.reports.pictures.scale import Scale, bar
from hallapp.reports.pictures.shapes import FILLS, PAINTS, Drawing
from hallapp.reports.pictures.tile_map import Measure, tile_map

LINE, QUIET = PAINTS["hairline"], PAINTS["quiet-ink"]

__all__ = [
    "FILLS",
    "LINE",
    "QUIET",
    "Drawing",
    "Measure",
    "Scale",
    "bar",
    "calendar_of",
    "paper",
    "ranking",
    "svg",
    "tile_map",
]
