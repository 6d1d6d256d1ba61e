"""Long work: claimed once, done apart, seen, taken up again, and never mixed between halls."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from hallapp.core.database import db, transaction
from hallapp.core.errors import DomainError
from hallapp.jobs import files, queries, runner, service
from hallapp.jobs.errors import NotToBeStartedAgain, TooManyJobs
from hallapp.jobs.models import DEAD_AFTER, KEPT, Fate, FileChunk, Job, JobState
from hallapp.jobs.runner import Work
from hallapp.jobs.service import JobLost, NewJob
from hallapp.schedule.models import Hall
from tests import factories


class NoRoom(DomainError):
    """A refusal with a value."""

    code = "no_room"
    message = "There is no room for %(what)s."


pytestmark = pytest.mark.either_database

NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def place(app: Flask, clock: time_machine.Traveller) -> SimpleNamespace:
    """Two halls, and the data folder."""
    with transaction():
        halls = [factories.hall() for _ in range(3)]
    return SimpleNamespace(halls=halls, hall=halls[0])


@pytest.fixture
def body() -> Iterator[Callable[[Callable[[Work], None]], None]]:
    """Say what does the kind `trial`."""
    yield lambda does: runner._bodies.update(trial=does)
    runner._bodies.pop("trial", None)


def ask(hall: Hall, **params: object) -> Job:
    with transaction():
        return service.ask(NewJob(hall_id=hall.id, staff_id=None, kind="trial", params=params))


def claim() -> Job | None:
    with transaction():
        return service.claim_next(most=2)


def get(job: Job) -> Job:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Job, job.id)


def test_progress_of_a_running_job_is_visible_and_its_file_is_stored(
    place: SimpleNamespace, body: Callable[..., None], monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.02)
    seen: list[tuple[int, int | None]] = []

    def look(job_id: int) -> None:
        with app.app_context():
            job = db.session.get_one(Job, job_id)
            seen.append((job.done, job.total))

    def write(work: Work) -> None:
        target = work.file("数据.csv")
        assert target.stat().st_mode & 0o777 == 0o600
        target.write_bytes(b"a,b\r\n")
        work.progress(3, 8)
        deadline = time.monotonic() + 10
        while (3, 8) not in seen and time.monotonic() < deadline:
            thread = threading.Thread(target=look, args=(work.job_id,))
            thread.start()
            thread.join()
        work.progress(8)
        work.result["rows"] = 8
        assert not files.is_kept(job.key, version=1), "nobody sees half a file"

    body(write)
    job = ask(place.hall, unit="2026")
    assert ask(place.hall, unit="2026").id == job.id, "the same again is the same job"
    assert runner.run() == 1
    assert (3, 8) in seen
    done = get(job)
    assert (done.fate, done.done, done.total, done.result) == (Fate.DONE, 8, 8, {"rows": 8})
    assert (done.file_name, done.file_bytes) == ("数据.csv", 5)
    assert b"".join(files.iter_content(done.key, version=1)) == b"a,b\r\n"
    assert ask(place.hall, unit="2026").id != job.id, "what is done can be asked for again"


@pytest.mark.both_databases
def test_one_job_of_each_hall_and_a_limited_number_in_all_run_at_once(place: SimpleNamespace) -> None:
    first, second, third = place.halls
    jobs = [ask(first, n=1), ask(first, n=2), ask(second), ask(third)]
    assert [claim().id, claim().id] == [jobs[0].id, jobs[2].id]  # type: ignore[union-attr]
    assert claim() is None, "as many as may be are at work"
    with transaction():
        service.finish(jobs[0].id, attempt=1, done=1, result={})
    assert claim().id == jobs[1].id  # type: ignore[union-attr]
    for number in range(service.MOST_OPEN - 1):
        ask(first, more=number)
    with pytest.raises(TooManyJobs):
        ask(first, more="still")


def test_interrupted_job_is_restarted_and_given_up_after_three_attempts(
    place: SimpleNamespace, clock: time_machine.Traveller
) -> None:
    job = ask(place.hall)
    for attempt in (1, 2, 3):
        assert claim().attempts == attempt  # type: ignore[union-attr]
        assert claim() is None
        assert (get(job).fate, queries.is_any_left()) == (Fate.RUNNING, False)
        clock.shift(DEAD_AFTER)
        assert (get(job).fate, queries.is_any_left()) == (Fate.STOPPED, True)
    with transaction():
        assert not service.beat(job.id, attempt=2, done=1, total=None), "an old claim says nothing any more"
        assert service.beat(job.id, attempt=3, done=1, total=None)
    clock.shift(DEAD_AFTER)
    assert claim() is None
    assert (get(job).fate, job.error["code"]) == (Fate.FAILED, "job_died")  # type: ignore[index]
    with transaction():
        service.start_again(get(job))
    assert claim().attempts == 1  # type: ignore[union-attr]
    with pytest.raises(NotToBeStartedAgain), transaction():
        service.start_again(get(job))


def test_a_worker_without_heartbeat_loses_the_job_and_its_output(
    place: SimpleNamespace, body: Callable[..., None], clock: time_machine.Traveller
) -> None:
    job = ask(place.hall)

    def be_slow(work: Work) -> None:
        clock.shift(DEAD_AFTER)
        assert claim().id == job.id  # type: ignore[union-attr]
        with transaction():
            factories.hall(slug="half-done")
            work.finish()

    body(be_slow)
    runner.run()
    assert (get(job).fate, job.attempts) == (Fate.RUNNING, 2)
    assert db.session.scalar(select(func.count()).where(Hall.slug == "half-done")) == 0


def test_rows_of_a_job_are_committed_with_its_end_or_not_at_all(
    place: SimpleNamespace, body: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)  # the heartbeat waits behind the long transaction

    def write(work: Work) -> None:
        with transaction():
            factories.hall(slug=str(work.params["slug"]))
            time.sleep(0.05)
            if work.params["slug"] == "refused":
                raise NoRoom(what="it")
            if work.params["slug"] == "wrong":
                raise ZeroDivisionError
            work.progress(1)
            work.finish()

    body(write)
    jobs = {slug: ask(place.hall, slug=slug) for slug in ("refused", "wrong", "right")}
    assert runner.run() == 3
    assert {slug: (get(job).fate, (job.error or {}).get("code")) for slug, job in jobs.items()} == {
        "refused": (Fate.FAILED, "no_room"),
        "wrong": (Fate.FAILED, "job_failed"),
        "right": (Fate.DONE, None),
    }
    assert get(jobs["refused"]).error["params"] == {"what": "it"}  # type: ignore[index]
    assert list(db.session.scalars(select(Hall.slug).where(Hall.slug.in_(jobs)))) == ["right"]


def test_removed_job_stops_and_its_files_are_deleted(
    place: SimpleNamespace, body: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BEAT_SECONDS", 0.01)
    heard: list[str] = []

    def go_on(work: Work) -> None:
        work.file("x").write_text("half")
        with transaction():
            service.remove(db.session.get_one(Job, work.job_id))
        deadline = time.monotonic() + 10
        try:
            while time.monotonic() < deadline:
                work.progress(1)
                time.sleep(0.01)
        except JobLost:
            heard.append("lost")
            raise

    body(go_on)
    ask(place.hall)
    runner.run()
    assert heard == ["lost"]
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0
    assert db.session.scalar(select(func.count()).select_from(FileChunk)) == 0


def test_jobs_and_files_are_deleted_after_a_week(
    place: SimpleNamespace, body: Callable[..., None], clock: time_machine.Traveller
) -> None:
    body(lambda work: work.file("x").write_bytes(b"given"))
    key, orphan = files.new_key(), files.new_key()
    for each in (key, orphan):
        assert files.store(place.hall.id, each, io.BytesIO(b"sent")) == 4
    with transaction():
        job = service.ask(NewJob(hall_id=place.hall.id, staff_id=None, kind="trial", params={}, key=key))
    runner.run()
    assert files.is_kept(key) and files.is_kept(key, version=1) and files.is_kept(orphan)
    clock.shift(KEPT)
    runner.run()
    assert files.is_kept(key, version=1) and not files.is_kept(orphan), "it belongs to no job"
    assert queries.get_job(place.hall.id, job.id, kinds=["trial"]).state is JobState.DONE
    assert not queries.list_jobs(place.hall.id, kinds=["other"], limit=9)
    assert not queries.list_jobs(place.halls[1].id, kinds=["trial"], limit=9)
    clock.shift(timedelta(seconds=1))
    assert not queries.list_jobs(place.hall.id, kinds=["trial"], limit=9)
    assert queries.is_any_left(), "to be deleted"
    runner.run()
    assert db.session.scalar(select(func.count()).select_from(FileChunk)) == 0
    assert db.session.scalar(select(func.count()).select_from(Job)) == 0


def test_large_file_is_stored_in_pieces_and_is_the_same(place: SimpleNamespace) -> None:
    content = bytes(range(256)) * 4096 * 9 + b"the end"  # nine megabytes and a little
    key = files.new_key()
    assert files.store(place.hall.id, key, io.BytesIO(content)) == len(content)
    assert db.session.scalar(select(func.count()).select_from(FileChunk)) == 10
    with files.fetched(key) as path:
        assert path.read_bytes() == content
    assert not path.exists()
    files.store(place.hall.id, key, io.BytesIO(b"short"))
    assert b"".join(files.iter_content(key)) == b"short", "the one before is gone whole"


def test_file_that_is_too_large_is_refused_in_words(
    place: SimpleNamespace, body: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 3)
    body(lambda work: work.file("x").write_bytes(b"four"))
    job = ask(place.hall)
    runner.run()
    assert (get(job).fate, job.error["code"]) == (Fate.FAILED, "file_too_large")  # type: ignore[index]


def test_a_stopping_worker_releases_its_job_without_using_an_attempt(
    place: SimpleNamespace, body: Callable[..., None]
) -> None:
    asked_to_stop = threading.Event()

    def write(work: Work) -> None:
        with transaction():
            factories.hall(slug="half-done")
            asked_to_stop.set()
            work.progress(1)

    body(write)
    job, waiting = ask(place.hall), ask(place.halls[1])
    assert runner.run(most=2, stopping=asked_to_stop.is_set) == 1
    assert (get(job).fate, job.attempts) == (Fate.WAITING, 0)
    assert db.session.scalar(select(func.count()).where(Hall.slug == "half-done")) == 0
    assert get(waiting).fate is Fate.WAITING, "nothing is begun any more"
    assert claim().id == job.id  # type: ignore[union-attr]


@pytest.mark.both_databases
def test_claims_of_many_threads_never_meet(place: SimpleNamespace, app: Flask) -> None:
    for number in range(6):
        ask(place.halls[number % 3], n=number)
    got: list[int] = []

    def take() -> None:
        with app.app_context():
            if job := claim():
                got.append(job.id)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    halls = [db.session.get_one(Job, number).hall_id for number in got]
    assert len(got) == len(set(halls)) == 2
