"""From the first tables to the newest ones: a filled database keeps its rows, and ends up as the models say."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, Connection, MetaData, Table, inspect, select, text

from hallapp.booking.models import Pause
from hallapp.core.database import db, init_app
from hallapp.guides.models import Guide
from hallapp.kinds.standard import FIRST as FIRST_KINDS
from hallapp.ledger.recount import recount
from hallapp.schedule.models import Hall
from hallapp.schedule.no_shows import Consequence
from hallapp.settings import ROOT
from tests.conftest import DATABASES, settings_for
from tests.live import postgresql_database
from tests.no_shows import pause_after

pytestmark = pytest.mark.both_databases

FIRST = "0001"
DAY = date(2026, 5, 5)
LATER = date(2026, 5, 9)
ORIGIN = "440000"


@pytest.fixture(params=DATABASES)
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application that has nothing but an empty database of its own; its context is in force."""
    with _application(request, tmp_path) as app, app.app_context():
        yield app
        db.session.remove()


@contextmanager
def _application(request: pytest.FixtureRequest, folder: Path) -> Iterator[Flask]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{folder / 'fresh.sqlite3'}"
        else:
            server = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(postgresql_database(server, empty=True))
        app = Flask(__name__)
        settings = settings_for(url, folder)
        app.config.update(SETTINGS=settings, SQLALCHEMY_DATABASE_URI=settings.database_url)
        init_app(app)
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def filled(fresh: Flask) -> Flask:
    """A database of the first tables with two halls at work."""
    _fill()
    return fresh


def _fill() -> None:
    flask_migrate.upgrade(revision=FIRST)
    with db.engine.begin() as connection:
        for table, rows in _first_rows().items():
            _insert(connection, table, rows)
        _count_on(connection)


@pytest.fixture(scope="module", params=DATABASES)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application whose database was filled with the first tables, and has the newest ones now.

    On the way the northern hall has got a rule for no-shows, a pause that was lifted, and guides who left.
    """
    with _application(request, tmp_path_factory.mktemp("upgraded")) as app:
        with app.app_context():
            _fill()
            flask_migrate.upgrade(revision="0079")
            _pause_after_no_shows()
            _let_guides_leave()
            flask_migrate.upgrade()
            db.session.remove()
        yield app


def _pause_after_no_shows() -> None:
    with db.engine.begin() as connection:
        rule = "no_show_count = 3, no_show_months = 12, no_show_pause_days = 30"
        connection.execute(text(f"UPDATE hall SET {rule} WHERE id = 1"))
        connection.execute(
            text(
                "INSERT INTO pause (id, hall_id, booking_id, absences, since, until, lifted_at) "
                "SELECT 1, 1, min(id), 3, '2026-05-01', '2026-06-01', '2026-05-02' FROM booking"
            )
        )


def _let_guides_leave() -> None:
    """Let two guides be inactive: the audit trail says when one of them left for the last time."""
    active = {1: False, 2: False, 3: True}
    guides = {"hall_id": 1, "name": "G", "languages": "zh", "created_at": at(1)}
    saved = (
        (at(1, day=date(2026, 1, 5)), False),
        (at(1, day=date(2026, 2, 5)), True),
        (at(17, day=date(2026, 3, 31)), False),  # it is April at the hall
        (at(1, day=date(2026, 6, 5)), False),
    )
    trail = {"hall_id": 1, "action": "guide_saved", "subject": "guide 1"}
    with db.engine.begin() as connection:
        _insert(connection, "guide", [{"id": number, "active": is_, **guides} for number, is_ in active.items()])
        _insert(connection, "audit_entry", [{"at": then, "detail": {"active": is_}, **trail} for then, is_ in saved])


@pytest.fixture
def newest(upgraded: Flask) -> Iterator[Flask]:
    """The same for a test that changes nothing in it; its context is in force."""
    with upgraded.app_context():
        yield upgraded
        db.session.remove()


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def _first_rows() -> dict[str, list[dict[str, Any]]]:
    kind = {"kind": "school"}
    return {
        "hall": [_hall(1, "north", opened_on=date(2017, 6, 29)), _hall(2, "south", opened_on=date(2020, 1, 1))],
        "staff": [
            {"id": 1, "hall_id": 1, "name": "desk", "role": "desk", "password_hash": "-"}
            | {"session_version": 1, "active": True, "created_at": at(0)}
        ],
        "programme": [
            _programme(1, 1, "tour", guides=1, group_min=5, group_max=40),
            _programme(2, 1, "film"),
            _programme(3, 1, "talk", guides=1, mode="online"),
            _programme(4, 2, "tour", guides=1),
            _programme(5, 2, "none"),
        ],
        "opening": [
            _opening(1, 1, 1, weekday=1, starts=time(9)),
            _opening(2, 1, 2, weekday=1, starts=time(9, 30)),
            _opening(3, 1, 1, weekday=2, starts=time(9)),
            _opening(4, 2, 4, weekday=0, starts=time(10)),
        ],
        "slot": [
            _slot(1, 1, 1, at(1), at(2, 30), visitors=30, guides=1),
            _slot(2, 1, 2, at(1, 30), at(2, 30), visitors=10),
            _slot(3, 1, 1, at(2, 30), at(4)),
            _slot(4, 1, 3, at(2), at(3), visitors=40, guides=1),
            _slot(5, 1, 2, at(2, 30), at(3, 30), visitors=5),
            _slot(6, 2, 4, at(1, 30), at(3), visitors=8, guides=1),
            _slot(7, 2, 4, at(1, 30, LATER), at(3, 0, LATER)),
        ],
        "booking": [
            _booking(1, 1, 1, 20, organisation="Ｎo.1 (Ⅱ) 中学", contact_name="李 雷"),
            _booking(2, 1, 1, 10, source="staff", organisation="甲", contact_name="甲"),
            _booking(3, 1, 2, 10, organisation="Straße 5", contact_name="B b"),
            _booking(4, 1, 4, 40, organisation="---", contact_name=""),
            _booking(5, 1, 5, 5, organisation="", contact_name="", source="staff"),
            _booking(6, 2, 6, 8, organisation="甲乙", contact_name="乙"),
            _booking(7, 2, 7, 9, organisation="丙", contact_name="丁", state="cancelled", cancelled_at=at(7)),
        ],
        "origin": [{"booking_id": 1, "division": ORIGIN, "hall_id": 1, "visitors": 20}],
        "pass": [
            {"id": 1, "hall_id": 1, "booking_id": 1, "version": 1, "token": "A", "issued_at": at(0), "revoked_at": None}
        ],
        "desk_event": [_event(1, 1), _event(2, 2), _event(3, 2, undoes=2), _event(4, 1)],
        "arrival": [
            {"event_id": event, "division": ORIGIN, "hall_id": 1, "day": DAY, "programme_id": 1, "visitors": n} | kind
            for event, n in ((1, 12), (2, 10), (3, -10), (4, 6))
        ],
        "day_summary": [{"hall_id": 1, "day": DAY, "programme_id": 1, "visitors": 18, "groups": 1} | kind],
        "division_summary": [
            {"hall_id": 1, "day": DAY, "programme_id": 1, "division": ORIGIN, "visitors": 18, "groups": 1} | kind
        ],
    }


def _hall(id_: int, slug: str, **values: Any) -> dict[str, Any]:
    words = ("address", "directions", "bring", "late")
    return {
        **{f"{word}_{language}": "" for word in words for language in ("zh", "en")},
        **{"id": id_, "slug": slug, "host": None, "name_zh": slug, "name_en": slug, "phone": ""},
        **{"time_zone": "Asia/Shanghai", "accent": "#b3261e", "home_division": ORIGIN, "notice_hours": 3},
        **{"days_ahead": 30, "retention_months": 6, "demonstration": False, "created_at": at(0)},
        **values,
    }


def _programme(id_: int, hall: int, slug: str, **values: Any) -> dict[str, Any]:
    return {
        **{"id": id_, "hall_id": hall, "slug": slug, "name_zh": slug, "name_en": slug, "about_zh": "", "about_en": ""},
        **{"minutes": 90, "group_min": 8, "group_max": 50, "guides": 0, "mode": "on_site", "position": 0},
        **{"active": True},
        **values,
    }


def _opening(id_: int, hall: int, programme: int, **values: Any) -> dict[str, Any]:
    return {"id": id_, "hall_id": hall, "programme_id": programme, "visitor_capacity": 60, "guide_capacity": 2} | values


def _slot(
    id_: int, hall: int, programme: int, starts: datetime, ends: datetime, *, visitors: int = 0, guides: int = 0
) -> dict[str, Any]:
    return {
        **{"id": id_, "hall_id": hall, "programme_id": programme, "day": starts.date(), "open": True},
        **{"starts_at": starts, "ends_at": ends, "visitor_capacity": 60, "guide_capacity": 2},
        **{"visitors_booked": visitors, "guides_booked": guides},
    }


def _booking(id_: int, hall: int, slot: int, visitors: int, **values: Any) -> dict[str, Any]:
    return {
        **{"id": id_, "hall_id": hall, "slot_id": slot, "key": f"k{id_}", "reference": f"r{id_}"},
        **{"submission": f"s{id_}", "state": "confirmed", "source": "online", "language": "zh", "kind": "school"},
        **{"phone": "+8613800000000", "phone_tail": "0000", "email": None, "note": "", "visitors": visitors},
        **{"guides": 0, "consented_at": None, "created_at": at(0, id_ % 60), "cancelled_at": None},
        **values,
    }


def _event(id_: int, booking: int, *, undoes: int | None = None) -> dict[str, Any]:
    return {
        **{"id": id_, "hall_id": 1, "event_id": UUID(int=id_), "kind": "take_back" if undoes else "admit"},
        **{"booking_id": booking, "walk_in_id": None, "undoes_id": undoes, "staff_id": 1, "day": DAY},
        **{"occurred_at": at(1), "received_at": at(1), "override": None, "reason": None},
    }


def _insert(connection: Connection, name: str, rows: list[dict[str, Any]]) -> None:
    table = Table(name, MetaData(), autoload_with=connection)
    if connection.dialect.name == "sqlite":
        rows = [{key: value.hex if isinstance(value, UUID) else value for key, value in row.items()} for row in rows]
    connection.execute(table.insert(), rows)


def _count_on(connection: Connection) -> None:
    """Let new ids begin after those given; SQLite does by itself."""
    if connection.dialect.name == "postgresql":
        for name in ("hall", "programme", "opening", "slot", "booking"):
            connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))


def _rows(name: str, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of a table of the models, in the order of the first one."""
    table = db.metadata.tables[name]
    wanted = [table.c[column] for column in columns]
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*wanted).order_by(*wanted[:2]))]


def _everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables as they are in the database, whatever the models say."""
    found = MetaData()
    with db.engine.connect() as connection:
        found.reflect(connection)
        return {
            table.name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=repr_sorted)
            for table in found.sorted_tables
            if table.name != "alembic_version"
        }


def repr_sorted(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


def _shape() -> dict[str, Any]:
    """Columns and named constraints and indexes of all tables."""
    inspector = inspect(db.engine)
    return {
        table: (
            {column["name"]: (str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)},
            {check["name"]: check["sqltext"] for check in inspector.get_check_constraints(table)},
            {unique["name"]: unique["column_names"] for unique in inspector.get_unique_constraints(table)},
            {key["name"]: key["constrained_columns"] for key in inspector.get_foreign_keys(table)},
            {index["name"]: index["column_names"] for index in inspector.get_indexes(table)},
        )
        for table in inspector.get_table_names()
    }


def test_newest_tables_are_the_models(newest: Flask) -> None:
    for path in sorted((ROOT / "hallapp").rglob("*models.py")):  # rooms open with the first request only
        import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    options = {"compare_type": True, "compare_server_default": True}
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, db.metadata) == []


def test_newest_tables_have_the_checks_of_the_models(newest: Flask) -> None:
    inspector = inspect(db.engine)
    for table in db.metadata.sorted_tables:
        checks = [each for each in table.constraints if isinstance(each, CheckConstraint)]
        found = {check["name"]: check["sqltext"] for check in inspector.get_check_constraints(table.name)}
        assert set(found) == {check.name for check in checks}, table.name
        if db.engine.dialect.name == "sqlite":  # PostgreSQL words them anew
            assert found == {check.name: str(check.sqltext) for check in checks}


def test_grams_are_their_own_index_on_sqlite(newest: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'gram'"))
        assert made.rstrip().endswith("WITHOUT ROWID")


def test_foreign_keys_hold_after_the_migration(newest: Flask) -> None:
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def test_halls_get_the_kinds_that_there_were(newest: Flask) -> None:
    assert sorted(_rows("organisation_kind", "hall_id", "position", "code", "name", "active")) == [
        (hall, position, code, {}, True) for hall in (1, 2) for position, code in enumerate(FIRST_KINDS)
    ]
    assert {kind for (kind,) in _rows("booking", "kind") + _rows("arrival", "kind")} <= set(FIRST_KINDS)


@pytest.mark.nightly
def test_halls_get_the_usual_policy(newest: Flask) -> None:
    old = _rows("hall", "id", "slug", "notice_hours", "days_ahead", "slots_until")
    assert old == [(1, "north", 3, 30, DAY), (2, "south", 3, 30, LATER)]
    sizes = ("group_min", "group_max", "release_time", "change_hours", "offer_hours", "confirmation", "name_list")
    assert set(_rows("hall", *sizes)) == {(8, 50, time(0), 0, 24, "at_once", "none")}
    absence = ("id", "no_show_count", "no_show_months", "no_show_pause_days", "no_show_scope")
    assert _rows("hall", *absence) == [(1, 3, 12, 30, "phone"), (2, 0, 6, 90, "phone")]
    days = ("inside_capacity", "guides_on_duty", "closed_weekdays", "holidays", "makeup_days", "holiday_years")
    assert set(_rows("hall", *days)) == {(None, None, "", "as_usual", "as_usual", "")}
    words = ("notice_zh", "notice_en", "pass_note_zh", "pass_note_en", "appeal_zh", "appeal_en", "languages")
    assert set(_rows("hall", *words)) == {(*[""] * 6, "zh,en")}


@pytest.mark.nightly
def test_the_rule_for_no_shows_becomes_one_tier_and_lifted_pauses_stay_settled(newest: Flask) -> None:
    halls = db.session.query(Hall).order_by(Hall.id)
    assert [hall.no_show_tiers for hall in halls] == [pause_after(3, months=12, days=30), ()]
    assert [(one.consequence, one.forgiven) for one in db.session.query(Pause)] == [(Consequence.PAUSE, True)]


def test_guides_who_left_get_their_last_day_where_the_trail_tells_it(newest: Flask) -> None:
    days = dict(db.session.execute(select(Guide.id, Guide.last_day)).all())
    assert days == {1: date(2026, 4, 1), 2: None, 3: None}


@pytest.mark.nightly
def test_texts_become_one_value_by_language(newest: Flask) -> None:
    halls = db.session.query(Hall).order_by(Hall.id)
    assert [dict(hall.name) for hall in halls] == [{"zh": slug, "en": slug} for slug in ("north", "south")]
    assert {hall.languages for hall in halls} == {"zh,en"}
    assert all(not hall.address and not hall.intro for hall in halls)


@pytest.mark.on_database("sqlite")
def test_a_hall_without_slots_has_no_last_day_of_slots(fresh: Flask) -> None:
    flask_migrate.upgrade(revision=FIRST)
    with db.engine.begin() as connection:
        _insert(connection, "hall", [_hall(1, "new", opened_on=DAY)])
    flask_migrate.upgrade(revision="0002")
    assert _rows("hall", "id", "slots_until") == [(1, None)]


@pytest.mark.nightly
def test_programmes_keep_their_sizes_and_follow_the_hall_otherwise(newest: Flask) -> None:
    assert _rows("programme", "id", "group_min", "group_max", "no_shows_count") == [
        (1, 5, 40, True),
        *((id_, 8, 50, True) for id_ in (2, 3, 4, 5)),
    ]
    policy = ("notice_hours", "days_ahead", "release_time", "change_hours", "offer_hours", "confirmation", "name_list")
    assert set(_rows("programme", *policy)) == {(None,) * 7}


@pytest.mark.nightly
def test_openings_become_one_template_for_each_programme(newest: Flask) -> None:
    templates = {
        programme: (id_, hall, valid_from)
        for programme, id_, hall, valid_from in _rows("week_template", "programme_id", "id", "hall_id", "valid_from")
    }
    first, second = date(2017, 6, 29), date(2020, 1, 1)
    assert {programme: rest for programme, (_id, *rest) in templates.items()} == {
        1: [1, first],
        2: [1, first],
        4: [2, second],
    }
    assert _rows("opening", "id", "template_id", "weekday", "starts", "visitor_capacity", "guide_capacity") == [
        (1, templates[1][0], 1, time(9), 60, 2),
        (2, templates[2][0], 1, time(9, 30), 60, 2),
        (3, templates[1][0], 2, time(9), 60, 2),
        (4, templates[4][0], 0, time(10), 60, 2),
    ]


@pytest.mark.nightly
def test_slots_count_what_the_hall_holds_at_their_start(newest: Flask) -> None:
    assert _rows("slot", "id", "visitors_booked", "guides_booked", "inside_booked", "guides_busy") == [
        (1, 30, 1, 30, 1),
        (2, 10, 0, 40, 1),
        (3, 0, 0, 5, 1),  # the first two have ended; the talk has a guide until three, but nobody inside
        (4, 40, 1, 40, 2),
        (5, 5, 0, 5, 1),
        (6, 8, 1, 8, 1),
        (7, 0, 0, 0, 0),
    ]
    forced = ("visitors_forced", "guides_forced", "inside_forced", "busy_forced")
    assert set(_rows("slot", *forced)) == {(0, 0, 0, 0)}
    assert set(_rows("slot", "inside_capacity", "guides_on_duty", "open_by_hand")) == {(None, None, None)}


def test_figures_are_counted_from_the_ledger(newest: Flask) -> None:
    assert set(_rows("arrival", "source", "week_hour", "guide_id")) == {  # Tuesday at nine in Guangzhou
        ("online", 33, None),
        ("staff", 33, None),
    }
    assert recount(1) == recount(2) == []
    month = [
        row for row in _rows("figure", "span", "facet", "first", "part", "visitors", "groups") if row[0] == "month"
    ]
    assert ("month", "all", date(2026, 5, 1), "", 18, 1) in month
    assert ("month", "organisation", date(2026, 5, 1), "new", 18, 1) in month


@pytest.mark.nightly
def test_bookings_get_keys_and_those_that_came_have_arrived(newest: Flask) -> None:
    assert _rows("booking", "id", "state", "organisation_key") == [
        (1, "arrived", "no1ii中学"),
        (2, "confirmed", "甲"),  # all of it was taken back
        (3, "confirmed", "strasse5"),
        (4, "confirmed", ""),
        (5, "confirmed", ""),
        (6, "confirmed", "甲乙"),
        (7, "cancelled", "丙"),
    ]
    assert set(_rows("booking", "offered_until", "over_limit", "reply")) == {(None, None, "")}


@pytest.mark.nightly
def test_history_begins_with_what_is_known(newest: Flask) -> None:
    columns = ("booking_id", "id", "hall_id", "at", "verb", "actor", "staff_id", "before", "after", "detail")
    events = [(booking, *rest) for booking, _id, *rest in _rows("booking_event", *columns)]
    assert events == [
        (1, 1, at(0, 1), "placed", "organiser", None, None, "confirmed", {}),
        (2, 1, at(0, 2), "placed", "system", None, None, "confirmed", {}),
        (3, 1, at(0, 3), "placed", "organiser", None, None, "confirmed", {}),
        (4, 1, at(0, 4), "placed", "organiser", None, None, "confirmed", {}),
        (5, 1, at(0, 5), "placed", "system", None, None, "confirmed", {}),
        (6, 2, at(0, 6), "placed", "organiser", None, None, "confirmed", {}),
        (7, 2, at(0, 7), "placed", "organiser", None, None, "confirmed", {}),
        (7, 2, at(7), "cancelled", "organiser", None, "confirmed", "cancelled", {}),
    ]


def test_names_are_found_by_their_parts(newest: Flask) -> None:
    found: dict[tuple[int, int], set[str]] = {}
    for hall, gram, booking in _rows("gram", "hall_id", "gram", "booking_id"):
        found.setdefault((hall, booking), set()).add(gram)
    assert found == {
        (1, 1): {"no", "o.", ".1", "1(", "(i", "ii", "i)", ")中", "中学", "学", "李雷", "雷"},
        (1, 2): {"甲"},
        (1, 3): {"st", "tr", "ra", "as", "ss", "se", "e5", "5", "bb", "b"},
        (1, 4): {"--", "-"},
        (2, 6): {"甲乙", "乙"},
        (2, 7): {"丙", "丁"},
    }


@pytest.mark.nightly
@pytest.mark.on_database("sqlite")
def test_more_bookings_than_are_converted_at_once(filled: Flask) -> None:
    count = 2_100
    with db.engine.begin() as connection:
        more = [_booking(id_, 1, 3, 8, organisation=f"学 {id_}", contact_name="") for id_ in range(100, 100 + count)]
        _insert(connection, "booking", more)
    flask_migrate.upgrade(revision="0006")
    keys = dict(_rows("booking", "id", "organisation_key"))
    assert all(keys[id_] == f"学{id_}" for id_ in range(100, 100 + count))
    assert len({booking for booking, gram in _rows("gram", "booking_id", "gram") if gram == "学1"}) > 1_000
    assert len(_rows("booking_event", "id")) == count + 8


def test_downgrade_to_the_first_version_restores_its_tables(filled: Flask) -> None:
    shape, rows = _shape(), _everything()
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision=FIRST)
    assert _shape() == shape
    assert _everything() == rows


@pytest.mark.nightly
@pytest.mark.on_database("postgresql")  # the stricter one
def test_downgrade_handles_values_that_the_first_tables_cannot_hold(filled: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        for statement in (
            "UPDATE programme SET group_min = NULL, group_max = 6 WHERE id = 1",
            "UPDATE programme SET group_max = NULL WHERE id = 2",
            "UPDATE slot SET visitors_booked = 70, visitors_forced = 70, inside_booked = 70 WHERE id = 3",
            "UPDATE booking SET state = 'absent' WHERE id = 1",
            "UPDATE booking SET state = 'requested', source = 'phone' WHERE id = 2",
            "UPDATE booking SET state = 'declined', source = 'window' WHERE id = 3",
            "INSERT INTO week_template (hall_id, programme_id, valid_from) VALUES (1, NULL, '2026-01-01')",
            "INSERT INTO week_template (hall_id, programme_id, valid_from) VALUES (2, 4, '2026-01-01')",
            "INSERT INTO opening (hall_id, template_id, weekday, starts, visitor_capacity, guide_capacity)"
            " SELECT hall_id, id, 0, '10:00:00.000000', 33, 0 FROM week_template WHERE valid_from = '2026-01-01'",
        ):
            connection.execute(text(statement))
    flask_migrate.downgrade(revision=FIRST)
    rows = _everything()
    sizes = {row["id"]: (row["group_min"], row["group_max"]) for row in rows["programme"]}
    assert sizes == {1: (6, 6), 2: (8, 50), 3: (8, 50), 4: (8, 50), 5: (8, 50)}
    assert {row["id"]: row["visitor_capacity"] for row in rows["slot"]}[3] == 70
    states = {row["id"]: (row["state"], row["source"], row["cancelled_at"] is None) for row in rows["booking"]}
    assert states[1] == ("confirmed", "online", True)
    assert states[2] == ("confirmed", "staff", True)
    assert states[3] == ("cancelled", "staff", False)
    openings = sorted((row["programme_id"], row["weekday"], row["visitor_capacity"]) for row in rows["opening"])
    assert openings == [(1, 1, 60), (1, 2, 60), (2, 1, 60), (4, 0, 33)]
