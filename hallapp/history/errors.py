"""Refusals of the room `history`."""

from hallapp.core.errors import N_, DomainError, InvalidInput
from hallapp.sheets.errors import FileRefused


class NothingSent(FileRefused):
    """No file came."""

    def __init__(self) -> None:
        super().__init__("nothing_sent", N_("Choose a file first."))


class FileTooLarge(FileRefused):
    """The file has more bytes than a page takes."""

    def __init__(self, *, most: int) -> None:
        message = N_(
            "This file is larger than %(most)s MB. Save it as .xlsx or split it by year; or ask your "
            "administrator to import it with the command “reports import”, which accepts any size."
        )
        super().__init__("file_too_large", message, most=most)


class FileGone(FileRefused):
    """The file of a draft has been deleted since."""

    def __init__(self) -> None:
        super().__init__("file_gone", N_("The file is no longer stored. Discard this import and upload it again."))


class TooManyDrafts(FileRefused):
    """A hall has many files under way."""

    def __init__(self) -> None:
        message = N_("Several files are already waiting. Finish or discard one of them first.")
        super().__init__("too_many_drafts", message)


class AtWork(DomainError):
    """The file is being read or imported at this moment."""

    def __init__(self) -> None:
        super().__init__("at_work", N_("This file is being processed. Wait until this is done."))


class NotRead(DomainError):
    """The file has not been read row by row yet."""

    def __init__(self) -> None:
        super().__init__("not_read", N_("This file has not been read yet. Confirm its columns first."))


class NothingToImport(DomainError):
    """No row of the file counts."""

    def __init__(self) -> None:
        super().__init__("nothing_to_import", N_("No row of this file can be counted."))


class PeopleTooMany(DomainError):
    """More people than reports can add up."""

    def __init__(self) -> None:
        message = N_(
            "This is more people than any hall has received. Is this the right column for the number of people?"
        )
        super().__init__("people_too_many", message)


class Unsettled(DomainError):
    """Some names still have no meaning."""

    def __init__(self, *, count: int) -> None:
        message = N_("%(count)s names still need an answer: choose below what each of them means.")
        super().__init__("unsettled", message, count=count)


class QuestionsOpen(DomainError):
    """Something in the file can be read in two ways, and no way has been chosen."""

    def __init__(self, *, count: int) -> None:
        message = N_("%(count)s points still need your confirmation: please see above.")
        super().__init__("questions_open", message, count=count)


class ImportedSince(DomainError):
    """An import was counted or taken back after the file had been compared with the counted ones."""

    def __init__(self) -> None:
        message = N_("Another import was counted or taken back in the meantime. Check this file again, then count it.")
        super().__init__("imported_since", message)


class AnswerUnknown(InvalidInput):
    """A finding is settled by a choice that it does not have."""

    def __init__(self) -> None:
        super().__init__("answer_unknown", N_("Please choose one of these."))


class RowsWrong(InvalidInput):
    """Some rows cannot be counted, and leaving them out was not confirmed."""

    def __init__(self, *, count: int) -> None:
        message = N_("%(count)s rows are wrong. Correct them in the file and upload it again, or leave them out.")
        super().__init__("rows_wrong", message, "leave_out", count=count)


class MonthsClosed(InvalidInput):
    """Some months are closed, and adjusting them was not confirmed."""

    def __init__(self, *, count: int) -> None:
        message = N_("%(count)s of these months are closed. Confirm that the people become adjustments of them.")
        super().__init__("months_closed", message, "into_closed", count=count)


class MeaningUnknown(InvalidInput):
    """The given meaning of a name is no place, kind or programme of the hall."""

    def __init__(self) -> None:
        super().__init__("meaning_unknown", N_("Please choose one of these."))


class ConfirmationMissing(InvalidInput):
    """An import is taken back on purpose only."""

    def __init__(self) -> None:
        message = N_("Tick the box to confirm: the people are removed from every report.")
        super().__init__("confirmation_missing", message, "sure")
