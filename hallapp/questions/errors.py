"""Refusals of questions and of files."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class QuestionEmpty(InvalidInput):
    """A question without words."""

    code = "question_empty"
    message = N_("Enter the question in at least one language.")
    field = "words"


class OptionsMissing(InvalidInput):
    """A choice needs at least two options."""

    code = "options_missing"
    message = N_("Enter at least two options, each in a line of its own.")
    field = "options"


class OptionsDiffer(InvalidInput):
    """The options have different numbers in two languages, so nobody can say which belong together."""

    code = "options_differ"
    message = N_("Enter the same number of options in each language, in the same order; or leave one language empty.")
    field = "options"


class TooManyQuestions(InvalidInput):
    """Too many questions of one programme."""

    code = "too_many_questions"
    message = N_("A programme can have %(most)s questions at most. Please stop asking another one first.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class KindFixed(InvalidInput):
    """The kind of a question cannot change, because bookings may have answers of the present kind."""

    code = "question_kind_fixed"
    message = N_("The kind of a question cannot be changed. Please stop asking this one, and add another.")
    field = "kind"


class FileEmpty(InvalidInput):
    """The file has no content."""

    code = "file_empty"
    message = N_("This file is empty. Please choose another one.")


class FileTooLarge(InvalidInput):
    """The file has too many bytes."""

    code = "file_too_large"
    message = N_("This file is too large. Please choose one of %(most)s MB at most.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class FileTypeWrong(InvalidInput):
    """The content is neither a PDF nor a picture, or it is broken; the name of the file does not matter."""

    code = "file_type_wrong"
    message = N_("This file cannot be read as a PDF or a picture (JPEG, PNG, WebP). Please choose another one.")


class FileLocked(InvalidInput):
    """The PDF needs a password."""

    code = "file_locked"
    message = N_("This PDF is protected by a password. Please save it without one.")


class FileTooManyPixels(InvalidInput):
    """The picture would take too much memory when it is unpacked."""

    code = "file_too_many_pixels"
    message = N_("This picture is too large. Please choose one of %(most)s million pixels at most.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class FileTooManyPages(InvalidInput):
    """The PDF has too many pages for a letter."""

    code = "file_too_many_pages"
    message = N_("This PDF has too many pages. Please choose one of %(most)s pages at most.")

    def __init__(self, *, most: int) -> None:
        super().__init__(most=most)


class FileInfected(InvalidInput):
    """The virus scanner refused the file."""

    code = "file_infected"
    message = N_("The virus scanner of the hall refused this file. Please check your device, and choose another file.")


class ScannerAway(DomainError):
    """The virus scanner gave no answer, so that the file cannot be accepted."""

    code = "scanner_away"
    status = 503
    message = N_("Files cannot be checked for viruses at the moment. Please try again in a few minutes.")
