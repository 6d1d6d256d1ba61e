"""Refusals of the room `history`."""

from hallapp.core.errors import N_, DomainError, InvalidInput
from hallapp.sheets.errors import FileRefused


class NothingSent(FileRefused):
    """No file came."""

    code = "nothing_sent"
    message = N_("Choose a file first.")


class FileTooLarge(FileRefused):
    """The file has more bytes than a page takes."""

    code = "file_too_large"
    message = N_(
        "This file is larger than %(most)s MB. Save it as .xlsx or split it by year; or ask your "
        "administrator to import it with the command “reports import”, which accepts any size."
    )

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class FileGone(FileRefused):
    """The file of a draft has been deleted since."""

    code = "file_gone"
    message = N_("The file is no longer stored. Discard this import and upload it again.")


class TooManyDrafts(FileRefused):
    """A hall has many files under way."""

    code = "too_many_drafts"
    message = N_("Several files are already waiting. Finish or discard one of them first.")


class AtWork(DomainError):
    """The file is being read or imported at this moment."""

    code = "at_work"
    message = N_("This file is being processed. Wait until this is done.")


class NotRead(DomainError):
    """The file has not been read row by row yet."""

    code = "not_read"
    message = N_("This file has not been read yet. Confirm its columns first.")


class NothingToImport(DomainError):
    """No row of the file counts."""

    code = "nothing_to_import"
    message = N_("No row of this file can be counted.")


class PeopleTooMany(DomainError):
    """More people than reports can add up."""

    code = "people_too_many"
    message = N_("This is more people than any hall has received. Is this the right column for the number of people?")


class Unsettled(DomainError):
    """Some names still have no meaning."""

    code = "unsettled"
    message = N_("%(count)s names still need an answer: choose below what each of them means.")

    def __init__(self, *, count: int) -> None:
        super().__init__(count=count)


class QuestionsOpen(DomainError):
    """Something in the file can be read in two ways, and no way has been chosen."""

    code = "questions_open"
    message = N_("%(count)s points still need your confirmation: please see above.")

    def __init__(self, *, count: int) -> None:
        super().__init__(count=count)


class ImportedSince(DomainError):
    """An import was counted or taken back after the file had been compared with the counted ones."""

    code = "imported_since"
    message = N_("Another import was counted or taken back in the meantime. Check this file again, then count it.")


class AnswerUnknown(InvalidInput):
    """A finding is settled by a choice that it does not have."""

    code = "answer_unknown"
    message = N_("Please choose one of these.")


class RowsWrong(InvalidInput):
    """Some rows cannot be counted, and leaving them out was not confirmed."""

    code = "rows_wrong"
    message = N_("Wrong rows: %(count)s. Correct them in the file and upload it again, or leave them out.")
    field = "leave_out"

    def __init__(self, *, count: int) -> None:
        super().__init__(count=count)


class MonthsClosed(InvalidInput):
    """Some months are closed, and adjusting them was not confirmed."""

    code = "months_closed"
    message = N_("Closed months among these: %(count)s. Confirm that the people become adjustments of them.")
    field = "into_closed"

    def __init__(self, *, count: int) -> None:
        super().__init__(count=count)


class MeaningUnknown(InvalidInput):
    """The given meaning of a name is no place, kind or programme of the hall."""

    code = "meaning_unknown"
    message = N_("Please choose one of these.")


class ConfirmationMissing(InvalidInput):
    """An import is taken back on purpose only."""

    code = "confirmation_missing"
    message = N_("Tick the box to confirm: the people are removed from every report.")
    field = "sure"
