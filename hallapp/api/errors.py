"""Refusals of the API that no page has."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class KeyMissing(DomainError):
    """The request has no key, or one that opens nothing (any more)."""

    status = 401
    code = "key_invalid"
    message = N_("Send a valid API key in the header “Authorization: Bearer …”.")


class KeyScopeMissing(DomainError):
    """The key does not have the scope of the request."""

    status = 403
    code = "key_scope_missing"
    message = N_("This key does not have the scope %(scope)s.")


class CursorInvalid(InvalidInput):
    """The cursor was not made for this list."""

    code = "cursor_invalid"
    message = N_("This cursor does not belong to this list. Begin again without it.")
    field = "cursor"


class RangeTooLong(InvalidInput):
    """The days of the request are in the wrong order, or too many."""

    code = "range_invalid"
    message = N_("The last day must not be before the first one, and at most %(most)s days can be read at once.")
    field = "last"


class NothingToChange(InvalidInput):
    """The request names nothing that is to change."""

    code = "nothing_to_change"
    message = N_("Name at least one thing to change.")


class NoParty(InvalidInput):
    """The booking is no part of a large group."""

    code = "no_party"
    message = N_("This booking is no part of a large group. Change its time instead.")


class UnknownArrival(DomainError):
    """The hall has no arrival with this `event_id`."""

    status = 404
    code = "unknown_event"
    message = N_("This hall has no such arrival.")


class PassEnded(DomainError):
    """The booking is cancelled or declined, so its pass opens nothing any more."""

    status = 410
    code = "pass_ended"
    message = N_("This booking has ended, and its pass with it.")


class AdministratorProtected(DomainError):
    """A program neither changes nor closes the account of an administrator."""

    status = 403
    code = "administrator_protected"
    message = N_("A program cannot change the account of an administrator.")


class Changed(DomainError):
    """The booking is no longer as the program knew it."""

    status = 412
    code = "changed"
    message = N_("This has changed since it was read. Read it again.")


class KeyReused(InvalidInput):
    """The idempotency key belongs to another request."""

    code = "idempotency_key_reused"
    message = N_("This idempotency key was used for another request. Use a new one for each request.")


class InProgress(DomainError):
    """Another request with this idempotency key has not been answered yet."""

    code = "in_progress"
    message = N_("The same request is being carried out. Please repeat it in a moment.")
    retry_after = 1


class IdempotencyKeyInvalid(InvalidInput):
    """The idempotency key has a form that is not accepted."""

    code = "idempotency_key_invalid"
    message = N_("An idempotency key has 1 to 255 visible ASCII characters.")


class KeyNameTaken(InvalidInput):
    """Another key has this name."""

    code = "key_name_taken"
    message = N_("Another key has this name.")
    field = "name"


class TooManyKeys(DomainError):
    """The hall has as many keys as it can have."""

    code = "too_many_keys"
    message = N_("A hall has at most %(most)s keys. Revoke one that is not used.")
    field = "name"


class DataErased(DomainError):
    """The request was carried out; its answer has been erased with the personal data of the booking."""

    status = 410
    code = "data_erased"
    message = N_(
        "This request was carried out. Its answer has been erased together with the personal data of the booking."
    )
