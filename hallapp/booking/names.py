"""The name of a group for its reader. Individuals have no organisation, so they are named by their kind."""

import re
from typing import Protocol

from hallapp.core.i18n import gettext as _
from hallapp.kinds.standard import INDIVIDUAL, NAMES
from hallapp.kinds.values import is_individual

#: What people and imports write where an individual has no organisation, in either language.
_NOBODY = re.compile(
    r"(individual|single|private)s?( (visitors?|guests?|bookings?))?|(个人|散客)(预约|参观|观众|游客|访客|来访者)?",
    re.IGNORECASE,
)
_REMARK = re.compile(r"[（(].*[）)]$")


class Group(Protocol):
    """A booking or a walk-in."""

    @property
    def kind(self) -> str:
        """Return the code of the group's kind."""

    @property
    def organisation(self) -> str:
        """Return the name that was typed for it, or an empty text."""


def group_name(group: Group) -> str:
    """Return what a group is called, in the language in force.

    An individual's own name stays as it was typed. Where it was erased, or is only a word for individuals, it is that
    word in the reader's language.
    """
    name = group.organisation
    if is_individual(group.kind) and (not name or _NOBODY.fullmatch(_REMARK.sub("", name).strip())):
        return _(NAMES[INDIVIDUAL])
    return name
