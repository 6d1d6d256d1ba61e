"""Opening times belong to a week's template, in force from a day on; a calendar of special days."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_day",
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Enum("holiday", "makeup", name="daykind", native_enum=False, length=20), nullable=True),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=True),
        sa.Column("like_weekday", sa.Integer(), nullable=True),
        sa.Column("reason_zh", sa.String(length=200), nullable=False),
        sa.Column("reason_en", sa.String(length=200), nullable=False),
        sa.Column("inside_capacity", sa.Integer(), nullable=True),
        sa.Column("guides_on_duty", sa.Integer(), nullable=True),
        sa.CheckConstraint("like_weekday >= 0 AND like_weekday <= 6", name=op.f("ck_calendar_day_like_weekday")),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_calendar_day_hall_id_hall")),
        sa.PrimaryKeyConstraint("hall_id", "day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "week_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hall_id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["hall_id"], ["hall.id"], name=op.f("fk_week_template_hall_id_hall")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_week_template_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_template")),
        sa.UniqueConstraint(
            "hall_id", "programme_id", "valid_from", name=op.f("uq_week_template_hall_id_programme_id_valid_from")
        ),
    )
    op.execute(
        "INSERT INTO week_template (hall_id, programme_id, valid_from)"
        " SELECT DISTINCT opening.hall_id, opening.programme_id, hall.opened_on"
        " FROM opening JOIN hall ON hall.id = opening.hall_id ORDER BY opening.hall_id, opening.programme_id"
    )

    op.add_column("opening", sa.Column("template_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE opening SET template_id = (SELECT week_template.id FROM week_template"
        " WHERE week_template.hall_id = opening.hall_id AND week_template.programme_id = opening.programme_id)"
    )
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_opening_programme_id_weekday_starts"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_opening_programme_id_programme"), type_="foreignkey")
        batch_op.drop_column("programme_id")
        batch_op.alter_column("template_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_unique_constraint(
            batch_op.f("uq_opening_template_id_weekday_starts"), ["template_id", "weekday", "starts"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_opening_template_id_week_template"), "week_template", ["template_id"], ["id"]
        )


def downgrade() -> None:
    """Of each programme its last own template stays; times that a hall sets for all its programmes go."""
    op.add_column("opening", sa.Column("programme_id", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE opening SET programme_id = (SELECT week_template.programme_id FROM week_template"
        " WHERE week_template.id = opening.template_id AND week_template.valid_from = (SELECT max(other.valid_from)"
        " FROM week_template AS other WHERE other.programme_id = week_template.programme_id))"
    )
    op.execute("DELETE FROM opening WHERE programme_id IS NULL")
    with op.batch_alter_table("opening", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_opening_template_id_week_template"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_opening_template_id_weekday_starts"), type_="unique")
        batch_op.drop_column("template_id")
        batch_op.alter_column("programme_id", existing_type=sa.Integer(), nullable=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_opening_programme_id_programme"), "programme", ["programme_id"], ["id"]
        )
        batch_op.create_unique_constraint(
            batch_op.f("uq_opening_programme_id_weekday_starts"), ["programme_id", "weekday", "starts"]
        )

    op.drop_table("week_template")
    op.drop_table("calendar_day")
