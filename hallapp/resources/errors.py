"""The refusals of resources."""

from typing import Any

from hallapp.core.errors import N_, DomainError
from hallapp.core.i18n import language
from hallapp.core.texts import Texts
from hallapp.schedule.errors import SlotFull


class ResourceRefused(DomainError):
    """A refusal about one resource, by its `number`; its name is that in the reader's language, if it has one."""

    field = "resources"

    def __init__(self, *, number: int, names: Texts, **params: Any) -> None:
        super().__init__(name=names(language()) or str(number), **params)
        self.number = number


class ResourceTaken(ResourceRefused):
    """Fewer of a resource are left at this time than the group asks for."""

    code = "resource_taken"
    message = N_(
        "%(name)s: %(left)s left at this time, and your group asked for %(asked)s. Enter fewer, or choose another time."
    )

    def __init__(self, *, number: int, names: Texts, left: int, asked: int) -> None:
        if left <= 0:
            self.message = N_("%(name)s: none left at this time. Please enter 0, or choose another time.")
        super().__init__(number=number, names=names, left=left, asked=asked)


class NoResourceLeft(SlotFull):
    """A resource that every booking of the programme needs is used up: for this group the time is full."""

    code = "no_resource_left"

    def __init__(self, *, names: Texts) -> None:
        super().__init__()
        self.message = N_("%(name)s: none left at this time. Please choose another time.")
        self.params |= {"name": names(language())}


class ResourceNotOffered(ResourceRefused):
    """The hall has no such resource for this programme, or groups do not ask for it themselves."""

    code = "resource_not_offered"
    status = 422
    message = N_("%(name)s: not offered for this visit. Please leave this empty.")


class TooManyResources(ResourceRefused):
    """A group asks for more of a resource than one of its size may have."""

    code = "too_many_resources"
    status = 422
    message = N_("%(name)s: a group of this size can have up to %(most)s. Please enter fewer.")

    def __init__(self, *, number: int, names: Texts, most: int, others: int = 0) -> None:
        if others:
            self.message = N_(
                "%(name)s: this part can have up to %(most)s, because other parts of the group have %(others)s. "
                "Please enter fewer."
            )
        super().__init__(number=number, names=names, most=most, others=others)


class ResourceNameMissing(DomainError):
    """A resource has no name."""

    code = "resource_name_missing"
    status = 422
    field = "name"
    message = N_("Please enter a name.")


class ResourceUnknown(DomainError):
    """The hall has no such resource."""

    code = "resource_unknown"
    status = 404
    message = N_("There is no such resource.")
