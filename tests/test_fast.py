"""What the inner loop chooses, and which database a `one_database` test gets."""

import pytest

from tests import fast
from tests.conftest import DATABASES, chosen_database, database_of


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


def test_without_a_change_every_layer_is_tried() -> None:
    assert fast.choose([]) == list(fast.EVERY_LAYER)
    assert all((fast.ROOT / path).is_file() for path in fast.EVERY_LAYER)


@pytest.mark.one_database
@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize("number", range(20))
def test_one_database_is_the_one_that_its_name_chooses(
    request: pytest.FixtureRequest, database: str, number: int
) -> None:
    assert database_of(request.node) == database
    assert request.config.getoption("--database") or chosen_database(request.node) == database
