"""Refusals of the room `accounts`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class SignInRefused(InvalidInput):
    """The name and the password do not match; the message never reveals which of the two is wrong."""

    code = "sign_in_refused"
    message = N_("The sign-in name or the password is wrong. Check both and try again.")
    field = "password"


class StaffNameTaken(DomainError):
    """Another account has this name."""

    code = "staff_name_taken"
    message = N_("There is already an account named %(name)s.")
    field = "name"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class StaffNameInvalid(InvalidInput):
    """A name that cannot be typed back or does not fit."""

    code = "staff_name_invalid"
    message = N_("A name needs 1 to %(limit)d letters or digits.")
    field = "name"

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit)


class StaffUnknown(DomainError):
    """No account has this name."""

    status = 404
    code = "staff_unknown"
    message = N_("There is no account named %(name)s.")
    field = "name"

    def __init__(self, name: str) -> None:
        super().__init__(name=name)


class PasswordTooShort(InvalidInput):
    """A password below the least length, or above the greatest."""

    code = "password_length"
    message = N_("A password needs %(least)d to %(most)d characters.")
    field = "password"

    def __init__(self, *, least: int, most: int) -> None:
        super().__init__(least=least, most=most)


class PasswordIsName(InvalidInput):
    """A password that is made of the account's own name."""

    code = "password_is_name"
    message = N_("The password must not consist of the name.")
    field = "password"


class PasswordTooCommon(InvalidInput):
    """A password that many people use, or one that is made of such and of the names here."""

    code = "password_too_common"
    message = N_(
        "This password is easy to guess: it consists of common words or of a name used here. "
        "Take three words that have nothing to do with each other."
    )
    field = "password"


class PasswordWrong(InvalidInput):
    """The old password was not typed as it is."""

    code = "password_wrong"
    message = N_("This is not your present password. Please enter it again.")
    field = "old"


class PasswordsDiffer(InvalidInput):
    """The two entries of the new password differ."""

    code = "passwords_differ"
    message = N_("The two passwords differ. Please type the same one twice.")
    field = "again"


class PasswordNotNew(InvalidInput):
    """A first password was to be changed, and was not."""

    code = "password_not_new"
    message = N_("This is your present password. Please choose another one.")
    field = "password"


class LinkUnknown(DomainError):
    """No such link was ever given."""

    status = 404
    code = "link_unknown"
    message = N_("This link is not complete. Open it again exactly as it was sent to you.")


class LinkOver(DomainError):
    """The link is no longer valid: it has been used, withdrawn or replaced, or it has expired."""

    status = 410
    code = "link_over"
    message = N_("This link no longer works: it has been used, replaced, or has expired. Ask for a new one.")


class LastAdministrator(DomainError):
    """Without this account no one could manage the hall's staff."""

    code = "last_administrator"
    message = N_("This is the only administrator who can sign in. Make another person an administrator first.")
    field = "role"


class OwnAccount(DomainError):
    """A person who changes how they sign in must prove who they are again, by the old password or by a code."""

    code = "own_account"
    message = N_("Change your own password and two-step codes on your account page.")


class StaffInactive(DomainError):
    """The account is closed."""

    code = "staff_inactive"
    message = N_("This account is deactivated. Reactivate it first.")


class CodeWrong(InvalidInput):
    """A two-step code that does not fit, or one that was used already."""

    code = "code_wrong"
    message = N_("This code is not correct. Wait until your phone shows the next one, and enter that.")
    field = "code"


class CodesUnreadable(DomainError):
    """The key that encrypted the secret no longer exists, so no code can be checked."""

    code = "codes_unreadable"
    message = N_(
        "Your two-step codes can no longer be checked. Use a recovery code, or ask an administrator to turn them off."
    )
    field = "code"


class TwoStepRequired(DomainError):
    """The hall asks for two-step codes of this account."""

    code = "two_step_required"
    message = N_("Your hall requires two-step codes for this account: they cannot be turned off.")


class TwoStepChanged(DomainError):
    """Codes were turned on or off in the meantime, in another window or by an administrator."""

    code = "two_step_changed"
    message = N_("Your two-step codes have changed in the meantime. Please look again.")
