"""Settings of a hall: its policy, which a programme may override, further texts, and its logo."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

CONFIRMATION = sa.Enum("at_once", "review", name="confirmation", native_enum=False, length=20)
NAME_LIST = sa.Enum("none", "optional", name="namelist", native_enum=False, length=20)
NO_SHOW_SCOPE = sa.Enum("phone", "organisation", "either", name="noshowscope", native_enum=False, length=20)
DAY_RULE = sa.Enum("as_usual", "open", "closed", name="dayrule", native_enum=False, length=20)

# Name, type, and the value that existing halls get.
HALL_COLUMNS: tuple[tuple[str, TypeEngine, str], ...] = (
    ("notice_zh", sa.Text(), ""),
    ("notice_en", sa.Text(), ""),
    ("pass_note_zh", sa.Text(), ""),
    ("pass_note_en", sa.Text(), ""),
    ("appeal_zh", sa.Text(), ""),
    ("appeal_en", sa.Text(), ""),
    ("languages", sa.String(length=20), "zh,en"),
    ("group_min", sa.Integer(), "8"),
    ("group_max", sa.Integer(), "50"),
    ("release_time", sa.Time(), "00:00:00.000000"),
    ("change_hours", sa.Integer(), "0"),
    ("offer_hours", sa.Integer(), "24"),
    ("confirmation", CONFIRMATION, "at_once"),
    ("name_list", NAME_LIST, "none"),
    ("no_show_count", sa.Integer(), "0"),
    ("no_show_months", sa.Integer(), "6"),
    ("no_show_pause_days", sa.Integer(), "90"),
    ("no_show_scope", NO_SHOW_SCOPE, "phone"),
    ("closed_weekdays", sa.String(length=7), ""),
    ("holidays", DAY_RULE, "as_usual"),
    ("makeup_days", DAY_RULE, "as_usual"),
    ("holiday_years", sa.String(length=200), ""),
)
HALL_COLUMNS_OR_NULL: tuple[tuple[str, TypeEngine], ...] = (
    ("inside_capacity", sa.Integer()),
    ("guides_on_duty", sa.Integer()),
    ("slots_until", sa.Date()),
)
PROGRAMME_COLUMNS_OR_NULL: tuple[tuple[str, TypeEngine], ...] = (
    ("notice_hours", sa.Integer()),
    ("days_ahead", sa.Integer()),
    ("release_time", sa.Time()),
    ("change_hours", sa.Integer()),
    ("offer_hours", sa.Integer()),
    ("confirmation", CONFIRMATION),
    ("name_list", NAME_LIST),
)


def upgrade() -> None:
    _let_tables_be_rebuilt()
    op.create_table(
        "logo",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_logo_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", name=op.f("pk_logo")),
    )

    for name, type_, value in HALL_COLUMNS:
        op.add_column("hall", sa.Column(name, type_, nullable=False, server_default=value))
    for name, type_ in HALL_COLUMNS_OR_NULL:
        op.add_column("hall", sa.Column(name, type_, nullable=True))
    op.execute("UPDATE hall SET slots_until = (SELECT max(day) FROM slot WHERE slot.hall_id = hall.id)")
    with op.batch_alter_table("hall", schema=None) as batch_op:
        for name, type_, _value in HALL_COLUMNS:
            batch_op.alter_column(name, existing_type=type_, existing_nullable=False, server_default=None)
        batch_op.create_check_constraint(batch_op.f("ck_hall_group_size"), "group_min >= 1 AND group_min <= group_max")
        batch_op.create_check_constraint(batch_op.f("ck_hall_inside_capacity"), "inside_capacity > 0")
        batch_op.create_check_constraint(batch_op.f("ck_hall_guides_on_duty"), "guides_on_duty >= 0")

    for name, type_ in PROGRAMME_COLUMNS_OR_NULL:
        op.add_column("programme", sa.Column(name, type_, nullable=True))
    op.add_column("programme", sa.Column("no_shows_count", sa.Boolean(), nullable=False, server_default=sa.true()))
    _replace_group_size("group_min >= 1 AND group_min <= group_max", "group_min >= 1 AND group_max >= 1", nullable=True)


def downgrade() -> None:
    _let_tables_be_rebuilt()
    op.execute(
        "UPDATE programme SET group_min = coalesce(programme.group_min, hall.group_min),"
        " group_max = coalesce(programme.group_max, hall.group_max) FROM hall WHERE hall.id = programme.hall_id"
    )
    op.execute("UPDATE programme SET group_min = group_max WHERE group_min > group_max")
    _replace_group_size(
        "group_min >= 1 AND group_max >= 1", "group_min >= 1 AND group_min <= group_max", nullable=False
    )
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.drop_column("no_shows_count")
        for name, _type in PROGRAMME_COLUMNS_OR_NULL:
            batch_op.drop_column(name)

    with op.batch_alter_table("hall", schema=None) as batch_op:
        for check in ("ck_hall_guides_on_duty", "ck_hall_inside_capacity", "ck_hall_group_size"):
            batch_op.drop_constraint(batch_op.f(check), type_="check")
        for name, _type in HALL_COLUMNS_OR_NULL:
            batch_op.drop_column(name)
        for name, _type, _value in HALL_COLUMNS:
            batch_op.drop_column(name)

    op.drop_table("logo")


def _replace_group_size(before: str, after: str, *, nullable: bool) -> None:
    name = op.f("ck_programme_group_size")
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.alter_column(
            "no_shows_count", existing_type=sa.Boolean(), existing_nullable=False, server_default=None
        )
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, after)
        for column in ("group_min", "group_max"):
            batch_op.alter_column(column, existing_type=sa.Integer(), nullable=nullable)


def _let_tables_be_rebuilt() -> None:
    """Switch foreign keys off on SQLite: it alters a table by dropping it, which they would forbid.

    They can be switched outside of transactions only. The connection, detached, does not go back to the pool.
    """
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.detach()
        for statement in ("COMMIT", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"):
            bind.connection.cursor().execute(statement)
