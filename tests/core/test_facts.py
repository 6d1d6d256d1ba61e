"""Facts of a hall that are held in the process: never older than what has been committed, whoever committed it."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import NoResultFound

from hallapp.core import facts
from hallapp.core.database import db, transaction
from hallapp.core.facts import Facts
from hallapp.desk import load
from hallapp.schedule import hall_facts
from hallapp.schedule.models import Hall, Programme
from tests import factories
from tests.processes import Companion
from tests.queries import Queries

pytestmark = pytest.mark.both_databases


class Names:
    """The phone of a hall and its programmes, held; counts how often they were read."""

    def __init__(self) -> None:
        self.read = 0
        self.facts = Facts(self._load)

    def _load(self, hall_id: int) -> tuple[str, tuple[str, ...]]:
        self.read += 1
        names = select(Programme.name).where(Programme.hall_id == hall_id).order_by(Programme.id)
        phone = db.session.scalars(select(Hall.phone).where(Hall.id == hall_id)).one()
        return phone, tuple(name("zh") for name in db.session.scalars(names))

    def get(self, hall_id: int) -> tuple[str, tuple[str, ...]]:
        """Ask as a new request does."""
        db.session.rollback()
        return self.facts.get(hall_id)


@pytest.fixture
def hall(app: Flask) -> Hall:
    with transaction():
        return factories.hall()


@pytest.fixture
def names() -> Names:
    return Names()


def test_facts_are_read_once_and_then_cost_one_statement(hall: Hall, names: Names) -> None:
    hall_id = hall.id
    first = names.get(hall_id)
    with Queries() as asked:
        assert [names.get(hall_id) for _ in range(3)] == [first] * 3
    assert (names.read, sum(one.startswith("SELECT") for one in asked.sent)) == (1, 3)


def _by_entity(hall: Hall) -> None:
    hall.phone = "020 1"


def _by_statement(hall: Hall) -> None:
    db.session.execute(update(Hall).where(Hall.id == hall.id).values(phone="020 1"))


def _by_table(hall: Hall) -> None:
    table = Hall.__table__
    db.session.execute(update(table).where(table.c.id == hall.id).values(phone="020 1"))  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [_by_entity, _by_statement, _by_table])
def test_each_way_to_write_is_seen_by_the_next_who_asks(
    hall: Hall, names: Names, change: Callable[[Hall], None]
) -> None:
    names.get(hall.id)
    with transaction():
        change(hall)
    assert names.get(hall.id)[0] == "020 1"


def test_new_and_deleted_rows_are_seen(hall: Hall, names: Names) -> None:
    names.get(hall.id)
    with transaction():
        db.session.add(Programme(hall_id=hall.id, slug="oath", name={"zh": "宣誓", "en": "Oath"}, minutes=30))
    assert names.get(hall.id)[1][-1] == "宣誓"
    with transaction():
        db.session.delete(db.session.scalars(select(Programme).where(Programme.slug == "oath")).one())
    assert "宣誓" not in names.get(hall.id)[1]
    row = {"hall_id": hall.id, "slug": "film", "name": {"zh": "影片", "en": "Film"}, "minutes": 30}
    with transaction():
        db.session.execute(insert(Programme), [row])
    assert names.get(hall.id)[1][-1] == "影片"
    with transaction():
        db.session.execute(delete(Programme).where(Programme.slug == "film"))
    assert "影片" not in names.get(hall.id)[1]


def test_change_that_is_rolled_back_is_never_held(hall: Hall, names: Names) -> None:
    before = names.get(hall.id)
    with pytest.raises(RuntimeError), transaction():
        hall.phone = "020 2"
        db.session.flush()
        assert names.facts.get(hall.id)[0] == "020 2", "a transaction sees its own change"
        raise RuntimeError
    assert names.get(hall.id) == before
    assert names.facts.get(hall.id, version=facts.read_version(hall.id)) == before


@pytest.mark.parametrize("undone", [False, True])
def test_savepoint_does_not_end_the_change(hall: Hall, names: Names, undone: bool) -> None:
    names.get(hall.id)
    version = facts.read_version(hall.id)
    with transaction():
        hall.phone = "020 4"
        db.session.flush()
        savepoint = db.session.begin_nested()
        db.session.add(Programme(hall_id=hall.id, slug="oath", name={"zh": "宣誓", "en": "Oath"}, minutes=30))
        savepoint.rollback() if undone else savepoint.commit()
        assert facts.read_version(hall.id) == version, "the version's row is locked at the very end only"
        assert names.facts.get(hall.id)[0] == "020 4"
    phone, programmes = names.get(hall.id)
    assert (phone, "宣誓" in programmes) == ("020 4", not undone)


def test_other_halls_keep_theirs(hall: Hall, names: Names) -> None:
    with transaction():
        other = factories.hall()
    names.get(hall.id), names.get(other.id)
    with transaction():
        hall.phone = "020 3"
    names.get(other.id)
    assert names.read == 2
    names.get(hall.id)
    assert names.read == 3


def test_version_comes_with_another_statement(hall: Hall) -> None:
    found = db.session.execute(select(Hall.id, facts.version_of(Hall.id))).one()
    assert found == (hall.id, facts.read_version(hall.id))


@pytest.mark.parametrize("get_hall", [hall_facts.get_hall, load.get_hall])
def test_hall_that_is_gone_is_not_found(hall: Hall, get_hall: Callable[[int], object]) -> None:
    with pytest.raises(NoResultFound):
        get_hall(hall.id + 1)


def test_nothing_is_held_where_no_version_was_ever_written(hall: Hall, names: Names) -> None:
    with db.engine.begin() as connection:
        connection.execute(delete(facts.FactVersion))
    names.get(hall.id), names.get(hall.id)
    assert names.read == 2


def _change_on_command(app: Flask, connection: Connection) -> None:
    while True:
        hall_id, phone = connection.recv()
        with app.app_context(), transaction():
            db.session.execute(update(Hall).where(Hall.id == hall_id).values(phone=phone))
        connection.send("committed")


def test_change_by_another_process_is_seen_at_once(hall: Hall, names: Names, database_url: str, tmp_path: Path) -> None:
    hall_id = hall.id
    names.get(hall_id)
    db.session.rollback()
    other = Companion(database_url, tmp_path, _change_on_command)
    for number in range(20):
        other.send((hall_id, f"020 {number}"))
        other.receive()
        assert names.get(hall_id)[0] == f"020 {number}"
        db.session.rollback()
    other.stop()
