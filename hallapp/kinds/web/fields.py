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

    def pre_validate(self, form: Any) -> None:
        """Raise ValidationError for a kind that the hall does not have; the names of all others are not needed."""
        if self.data not in get_kinds():
            super().pre_validate(form)

    def _list_choices(self) -> list[SelectChoice]:
        present = getattr(self, "data", None)
        kinds = [kind for kind in get_kinds().values() if kind.active or kind.code == present]
        return [SelectChoice("", _("Choose a kind")), *(SelectChoice(one.code, name_kind(one.code)) for one in kinds)]
