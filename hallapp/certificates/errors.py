"""Refusals of the room `certificates`."""

from hallapp.core.errors import N_, DomainError


class NoCertificate(DomainError):
    """The group gets no certificate: it has not come, its visit is not over, or the hall issues none for it."""

    status = 404
    code = "no_certificate"
    message = N_("There is no certificate for this visit. It is issued after the visit, for groups that came.")


class CodeUnreadable(DomainError):
    """The text is not a code of a certificate."""

    status = 422
    code = "certificate_code_unreadable"
    field = "code"
    message = N_("Enter the 16 letters and digits below the QR code.")


class ProgrammesNeeded(DomainError):
    """The hall wants certificates for chosen programmes, and chose none."""

    status = 422
    code = "certificate_programmes_needed"
    field = "programmes"
    message = N_("Tick at least one programme, or choose that no group gets a certificate.")
