"""What accounts refuse, by name."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class SignInRefused(InvalidInput):
    """Name and password do not belong together; it never says which of the two is wrong."""

    def __init__(self) -> None:
        super().__init__(
            "sign_in_refused",
            N_("This name and password do not belong together. Check both and try again."),
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
        super().__init__("password_is_name", N_("The password must not be made of the name."), "password")
