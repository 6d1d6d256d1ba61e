"""Rate limits: counted once for all workers, by window, for nobody by name."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event, select

from hallapp.core import limits
from hallapp.core.database import db, transaction
from hallapp.core.i18n import force_locale, translate
from tests.processes import at_once

pytestmark = pytest.mark.either_database

NOON = "2026-12-05 12:00:00+00:00"


def hit(subject: str = "13800138000", *, what: str = "book", limit: int = 3) -> None:
    with transaction():
        limits.hit(what, subject, limit=limit, seconds=60)


def test_hits_over_the_limit_are_refused_until_the_window_ends(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False) as clockwork:
        for _ in range(3):
            hit()
        for _ in range(2):
            with pytest.raises(limits.TooManyRequests) as refusal:
                hit()
        assert (refusal.value.code, refusal.value.status) == ("too_many_requests", 429)
        assert refusal.value.retry_after == 60
        hit("somebody else")
        hit(what="something else")
        clockwork.shift(timedelta(seconds=60))
        hit()


@pytest.mark.on_database("sqlite")
@pytest.mark.parametrize(
    ("at", "seconds", "left", "zh", "en"),
    [
        ("12:00:00", 60, 60, "1分钟", "1 minute"),
        ("12:00:59.5", 60, 1, "1分钟", "1 minute"),
        ("12:03:00", 300, 120, "2分钟", "2 minutes"),
        ("12:00:00", 3600, 3600, "1小时", "1 hour"),
        ("12:17:01", 3600, 2579, "43分钟", "43 minutes"),
        ("12:59:59", 3600, 1, "1分钟", "1 minute"),
        ("12:10:00", 86400, 42600, "11小时50分钟", "11 hours and 50 minutes"),
    ],
)
def test_a_refusal_says_when_the_limit_is_free_again(
    app: Flask, at: str, seconds: int, left: int, zh: str, en: str
) -> None:
    with time_machine.travel(f"2026-12-05 {at}+00:00", tick=False):
        for language, words in (("zh", f"请在{zh}后再试。"), ("en", f"Please try again in {en}.")):
            with force_locale(language), pytest.raises(limits.TooManyRequests) as refusal, transaction():
                limits.hit("look", language, limit=0, seconds=seconds)
            with force_locale(language):
                assert words in translate(refusal.value)
            assert refusal.value.retry_after == left
        with pytest.raises(limits.TooManyRequests) as longest:
            limits.count(
                limits.Limit(what="a", subject="x", most=0, seconds=60),
                limits.Limit(what="b", subject="x", most=0, seconds=seconds),
                limits.Limit(what="c", subject="x", most=9, seconds=7 * 86400),
            )
        assert longest.value.retry_after == max(left, 60 if at.endswith(":00") else 1)


def test_counters_contain_no_names(app: Flask) -> None:
    hit()
    (counter,) = db.session.scalars(select(limits.RateCounter))
    assert (len(counter.key), counter.hits) == (64, 1)
    assert "13800138000" not in counter.key


def test_forget_clears_one_counter(app: Flask) -> None:
    with time_machine.travel(NOON, tick=False):
        for subject in ("a", "a", "b"):
            hit(subject, limit=2)
        with transaction():
            limits.forget("book", "a", seconds=60)
        hit("a", limit=1)
        with pytest.raises(limits.TooManyRequests):
            hit("b", limit=1)


def test_limits_that_are_off_count_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "RATE_LIMITS", False)
    for _ in range(5):
        hit(limit=1)
    assert db.session.scalars(select(limits.RateCounter)).all() == []


def _hit_in_a_process(app: Flask, hits: int) -> int:
    admitted = 0
    with app.app_context():
        for _ in range(hits):
            try:
                with transaction():
                    limits.hit("book", "one", limit=25, seconds=10**9)
                admitted += 1
            except limits.TooManyRequests:
                pass
    return admitted


@pytest.mark.both_databases
def test_workers_share_the_count(app: Flask, database_url: str, tmp_path: Path) -> None:
    admitted = at_once(database_url, tmp_path, _hit_in_a_process, [20, 20])
    assert sum(admitted) == 25


def _use_in_a_process(app: Flask, uses: int) -> int:
    admitted = 0
    with app.app_context():
        for _ in range(uses):
            try:
                limits.count_by_lease(limits.Limit(what="read", subject="one", most=150, seconds=10**9))
                admitted += 1
            except limits.TooManyRequests:
                pass
    return admitted


@pytest.mark.both_databases
def test_workers_that_count_ahead_never_allow_more_than_the_limit(
    app: Flask, database_url: str, tmp_path: Path
) -> None:
    admitted = at_once(database_url, tmp_path, _use_in_a_process, [110, 110])
    assert 150 - 2 * 2 <= sum(admitted) <= 150  # each may keep two of the three that it counts at once
    assert _use_in_a_process(app, 5) == 0


@pytest.mark.both_databases
@pytest.mark.on_database("sqlite")
def test_counting_ahead_writes_once_for_many_uses_and_anew_in_each_window(app: Flask) -> None:
    written: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        written.extend([statement] if "rate_counter" in statement else [])

    def use(times: int) -> None:
        for _ in range(times):
            limits.count_by_lease(limits.Limit(what="read", subject="many", most=101, seconds=60))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with time_machine.travel(NOON, tick=False) as clockwork:
            use(101)
            assert len(written) == 51
            for _ in range(3):
                with pytest.raises(limits.TooManyRequests) as refusal:
                    use(1)
            assert refusal.value.retry_after == 60
            assert len(written) == 51  # a refused program costs no more writes
            clockwork.shift(timedelta(seconds=60))
            use(101)
            assert len(written) == 102
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
