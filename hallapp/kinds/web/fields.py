"""The field of a group's kind in the forms of other rooms."""

from typing import Any

from wtforms import SelectChoice

from hallapp.core.i18n import gettext as _
from hallapp.core.web.fields import SelectField
from hallapp.kinds.web.current import get_kinds, name_kind


class KindField(SelectField):
    """The kind of a group, by its code; the service checks whether the hall still offers it.

    The kind that a group has stays among the choices when the hall has retired it.
    """

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, choices=self._list_choices, **kwargs)

    def _list_choices(self) -> list[SelectChoice]:
        present = getattr(self, "data", None)
        kinds = [kind for kind in get_kinds().values() if kind.active or kind.code == present]
        return [SelectChoice("", _("Choose a kind")), *(SelectChoice(one.code, name_kind(one.code)) for one in kinds)]
