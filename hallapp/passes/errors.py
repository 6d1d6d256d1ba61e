"""Refusals of the room `passes`."""

from hallapp.core.errors import N_, DomainError
from hallapp.passes.models import Pass


class PassUnknown(DomainError):
    """No pass was ever issued with this code."""

    code = "unknown"
    message = N_("This is not a pass of this hall. Ask for the reference, or search by name.")


class CodeInvalid(PassUnknown):
    """The scanned text is no code signed by this deployment; no database query is needed to know this."""


class NoPassToReplace(DomainError):
    """The booking has no pass to replace, because the hall has not confirmed it, or because it is void."""

    code = "no_pass"
    message = N_("This booking has no pass at present, so there is nothing to replace.")


class PassReplaced(DomainError):
    """The pass is an older version: the booking has a newer one. `found` is the older one."""

    code = "replaced"
    message = N_("This pass has been replaced. Ask for the latest pass.")

    def __init__(self, found: Pass) -> None:
        super().__init__()
        self.found = found
