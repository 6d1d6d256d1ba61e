"""Refusals of the room `devices`."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class DeviceNameInvalid(InvalidInput):
    """A device's name is empty, too long, or cannot be seen."""

    code = "device_name_invalid"
    message = N_("Please give the device a name of 1 to %(most)s characters, such as its place.")
    field = "name"

    def __init__(self, most: int) -> None:
        super().__init__(most=most)


class DeviceNameTaken(DomainError):
    """The hall has such a device already."""

    code = "device_name_taken"
    message = N_("There is already a device with this name. Choose another one.")
    field = "name"


class WordsTooLong(InvalidInput):
    """A text is longer than a kiosk can show."""

    code = "words_too_long"
    message = N_("Please shorten this to %(most)s characters.")

    def __init__(self, *, field: str, most: int) -> None:
        super().__init__(field=field, most=most)


class DeviceRevoked(DomainError):
    """The device's link was taken back."""

    code = "device_revoked"
    message = N_("This device has been withdrawn. Add it again to use it.")
