"""Several hosts on one database: they may start at the same time."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text

from tests import warm
from tests.conftest import SECRET
from tests.live import COMMAND_SECONDS, postgresql_database

pytestmark = pytest.mark.both_databases

HOSTS = 3
#: `hall demo --if-empty` with a demonstration that is made in no time: what hosts do at once is to look for a hall.
QUICK_DEMONSTRATION = """
import sys
from wsgi import app
from hallapp.demo import facts, service
from hallapp.schedule import starter
def fill():
    starter.create_hall(facts.HALL)
    return []
service.fill, service.close_years = fill, lambda: None
app.cli.main(args=sys.argv[1:])
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'live.sqlite3'}"
        return
    with postgresql_database(request.getfixturevalue("postgresql_server"), empty=True) as address:
        yield address


def at_once(url: str, folder: Path, *command: str, hosts: int = HOSTS) -> list[tuple[int, str]]:
    """Run a program of Python on each host at the same time; returns the exit codes and what was written."""
    given = {"HALL_DATABASE_URL": url, "HALL_SECRET_KEY": SECRET, "HALL_INSTANCE": str(folder)}
    with ExitStack() as stack:
        outputs = [stack.enter_context((folder / f"host {number}").open("wb")) for number in range(hosts)]
        programs = [warm.start(command, env={**os.environ, **given}, output=output) for output in outputs]
        codes = [program.wait(COMMAND_SECONDS) for program in programs]
    return [(code, Path(output.name).read_text()) for code, output in zip(codes, outputs, strict=True)]


def count(url: str, table: str) -> int:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(text(table))).scalar_one()
    engine.dispose()
    return int(found)


@pytest.mark.slow
def test_three_hosts_migrate_and_make_a_hall_at_once(url: str, tmp_path: Path) -> None:
    setup = ("-m", "flask", "--app", "wsgi", "hall", "setup", "--name-en", "Lingnan", "--opened-on", "2017-06-29")
    answers = at_once(url, tmp_path, *setup)
    assert [code for code, _text in answers] == [0] * HOSTS, answers
    assert sum("Created the hall" in said for _code, said in answers) == 1
    assert sum("nothing was changed" in said for _code, said in answers) == HOSTS - 1
    assert count(url, "hall") == 1
    assert count(url, "alembic_version") == 1


@pytest.mark.slow
def test_three_hosts_fill_the_demonstration_once(postgresql_server: str, tmp_path: Path) -> None:
    """On PostgreSQL alone, as hosts share no file."""
    with postgresql_database(postgresql_server) as url:
        answers = at_once(url, tmp_path, "-c", QUICK_DEMONSTRATION, "hall", "demo", "--if-empty")
        assert [code for code, _text in answers] == [0] * HOSTS, answers
        assert sum("A demonstration hall has been made" in said for _code, said in answers) == 1
        assert count(url, "hall") == 1
