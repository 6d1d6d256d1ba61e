"""The refusals of kinds of organisation."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class KindUnknown(InvalidInput):
    """The hall has no such kind, or offers it no longer."""

    code = "kind_unknown"
    field = "kind"
    message = N_("Choose the kind of your group.")


class KindMissing(DomainError):
    """There is no kind of this code to change."""

    code = "kind_missing"
    status = 404
    message = N_("There is no such kind of organisation.")


class KindNameMissing(InvalidInput):
    """A kind of the hall's own has no name."""

    code = "kind_name_missing"
    field = "name"
    message = N_("Please give a name in at least one language.")


class KindNameTaken(DomainError):
    """Another kind of the hall has this name in one of its languages."""

    code = "kind_name_taken"
    field = "name"
    message = N_("Another kind is already called “%(name)s”. Please choose a different name.")


class KindNeeded(DomainError):
    """The desk counts people without a booking as individual visitors, so this kind is always offered."""

    code = "kind_needed"
    message = N_("The desk counts people without a booking as this kind, so it stays. You can rename it.")


class TooManyKinds(DomainError):
    """The hall has as many kinds as there can be."""

    code = "too_many_kinds"
    message = N_("There can be %(most)s kinds of organisation. Please rename one instead.")
