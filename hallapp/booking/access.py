"""The access needs of a group: wheelchair places, sign language, a slower pace and the like.

They can reveal the health of a person, so a group gives them only if it wants to and agrees to it. They name nobody,
are stored in one column, and are erased with the contact details.
"""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from hallapp.core.errors import N_
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import ngettext
from hallapp.schedule.policy import AccessNeed

REMARK_LENGTH = 120
ACCESS_NEED_NAMES = {
    AccessNeed.WHEELCHAIRS: N_("Wheelchair places"),
    AccessNeed.SIGN_LANGUAGE: N_("Sign language"),
    AccessNeed.SLOW_PACE: N_("A slower pace, with breaks"),
    AccessNeed.HEARING_LOOP: N_("Hearing loop"),
    AccessNeed.LARGE_PRINT: N_("Large print or help with reading"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessNeeds:
    """The needs of a group: a number of wheelchair places, others in the order of the enum, and a short remark."""

    wheelchairs: int = 0
    needs: tuple[AccessNeed, ...] = ()
    remark: str = ""

    def __bool__(self) -> bool:
        return bool(self.wheelchairs or self.needs or self.remark)

    @property
    def kinds(self) -> frozenset[AccessNeed]:
        """Return all kinds of needs that are named."""
        return frozenset((*self.needs, *([AccessNeed.WHEELCHAIRS] if self.wheelchairs else [])))

    def to_json(self) -> str:
        """Return the needs as they are stored; an empty text where there are none."""
        if not self:
            return ""
        stored = {"wheelchairs": self.wheelchairs, "needs": list(self.needs), "remark": self.remark}
        return json.dumps({name: value for name, value in stored.items() if value}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "AccessNeeds":
        """Return the needs from a stored text. A need that this version does not know is left out."""
        stored = json.loads(text) if text else {}
        known = set(stored.get("needs", ()))
        return cls(
            wheelchairs=stored.get("wheelchairs", 0),
            needs=tuple(need for need in AccessNeed if need.value in known),
            remark=stored.get("remark", ""),
        )


class AccessNeedsType(TypeDecorator[AccessNeeds]):
    """Access needs as JSON in a column of text, which is empty where there are none."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: AccessNeeds | None, dialect: Dialect) -> str:
        """Convert a value for the database."""
        return value.to_json() if value else ""

    def process_result_value(self, value: Any, dialect: Dialect) -> AccessNeeds:
        """Convert a value from the database."""
        return AccessNeeds.from_json(value) if value else NOTHING


NOTHING = AccessNeeds()


def describe(access: AccessNeeds) -> str:
    """Return the needs as one line in the language in force; an empty text where there are none."""
    parts = [_(ACCESS_NEED_NAMES[need]) for need in access.needs]
    if access.wheelchairs:
        parts.insert(0, ngettext("%(num)s wheelchair place", "%(num)s wheelchair places", access.wheelchairs))
    return " · ".join((*parts, access.remark) if access.remark else parts)
