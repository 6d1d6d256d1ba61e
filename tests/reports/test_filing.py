"""Figures that were filed years ago are read as they were: `golden/filed.json` is what the first version filed."""

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from hallapp.ledger.closes import digest_of
from hallapp.periods import Period
from hallapp.reports.figures import filing
from hallapp.reports.figures.parts import Filed
from tests.reports import made

KEPT = Path(__file__).parent / "golden" / "filed.json"  # never to be written anew


def test_what_the_first_version_filed_is_read_and_has_its_digest() -> None:
    filed = json.loads(KEPT.read_text(encoding="utf-8"))
    figures = filing.read(filed)
    assert digest_of(filed) == "fe6fbc1403192b032f89992c0e896e1fc59f3e9e305c18e62c55f9fe73da57d6"
    assert sum(one.visitors for one in figures.divisions) == figures.totals.visitors == filed["totals"]["visitors"] > 0
    again = filing.write(figures)
    assert {name: again[name] for name in filed} == filed


def test_what_is_filed_with_adjustments_comes_back() -> None:
    filed = Filed(months=2, visitors=90, adjusted=0, adjustments=4)
    figures = replace(made.report(Period.month(2026, 11)), filed=filed)
    assert filing.read(filing.write(figures)).filed == filed
    assert "adjustments" not in filing.write(made.report(Period.month(2026, 11)))["filed"], "as it was before"


@pytest.mark.parametrize("period", [Period.month(2026, 11), Period.quarter(2026, 3), Period.year(2025)], ids=str)
def test_filed_figures_come_back_as_they_were(period: Period) -> None:
    written = json.loads(json.dumps(filing.write(made.report(period))))
    figures = filing.read(written)
    assert filing.write(figures) == written
    assert all(getattr(figures, field.name) == getattr(made.report(period), field.name) for field in fields(figures))
