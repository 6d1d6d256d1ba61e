"""Refusals of the room `namelist`."""

from hallapp.core.errors import N_, DomainError, InvalidInput
from hallapp.sheets.errors import (
    FileBroken,
    FileEmpty,
    FileEncrypted,
    FileHasLinks,
    FileHasMacros,
    FileOfOtherKind,
    FileRefused,
    FileUnsafe,
    TextUnreadable,
)

__all__ = [
    "FileBroken",
    "FileEmpty",
    "FileEncrypted",
    "FileHasLinks",
    "FileHasMacros",
    "FileOfOtherKind",
    "FileRefused",
    "FileTooLarge",
    "FileUnsafe",
    "LabelMissing",
    "LabelNotPossible",
    "NoNames",
    "NotAskedFor",
    "NothingSent",
    "PurposeMissing",
    "TextUnreadable",
    "TooManyColumns",
    "TooManyNames",
    "TooManyRows",
]


class NothingSent(FileRefused):
    """Neither a file nor a name came."""

    code = "nothing_sent"
    message = N_("Choose a file, or enter the names in the box below.")


class FileTooLarge(FileRefused):
    """The file has too many bytes."""

    code = "file_too_large"
    message = N_("This file is larger than 2 MB. Copy only the list into a new file, without pictures.")


class TooManyRows(FileRefused):
    """The file has more lines than any group has people."""

    code = "too_many_rows"
    message = N_("This file has more than %(most)s lines. Copy only the list of this group into a new file.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class TooManyColumns(FileRefused):
    """The file has more columns than any list of people."""

    code = "too_many_columns"
    message = N_("This file has more than %(most)s columns. Copy the column of names into a new file.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class NoNames(FileRefused):
    """There is something in the file, but no name was found."""

    code = "no_names"
    message = N_("No names were found. Give the column of names the heading “%(zh)s” or “%(en)s”.")

    def __init__(self) -> None:
        super().__init__(zh="姓名", en="Name")


class TooManyNames(InvalidInput):
    """More names than the booking has people."""

    code = "too_many_names"
    message = N_(
        "The list has %(names)s names, but the booking is for %(people)s people. Leave some out, "
        "or book for more people first."
    )
    field = "people"

    def __init__(self, *, names: int, people: int) -> None:
        super().__init__(names=names, people=people)


class NotAskedFor(DomainError):
    """No list is taken for this booking: the hall wants none, the visit has begun, or the booking is not valid."""

    code = "names_not_taken"
    message = N_("Name lists for this booking can no longer be submitted. Please ask the hall.")


class PurposeMissing(InvalidInput):
    """A hall must state the purpose for which it asks for more than names. Source: PIPL, articles 6 and 17."""

    code = "purpose_missing"
    message = N_("Explain why the hall needs this: organisers will read it, and the law requires it.")
    field = "purpose"


class LabelMissing(InvalidInput):
    """The hall's own column needs a name."""

    code = "label_missing"
    message = N_("Enter a name for your own column.")
    field = "label"


class LabelNotPossible(InvalidInput):
    """The hall's own column would ask for identity numbers, or be mistaken for another one."""

    code = "label_not_possible"
    message = N_(
        "Please choose another name: identity numbers are never collected, and each column can appear only once."
    )

    def __init__(self, field: str) -> None:
        super().__init__(field=field)
