"""Refusals of the room `accounts`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class SignInRefused(InvalidInput):
    """Name and password do not belong together; it never says which of the two is wrong."""

    def __init__(self) -> None:
        super().__init__(
            "sign_in_refused",
            N_("The sign-in name or the password is wrong. Check both and try again."),
            "password",
        )


class StaffNameTaken(DomainError):
    """Another account has this name."""

    def __init__(self, name: str) -> None:
        super().__init__("staff_name_taken", N_("There is already an account named %(name)s."), "name", name=name)


class StaffNameInvalid(InvalidInput):
    """A name that cannot be typed back or does not fit."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            "staff_name_invalid", N_("A name needs 1 to %(limit)d letters or digits."), "name", limit=limit
        )


class StaffUnknown(DomainError):
    """No account has this name."""

    status = 404

    def __init__(self, name: str) -> None:
        super().__init__("staff_unknown", N_("There is no account named %(name)s."), "name", name=name)


class PasswordTooShort(InvalidInput):
    """A password below the least length, or above the greatest."""

    def __init__(self, *, least: int, most: int) -> None:
        message = N_("A password needs %(least)d to %(most)d characters.")
        super().__init__("password_length", message, "password", least=least, most=most)


class PasswordIsName(InvalidInput):
    """A password that is made of the account's own name."""

    def __init__(self) -> None:
        super().__init__("password_is_name", N_("The password must not consist of the name."), "password")


class PasswordTooCommon(InvalidInput):
    """A password that many people use, or one that is made of such and of the names here."""

    def __init__(self) -> None:
        super().__init__(
            "password_too_common",
            N_(
                "This password is easy to guess: it consists of common words or of a name used here. "
                "Take three words that have nothing to do with each other."
            ),
            "password",
        )


class PasswordWrong(InvalidInput):
    """The old password was not typed as it is."""

    def __init__(self) -> None:
        super().__init__("password_wrong", N_("This is not your present password. Please enter it again."), "old")


class PasswordsDiffer(InvalidInput):
    """The new password was not typed twice alike."""

    def __init__(self) -> None:
        super().__init__("passwords_differ", N_("The two passwords differ. Please type the same one twice."), "again")


class PasswordNotNew(InvalidInput):
    """A first password was to be changed, and was not."""

    def __init__(self) -> None:
        super().__init__(
            "password_not_new", N_("This is your present password. Please choose another one."), "password"
        )


class LinkUnknown(DomainError):
    """No such link was ever given."""

    status = 404

    def __init__(self) -> None:
        super().__init__("link_unknown", N_("This link is not complete. Open it again exactly as it was sent to you."))


class LinkOver(DomainError):
    """A link that was good once: it has been used, taken back or replaced, or its days are over."""

    status = 410

    def __init__(self) -> None:
        super().__init__(
            "link_over",
            N_("This link no longer works: it has been used, replaced, or has expired. Ask for a new one."),
        )


class LastAdministrator(DomainError):
    """Without this account no one could manage the hall's staff."""

    def __init__(self) -> None:
        super().__init__(
            "last_administrator",
            N_("This is the only administrator who can sign in. Make somebody else an administrator first."),
            "role",
        )


class OwnAccount(DomainError):
    """A person who changes how they sign in must prove who they are again, by the old password or by a code."""

    def __init__(self) -> None:
        super().__init__("own_account", N_("Change your own password and two-step codes on your account page."))


class StaffInactive(DomainError):
    """The account is closed."""

    def __init__(self) -> None:
        super().__init__("staff_inactive", N_("This account is deactivated. Reactivate it first."))


class CodeWrong(InvalidInput):
    """A two-step code that does not fit, or one that was used already."""

    def __init__(self) -> None:
        super().__init__(
            "code_wrong",
            N_("This code is not correct. Wait until your phone shows the next one, and enter that."),
            "code",
        )


class CodesUnreadable(DomainError):
    """The key that encrypted the secret is gone, so that no code can be checked."""

    def __init__(self) -> None:
        super().__init__(
            "codes_unreadable",
            N_(
                "Your two-step codes can no longer be checked. Use a recovery code, or ask an "
                "administrator to turn them off."
            ),
            "code",
        )


class TwoStepRequired(DomainError):
    """The hall asks for two-step codes of this account."""

    def __init__(self) -> None:
        super().__init__(
            "two_step_required", N_("Your hall requires two-step codes for this account: they cannot be turned off.")
        )


class TwoStepChanged(DomainError):
    """Codes were turned on or off in the meantime, in another window or by an administrator."""

    def __init__(self) -> None:
        super().__init__("two_step_changed", N_("Your two-step codes have changed in the meantime. Please look again."))
