"""The people of the demonstration hall: two families of categories, and how many of a group are in each."""

from collections.abc import Mapping
from random import Random

from hallapp.categories.queries import list_families
from hallapp.categories.service import CategoryInput, SaveFamily, save_family
from hallapp.categories.values import complete
from hallapp.demo.groups import Request
from hallapp.schedule.models import Hall

_FAMILIES: tuple[tuple[dict[str, str], dict[str, str], tuple[dict[str, str], ...]], ...] = (
    (
        {"zh": "年龄", "en": "Age"},
        {"zh": "成年人", "en": "Adults"},
        ({"zh": "未成年人", "en": "Minors"}, {"zh": "60岁及以上", "en": "60 and older"}),
    ),
    (
        {"zh": "身份", "en": "Role"},
        {},
        ({"zh": "学生", "en": "Students"}, {"zh": "党员", "en": "Party members"}),
    ),
)
#: The share of each category in groups of a kind, in the order of the categories. Of other kinds nothing is known.
_SHARES = {
    "party": (0.0, 0.1, 0.0, 1.0),
    "union": (0.0, 0.1, 0.0, 0.3),
    "youth": (0.1, 0.0, 0.5, 0.2),
    "women": (0.0, 0.2, 0.0, 0.3),
    "government": (0.0, 0.0, 0.0, 0.6),
    "company": (0.0, 0.0, 0.0, 0.2),
    "school": (0.9, 0.0, 0.9, 0.05),
    "training": (0.0, 0.0, 0.1, 0.5),
    "association": (0.0, 0.5, 0.0, 0.2),
}
_SPREAD = (0.7, 1.0)


def define(hall: Hall, *, by: int) -> None:
    """Define the families of the hall."""
    for name, rest, categories in _FAMILIES:
        save_family(
            SaveFamily(
                hall_id=hall.id,
                staff_id=by,
                names=name,
                rest=rest,
                adds_up=bool(rest),
                required=False,
                categories=tuple(CategoryInput(names=one) for one in categories),
            )
        )


def of_group(hall_id: int, request: Request) -> Mapping[int, int]:
    """Return the people of a request by category; the same request always has the same people."""
    shares = _SHARES.get(request.kind)
    if shares is None:
        return {}
    random, families = Random(request.organisation), list_families(hall_id)  # noqa: S311 — a story, not a secret
    numbers = [one.number for family in families for one in family.categories]
    people = [int(share * random.uniform(*_SPREAD) * request.visitors) for share in shares]
    return complete(families, dict(zip(numbers, people, strict=True)), request.visitors)
