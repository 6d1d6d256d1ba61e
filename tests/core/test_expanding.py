"""Old and new code side by side: a migration adds what older code need not know, and takes nothing away.

The rule is in docs/scaling.md. It holds for every migration after those that were there when it was made. One that
removes something declares `announced_in = "1.4"`, the version whose changelog announced the removal and whose code
does without; a later version must lie between.
"""

import re
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from hallapp.settings import ROOT
from tests.core import expanding

#: The newest migration when the rule was made; it and those before it are exempt.
BEFORE_THE_RULE = "0039"


def migrations() -> list[Path]:
    """Those that the rule holds for."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "hallapp" / "migrations"))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())  # the newest first
    exempt = [script.revision for script in scripts].index(BEFORE_THE_RULE)
    return [Path(script.path) for script in scripts[:exempt]]


def released() -> list[str]:
    """The versions of the changelog, the newest first."""
    return re.findall(r"(?m)^## \[?v?([0-9][0-9.]*)", (ROOT / "CHANGELOG.md").read_text())


def may_remove(announced: str | None, versions: list[str]) -> bool:
    """Whether a removal that this version announced may be made now: a later one has been released since."""
    return announced in versions[1:]


def test_migrations_can_be_lived_with_by_the_code_before() -> None:
    wrong = {}
    for path in migrations():
        source = path.read_text()
        found = expanding.offences(source)
        if found and not may_remove(expanding.announced_in(source), released()):
            wrong[path.name] = found
    assert wrong == {}, "expand first, contract in a later version: docs/scaling.md"


@pytest.mark.parametrize(
    ("statement", "offence"),
    [
        ('op.drop_column("booking", "note")', "drop_column"),
        ('op.drop_table("badge")', "drop_table"),
        ('op.rename_table("badge", "card")', "rename_table"),
        ('with op.batch_alter_table("hall") as batch:\n        batch.drop_column("phone")', "drop_column"),
        ('op.alter_column("hall", "phone", new_column_name="tel")', "alter_column(new_column_name)"),
        ('op.alter_column("hall", "phone", type_=sa.Integer())', "alter_column(type_)"),
        (
            'op.alter_column("hall", "phone", existing_type=sa.String(length=8), type_=sa.String(length=2))',
            "alter_column(type_)",
        ),
        ('op.alter_column("hall", "phone", nullable=False)', "alter_column(nullable=False)"),
        ('op.add_column("hall", sa.Column("x", sa.Integer(), nullable=False))', "add_column without server_default"),
        ('op.create_unique_constraint(None, "hall", ["phone"])', "create_unique_constraint"),
        ('op.create_check_constraint("x", "hall", "phone <> 1")', "create_check_constraint"),
        ('op.create_index(None, "hall", ["phone"], unique=True)', "create_index(unique=True)"),
        ('op.execute("ALTER TABLE hall DROP COLUMN phone")', "DROP COLUMN"),
        ('op.execute(sa.text("alter table hall rename column phone to tel"))', "RENAME COLUMN"),
        ('op.execute("ALTER TABLE hall ALTER phone SET NOT NULL")', "SET NOT NULL"),
    ],
)
def test_what_older_code_cannot_live_with_is_found(statement: str, offence: str) -> None:
    assert offence in expanding.offences(f"def upgrade():\n    {statement}\n")


@pytest.mark.parametrize(
    "statement",
    [
        'op.create_table("x", sa.Column("id", sa.Integer(), nullable=False))',
        'op.add_column("hall", sa.Column("x", sa.Integer(), nullable=True))',
        'op.add_column("hall", sa.Column("x", sa.Integer(), nullable=False, server_default="0"))',
        'op.alter_column("hall", "phone", existing_type=sa.String(length=2), type_=sa.String(length=8))',
        'op.create_index(None, "hall", ["x"])',
        'op.alter_column("hall", "phone", nullable=True)',
        'op.execute("UPDATE hall SET x = 1")',
        'op.drop_index("ix_hall_phone", "hall")',
        'op.drop_constraint("ck_hall_phone", "hall")',
    ],
)
def test_what_adds_or_loosens_is_allowed(statement: str) -> None:
    assert expanding.offences(f"def upgrade():\n    {statement}\n") == []


def test_downgrade_may_take_away_again() -> None:
    assert expanding.offences('def upgrade():\n    pass\n\ndef downgrade():\n    op.drop_column("hall", "x")\n') == []


def test_helpers_of_a_migration_are_read_too() -> None:
    source = 'def upgrade():\n    _tidy()\n\ndef _tidy():\n    op.drop_table("badge")\n'
    assert expanding.offences(source) == ["drop_table"]


def test_removal_needs_a_version_between() -> None:
    source = 'announced_in = "1.4"\n\ndef upgrade():\n    op.drop_column("hall", "x")\n'
    announced = expanding.announced_in(source)
    assert announced == "1.4"
    assert not may_remove(announced, ["1.4", "1.3"])
    assert may_remove(announced, ["1.5", "1.4", "1.3"])
    assert not may_remove("1.9", ["1.5", "1.4"])
    assert not may_remove(None, ["1.5", "1.4"])
