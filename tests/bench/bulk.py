"""Ten million ledger rows in minutes: all by the database itself, without a row that Python has seen.

The rows of a run of numbers follow from arithmetic, so every fill is the same. Indexes are made afterwards, and nothing
is checked meanwhile: `reports recount` proves such a ledger as any other. The hall keeps its slots, and has closed its
past months but the last one, whatever the size: only the number of arrivals differs.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert

from hallapp.accounts.roles import Role
from hallapp.core import clock
from hallapp.core.database import db, transaction
from hallapp.guides.models import Guide
from hallapp.kinds.standard import FIRST
from hallapp.ledger import closes
from hallapp.ledger.facets import ALL, KIND, ORGANISATION, PROGRAMME, TIME
from hallapp.ledger.models import Arrival, DeskEvent, WalkIn, Way
from hallapp.origins.china import DIVISIONS
from hallapp.periods import Period
from hallapp.reports.figures import filing
from hallapp.reports.figures import service as figures
from hallapp.schedule.models import Hall, Programme, Slot
from tests import factories
from tests.bench.rows import MANAGER, OPENED, ZONE

_ORGANISATIONS, _GUIDES, _SLOTS_A_DAY = 20_000, 12, 6
_HOME = "440000"
_TABLES = (DeskEvent.__table__, Arrival.__table__, WalkIn.__table__)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What the two databases say differently."""

    numbers: str
    day: str
    month: str
    year: str
    number: str
    before: tuple[str, ...]
    after: tuple[str, ...]


_DIALECTS = {
    "sqlite": _Dialect(
        numbers="(WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {last}) SELECT n FROM n)",
        day="TEXT",
        month="strftime('%Y-%m-01', first)",
        year="strftime('%Y-01-01', first)",
        number="printf('%032x', {})",
        before=("PRAGMA foreign_keys=OFF", "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF"),
        after=("ANALYZE", "PRAGMA synchronous=FULL", "PRAGMA journal_mode=WAL"),
    ),
    "postgresql": _Dialect(
        numbers="(SELECT generate_series(0::bigint, {last}) AS n)",
        day="DATE",
        month="date_trunc('month', first)::date",
        year="date_trunc('year', first)::date",
        number="lpad(to_hex({}), 32, '0')::uuid",
        before=("SET session_replication_role = replica", "SET work_mem = '256MB'"),
        after=("VACUUM ANALYZE",),
    ),
}


def fill(app: Flask, *, ledger_rows: int, close_months: bool = True) -> int:
    """Fill an empty database with a hall and so many rows of its ledger; gives the hall's number."""
    with app.app_context():
        with transaction():
            hall = factories.hall(opened_on=OPENED)
            programmes = [factories.programme(hall=hall, position=position) for position in range(3)]
            staff = factories.staff(hall=hall, role=Role.MANAGER, name=MANAGER)
            guides = [Guide(hall_id=hall.id, name=f"讲解员{n}", created_at=clock.now()) for n in range(_GUIDES)]
            db.session.add_all(guides)
            db.session.flush()
            days = _open_days()
            _insert_slots(programmes, days)
        with _bare_tables() as run:
            _make_ledger(run, hall, programmes, guides, staff.id, days, ledger_rows)
            _sum_up(run, hall.id)
        if close_months:
            _close_months(hall, staff.id)
        return hall.id


def _open_days() -> list[date]:
    """Every day since the opening up to yesterday, but Mondays."""
    count = (clock.today(ZONE) - OPENED).days
    return [day for number in range(count) if (day := OPENED + timedelta(days=number)).weekday()]


def _insert_slots(programmes: Sequence[Programme], days: Sequence[date]) -> None:
    rows = [
        {
            "hall_id": programme.hall_id,
            "programme_id": programme.id,
            "day": day,
            "starts_at": (starts := clock.at(day, time(9 + number), ZONE)),
            "ends_at": starts + timedelta(minutes=90),
            "visitor_capacity": 10_000,
            "guide_capacity": 100,
            "visitors_booked": 20,
        }
        for day in days
        for programme in programmes
        for number in range(_SLOTS_A_DAY)
    ]
    db.session.connection().execute(insert(Slot), rows)


@contextmanager
def _bare_tables() -> Iterator[Any]:
    """A way to run statements while the ledger has no indexes and nothing is checked; gives them back."""
    dialect = _DIALECTS[db.engine.dialect.name]
    indexes = [index for table in _TABLES for index in table.indexes]
    with db.engine.begin() as connection:
        for index in indexes:
            index.drop(connection)
    db.engine.dispose()
    with closing(db.engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        if db.engine.dialect.name == "postgresql":
            driver.autocommit = True
        cursor = driver.cursor()
        for statement in dialect.before:
            cursor.execute(statement)
        yield cursor.execute
        connection.invalidate()
    with db.engine.begin() as connection:
        for index in indexes:
            index.create(connection)
    with closing(db.engine.raw_connection()) as connection:
        driver = connection.driver_connection
        if db.engine.dialect.name == "postgresql":
            driver.autocommit = True
        for statement in dialect.after:
            driver.cursor().execute(statement)
        connection.invalidate()


def _make_ledger(
    run: Any,
    hall: Hall,
    programmes: Sequence[Programme],
    guides: Sequence[Guide],
    staff_id: int,
    days: Sequence[date],
    rows: int,
) -> None:
    """Walk-ins of one, one, one, two and three divisions in turn, evenly over the days."""
    dialect = _DIALECTS[db.engine.dialect.name]
    groups = max(1, rows * 5 // 8)
    weighted = [*range(len(DIVISIONS)), *([list(DIVISIONS).index(_HOME)] * 24)]
    _values(run, f"bench_day (number INTEGER PRIMARY KEY, day {dialect.day}, weekday INTEGER)", (
        f"({number}, '{day}', {day.weekday()})" for number, day in enumerate(days)
    ))  # fmt: skip
    _values(run, "bench_code (place INTEGER PRIMARY KEY, code VARCHAR(8))", (
        f"({place}, '{code}')" for place, code in enumerate(DIVISIONS)
    ))  # fmt: skip
    _values(run, "bench_pick (number INTEGER PRIMARY KEY, place INTEGER)", (
        f"({number}, {place})" for number, place in enumerate(weighted)
    ))  # fmt: skip
    kinds = [f"'{kind}'" for kind in FIRST]
    ways = [f"'{way}'" for way in Way if way is not Way.HISTORY]
    run(
        f"""
        CREATE TEMP TABLE bench_group AS SELECT id, day, kind, programme, source, guide, week_hour, place, parts,
            people,
            CASE WHEN kind = 'individual' OR chance % 10 < 3 THEN NULL ELSE 1 + chance / 16 % {_ORGANISATIONS} END
                AS organisation,
            people + CASE WHEN parts > 1 THEN 1 + (people + 10) % 30 ELSE 0 END
                + CASE WHEN parts > 2 THEN 1 + (people + 21) % 30 ELSE 0 END AS total
        FROM (
            SELECT n + 1 AS id, d.day, {_one_of("chance / 64", kinds)} AS kind,
                {_one_of("chance / 1024", [programme.id for programme in programmes])} AS programme,
                {_one_of("chance / 256", ways)} AS source,
                {_one_of("chance / 4096", ["NULL", *(guide.id for guide in guides)])} AS guide,
                d.weekday * 24 + 9 + chance / 2048 % 8 AS week_hour, p.place, chance,
                CASE n % 5 WHEN 3 THEN 2 WHEN 4 THEN 3 ELSE 1 END AS parts, 1 + chance / 8 % 30 AS people
            FROM (SELECT n, (n * 2654435761 + 97) % 4294967296 AS chance FROM {dialect.numbers} AS numbers) AS rows
            LEFT JOIN bench_day AS d ON d.number = n * {len(days)} / {groups}
            LEFT JOIN bench_pick AS p ON p.number = chance % {len(weighted)}
        ) AS made ORDER BY id
    """.replace("{last}", str(groups - 1))
    )
    moment = f"'{clock.now():%Y-%m-%d %H:%M:%S.000000}'" + ("+00" if dialect.day == "DATE" else "")
    moment = moment.replace("'+00", "+00'")
    run(f"""
        INSERT INTO walk_in (id, hall_id, programme_id, kind, organisation)
        SELECT id, {hall.id}, programme, kind, '' FROM bench_group
    """)
    run(f"""
        INSERT INTO desk_event (id, hall_id, event_id, kind, walk_in_id, staff_id, day, occurred_at, received_at)
        SELECT id, {hall.id}, {dialect.number.format("id")}, 'admit', id, {staff_id}, day, {moment}, {moment}
        FROM bench_group
    """)
    run(f"""
        INSERT INTO arrival (event_id, division, hall_id, day, programme_id, kind, source, guide_id, organisation,
            week_hour, visitors, extra)
        SELECT id, code, {hall.id}, day, programme, kind, source, guide, organisation, week_hour,
            CASE turn WHEN 0 THEN people ELSE 1 + (people + 11 * turn - 1) % 30 END, 0
        FROM bench_group
        CROSS JOIN (SELECT 0 AS turn UNION ALL SELECT 1 UNION ALL SELECT 2) AS turns
        LEFT JOIN bench_code AS c ON c.place = (bench_group.place + 7 * turn) % {len(DIVISIONS)}
        WHERE turn < parts
    """)
    if db.engine.dialect.name == "postgresql":
        for table in ("walk_in", "desk_event"):
            run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {groups})")


def _values(run: Any, table: str, rows: Iterator[str]) -> None:
    run(f"CREATE TEMP TABLE {table}")
    run(f"INSERT INTO {table.split()[0]} VALUES {', '.join(rows)}")


def _one_of(chance: str, values: Sequence[Any]) -> str:
    cases = " ".join(f"WHEN {number} THEN {value}" for number, value in enumerate(values))
    return f"CASE ({chance}) % {len(values)} {cases} END"


_PARTS = {
    ALL: "''",
    PROGRAMME: "CAST(programme AS VARCHAR)",
    KIND: "kind",
    "source": "source",
    "guide": "COALESCE(CAST(guide AS VARCHAR), '0')",
    TIME: "CAST(week_hour AS VARCHAR)",
    ORGANISATION: """CASE WHEN bench_group.organisation IS NULL THEN 'unnamed'
        WHEN f.day = bench_group.day THEN 'new' ELSE 'returning' END""",
}


def _sum_up(run: Any, hall: int) -> None:
    """Everything that is kept beside the ledger, from its rows."""
    dialect = _DIALECTS[db.engine.dialect.name]
    run(f"""
        INSERT INTO first_visit (hall_id, organisation, day, visitors, groups)
        SELECT {hall}, organisation, day, visitors, groups FROM (
            SELECT organisation, day, SUM(total) AS visitors, COUNT(*) AS groups,
                ROW_NUMBER() OVER (PARTITION BY organisation ORDER BY day) AS place
            FROM bench_group WHERE organisation IS NOT NULL GROUP BY organisation, day
        ) AS visits WHERE place = 1
    """)
    figure = "INSERT INTO figure (hall_id, span, facet, first, part, visitors, groups, extra)"
    for facet, part in _PARTS.items():
        joined = f"LEFT JOIN first_visit AS f ON f.hall_id = {hall} AND f.organisation = bench_group.organisation"
        run(f"""
            {figure} SELECT {hall}, 'day', '{facet}', bench_group.day, {part} AS part, SUM(total), COUNT(*), 0
            FROM bench_group {joined if facet == ORGANISATION else ""} GROUP BY 4, 5
        """)
    run(f"""
        {figure} SELECT {hall}, 'day', 'division', day, division, SUM(visitors), COUNT(*), 0
        FROM arrival GROUP BY day, division
    """)
    for span, first in (("month", dialect.month), ("year", dialect.year)):
        run(f"""
            {figure} SELECT {hall}, '{span}', facet, {first}, part, SUM(visitors), SUM(groups), 0
            FROM figure WHERE span = 'day' GROUP BY facet, {first}, part
        """)
    run(f"""
        INSERT INTO division_summary (hall_id, day, division, programme_id, kind, visitors, groups)
        SELECT {hall}, day, division, programme_id, kind, SUM(visitors), COUNT(*)
        FROM arrival GROUP BY day, division, programme_id, kind
    """)


def _close_months(hall: Hall, staff_id: int) -> None:
    """Close all months that are over but the last one, as a manager does."""
    this = hall.today().replace(day=1)
    last = (this - timedelta(days=1)).replace(day=1)
    month = OPENED.replace(day=1)
    while month < last:
        with transaction():
            held = closes.hold(hall.id)
            written = filing.write(figures.compute(held, Period.month(month.year, month.month)))
            closes.close(held, month, written, staff_id=staff_id)
        month = closes.end_of(month)


def add_neighbours(app: Flask, hall_id: int, count: int, *, days: int = 60) -> None:
    """Add halls beside one, each with the rows of its last days."""
    with app.app_context():
        since = f"'{clock.today(ZONE) - timedelta(days=days)}'"
        span = 1_000_000  # ids of one hall's rows
        recent = f"day >= {since}"
        with _bare_tables() as run:
            dialect = _DIALECTS[db.engine.dialect.name]
            run("CREATE TEMP TABLE bench_hall (number INTEGER)")
            run(f"INSERT INTO bench_hall SELECT n + 1 FROM {dialect.numbers.format(last=count - 1)} AS numbers")
            own = {"hall_id": "hall_id + number"}
            group = f"id + {span} * number"
            event = dialect.number.format(group)
            programme = {"programme_id": "programme_id + 10 * number"}
            for table, changed, where in (
                ("hall", {"id": "id + number", "slug": "slug || number", "host": "slug || number"}, f"id = {hall_id}"),
                ("programme", {"id": "id + 10 * number", **own}, f"hall_id = {hall_id}"),
                ("slot", {"id": group, **own, **programme}, recent),
                ("walk_in", {"id": group, **own, **programme}, f"id IN (SELECT id FROM desk_event WHERE {recent})"),
                ("desk_event", {"id": group, "walk_in_id": group, "event_id": event, **own}, recent),
                (
                    "arrival",
                    {"event_id": f"event_id + {span} * number", "guide_id": "NULL", **own, **programme},
                    recent,
                ),
                ("figure", own, f"first >= {since}"),
                ("first_visit", own, recent),
                ("division_summary", {**own, **programme}, recent),
            ):
                columns = [column.name for column in db.metadata.tables[table].columns]
                values = ", ".join(changed.get(name, f"{table}.{name}") for name in columns)
                names = ", ".join(f'"{name}"' for name in columns)
                chosen = f"(SELECT * FROM {table} WHERE {where}) AS {table}"
                run(f"INSERT INTO {table} ({names}) SELECT {values} FROM {chosen} CROSS JOIN bench_hall")
            run(f"UPDATE hall SET host = '127.0.0.1' WHERE id = {hall_id}")
