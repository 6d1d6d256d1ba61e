"""Refusals of the room `devices`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class DeviceNameInvalid(InvalidInput):
    """A device's name is empty, too long, or cannot be seen."""

    def __init__(self, most: int) -> None:
        message = N_("Please give the device a name of 1 to %(most)s characters, such as its place.")
        super().__init__("device_name_invalid", message, "name", most=most)


class DeviceNameTaken(DomainError):
    """The hall has such a device already."""

    def __init__(self) -> None:
        super().__init__(
            "device_name_taken", N_("There is already a device with this name. Choose another one."), "name"
        )


class WordsTooLong(InvalidInput):
    """A text is longer than a kiosk can show."""

    def __init__(self, *, field: str, most: int) -> None:
        super().__init__("words_too_long", N_("Please shorten this to %(most)s characters."), field, most=most)


class DeviceRevoked(DomainError):
    """The device's link was taken back."""

    def __init__(self) -> None:
        message = N_("This device has been withdrawn. Add it again to use it.")
        super().__init__("device_revoked", message)
