"""Refusals of the room `embed`."""

from hallapp.core.errors import N_, DomainError


class SiteInvalid(DomainError):
    """An address is not that of a website."""

    status = 422
    code = "site_invalid"
    message = N_("“%(typed)s” is not the address of a website. Enter one such as https://www.example.org in each line.")
    field = "sites"


class SiteNotEncrypted(DomainError):
    """A website that anybody on the way can change must not show the pages."""

    status = 422
    code = "site_not_encrypted"
    message = N_("“%(typed)s” must start with https://.")
    field = "sites"


class TooManySites(DomainError):
    """There are more websites than a header can reasonably name."""

    status = 422
    code = "too_many_sites"
    message = N_("Enter %(most)s websites at most.")
    field = "sites"
