"""What this room refuses, by name."""

from hallapp.core.errors import N_, DomainError, InvalidInput


class FileRefused(InvalidInput):
    """A file that is not read; its message says what to do instead."""

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(code, message, "file", **params)


class NothingSent(FileRefused):
    """Neither a file nor a name came."""

    def __init__(self) -> None:
        super().__init__("nothing_sent", N_("Choose a file, or write the names into the box below."))


class FileTooLarge(FileRefused):
    """The file has too many bytes."""

    def __init__(self) -> None:
        message = N_("This file is larger than 2 MB. Copy the list alone into a new file, without pictures.")
        super().__init__("file_too_large", message)


class TooManyRows(FileRefused):
    """The file has more lines than any group has people."""

    def __init__(self, *, most: int) -> None:
        message = N_("This file has more than %(most)s lines. Copy the list of this group alone into a new file.")
        super().__init__("too_many_rows", message, most=most)


class TooManyColumns(FileRefused):
    """The file has more columns than any list of people."""

    def __init__(self, *, most: int) -> None:
        message = N_("This file has more than %(most)s columns. Copy the column of the names into a new file.")
        super().__init__("too_many_columns", message, most=most)


class FileEmpty(FileRefused):
    """There is nothing in the file."""

    def __init__(self) -> None:
        super().__init__("file_empty", N_("This file is empty. Did you save it after you had typed the list?"))


class NoNames(FileRefused):
    """There is something in the file, but no name was found."""

    def __init__(self) -> None:
        message = N_("No name was found here. Give the column of the names the heading “%(zh)s” or “%(en)s”.")
        super().__init__("no_names", message, zh="姓名", en="Name")


class FileUnsafe(FileRefused):
    """The file unpacks to very much, or its XML defines entities: no spreadsheet program writes such a file."""

    def __init__(self) -> None:
        message = N_("This file unpacks to more than we read. Copy the list alone into a new file and save that.")
        super().__init__("file_unsafe", message)


class FileHasMacros(FileRefused):
    """The workbook carries program code."""

    def __init__(self) -> None:
        message = N_(
            "This file has macros, which we do not accept. Save it as “Excel workbook (.xlsx)”, without macros."
        )
        super().__init__("file_has_macros", message)


class FileHasLinks(FileRefused):
    """The workbook takes values from other files."""

    def __init__(self) -> None:
        message = N_("This file takes values from other files. Copy the list and paste it as values into a new file.")
        super().__init__("file_has_links", message)


class FileEncrypted(FileRefused):
    """The file opens with a password only."""

    def __init__(self) -> None:
        super().__init__("file_encrypted", N_("This file has a password. Take the password off and save it again."))


class FileOfOldExcel(FileRefused):
    """A workbook of Excel 97–2003."""

    def __init__(self) -> None:
        message = N_("This is an old Excel file (.xls). Open it, choose “Save as”, and save it as .xlsx.")
        super().__init__("file_is_xls", message)


class FileOfOtherKind(FileRefused):
    """Something else than a workbook or plain text; `what` is what it seems to be."""

    def __init__(self, what: str) -> None:
        super().__init__(f"file_is_{what}", _KINDS[what])


_KINDS = {
    "document": N_("This is a Word document. Copy its table into Excel or WPS, and save it as .xlsx."),
    "pdf": N_("This is a PDF. We read spreadsheets: save the list as .xlsx or .csv, or paste the names below."),
    "picture": N_("This is a picture. We read spreadsheets: save the list as .xlsx or .csv, or type the names below."),
    "web_page": N_("This is a web page with the name of a spreadsheet. Open it in Excel or WPS, and save it as .xlsx."),
    "other_workbook": N_("We do not read this kind of spreadsheet. Open it, choose “Save as”, and save it as .xlsx."),
    "archive": N_("This is an archive. Unpack it, and send the spreadsheet that is in it."),
    "binary": N_("This is no spreadsheet. We read .xlsx and .csv files; or paste the names below."),
}


class FileBroken(FileRefused):
    """It says that it is a workbook, but cannot be read as one."""

    def __init__(self) -> None:
        message = N_("This file is damaged. Open it in Excel or WPS, save it as .xlsx again, and send that one.")
        super().__init__("file_broken", message)


class TextUnreadable(FileRefused):
    """A text file in no encoding that we know."""

    def __init__(self) -> None:
        message = N_("The characters of this file cannot be read. Save it as .xlsx, or as CSV UTF-8.")
        super().__init__("text_unreadable", message)


class TooManyNames(InvalidInput):
    """More names than the booking has people."""

    def __init__(self, *, names: int, people: int) -> None:
        message = N_(
            "These are %(names)s names, but the booking is for %(people)s people. Leave some out, or book for more "
            "people first."
        )
        super().__init__("too_many_names", message, "people", names=names, people=people)


class NotAskedFor(DomainError):
    """No list is taken for this booking: the hall wants none, the visit has begun, or the booking does not stand."""

    def __init__(self) -> None:
        message = N_("No list of names is taken for this booking any more. Please ask the hall.")
        super().__init__("names_not_taken", message)


class PurposeMissing(InvalidInput):
    """A hall must say why it asks for more than names. Source: PIPL, articles 6 and 17."""

    def __init__(self) -> None:
        message = N_("Say why the hall needs this: organisers read it, and the law asks for it.")
        super().__init__("purpose_missing", message, "purpose_zh")


class LabelMissing(InvalidInput):
    """The hall's own column needs a name."""

    def __init__(self) -> None:
        super().__init__("label_missing", N_("Give your own column a name."), "label_zh")


class LabelNotPossible(InvalidInput):
    """The hall's own column would ask for identity numbers, or be mistaken for another one."""

    def __init__(self, field: str) -> None:
        message = N_("Please choose another name: identity numbers are never asked for, and each column is there once.")
        super().__init__("label_not_possible", message, field)
