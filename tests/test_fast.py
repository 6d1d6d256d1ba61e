"""What the inner loop chooses, and which database a test runs on."""

import os

import pytest

from tests import fast
from tests.conftest import DATABASES, PROFILE, database_of, databases_for


def test_tests_of_a_changed_room_come_first_and_those_of_its_importers_next() -> None:
    chosen = fast.choose(["hallapp/passes/codes.py"])
    assert chosen[0] == "tests/passes"
    assert chosen.index("tests/desk") < chosen.index("tests/test_routes.py")
    assert "tests/schedule" not in chosen  # below passes: nothing there imports it


def test_templates_test_helpers_and_migrations_have_tests_too() -> None:
    changed = ["templates/desk/index.html", "tests/kiosk/test_kiosk.py", "hallapp/migrations/versions/0001_x.py"]
    first, *rooms = fast.choose(changed)[:4]
    assert first == "tests/kiosk/test_kiosk.py"
    assert set(rooms) == {"tests/desk", "tests/kiosk", "tests/core/test_migrations.py"}


def test_without_a_change_one_file_of_each_layer_runs() -> None:
    assert fast.choose([]) == list(fast.EVERY_LAYER)
    assert all((fast.ROOT / path).is_file() for path in fast.EVERY_LAYER)


def test_change_at_the_bottom_leaves_the_farthest_rooms_to_the_whole_run() -> None:
    chosen = fast.choose(["hallapp/core/text.py"])
    first, left = fast.divide(chosen)
    assert first + left == chosen
    assert first[0] == "tests/core" and left
    assert sum(map(fast.count_tests, first[:-1])) < fast.MOST_TESTS <= sum(map(fast.count_tests, first))


def test_small_change_leaves_nothing() -> None:
    assert fast.divide(fast.choose(["hallapp/screen/queries.py"]))[1] == []


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("number", range(20))
def test_one_database_is_the_one_that_the_name_chooses(
    request: pytest.FixtureRequest, database: str, number: int
) -> None:
    assert database_of(request.node) == database
    assert request.config.getoption("--database") or databases_for(request.node) == (database,)


@pytest.mark.either_database
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("number", range(20))
def test_one_of_the_two_is_enough_by_day_where_they_may_differ(
    request: pytest.FixtureRequest, database: str, number: int
) -> None:
    assert request.config.getoption("--database") or databases_for(request.node) == (database,)
    assert databases_for(request.node, "both") == DATABASES


@pytest.mark.both_databases
@pytest.mark.parametrize("database", DATABASES)
def test_marked_tests_run_on_both(request: pytest.FixtureRequest, database: str) -> None:
    assert databases_for(request.node) == DATABASES
    assert databases_for(request.node, database) == (database,)


@pytest.mark.on_database("sqlite")
@pytest.mark.parametrize("database", DATABASES)
def test_a_test_can_name_its_database(request: pytest.FixtureRequest, database: str) -> None:
    assert request.config.getoption("--database") or database == "sqlite"
    assert databases_for(request.node) == ("sqlite",)
    assert databases_for(request.node, "both") == DATABASES


@pytest.mark.on_database("postgresql")
@pytest.mark.parametrize("database", DATABASES)
def test_what_names_postgresql_never_runs_on_sqlite(request: pytest.FixtureRequest, database: str) -> None:
    assert database == "postgresql"
    assert databases_for(request.node, "sqlite") == ()
    assert databases_for(request.node, "both") == ("postgresql",)


@pytest.mark.nightly
def test_marked_tests_wait_for_the_night() -> None:
    assert PROFILE == "nightly" or "CHAOS_ROUNDS" in os.environ
