"""A counter whose hall counts ages, which add up, and two categories that may overlap."""

from types import SimpleNamespace

from hallapp.categories.queries import list_families
from hallapp.categories.service import CategoryInput, SaveFamily, save_family
from hallapp.core.database import transaction
from tests.desk.conftest import clock, counter

__all__ = ["clock", "counter"]

#: The numbers of the family of ages and its categories, and of the family of roles and its categories.
AGES, MINORS, OLDER = 1, 2, 3
ROLES, MEMBERS, STAFF = 4, 5, 6


def define(hall_id: int) -> SimpleNamespace:
    """Define both families of a hall."""
    with transaction():
        for names, adds_up, categories in (
            (("年龄", "Ages"), True, (("未成年人", "Minors"), ("60岁及以上", "60 and older"))),
            (("身份", "Roles"), False, (("党员", "Party members"), ("集团员工", "Staff of the group"))),
        ):
            save_family(
                SaveFamily(
                    hall_id=hall_id,
                    names=named(*names),
                    rest=named("成年人", "Adults") if adds_up else {},
                    adds_up=adds_up,
                    required=False,
                    categories=tuple(CategoryInput(names=named(*one)) for one in categories),
                )
            )
    return SimpleNamespace(families=list_families(hall_id))


def named(zh: str, en: str) -> dict[str, str]:
    """The names of something in both languages."""
    return {"zh": zh, "en": en}
