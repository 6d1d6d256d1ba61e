"""Why a spreadsheet is not read, by name; each message says what to do instead."""

from hallapp.core.errors import N_, InvalidInput


class FileRefused(InvalidInput):
    """A file that is not read; its message says what to do instead."""

    def __init__(self, code: str, message: str, **params: object) -> None:
        super().__init__(code, message, "file", **params)


class FileEmpty(FileRefused):
    """There is nothing in the file."""

    def __init__(self) -> None:
        super().__init__("file_empty", N_("This file is empty. Did you save it after you had typed the list?"))


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
    "pdf": N_("This is a PDF. We read spreadsheets: save the list as .xlsx or .csv."),
    "picture": N_("This is a picture. We read spreadsheets: save the list as .xlsx or .csv."),
    "web_page": N_("This is a web page with the name of a spreadsheet. Open it in Excel or WPS, and save it as .xlsx."),
    "other_workbook": N_("We do not read this kind of spreadsheet. Open it, choose “Save as”, and save it as .xlsx."),
    "archive": N_("This is an archive. Unpack it, and send the spreadsheet that is in it."),
    "binary": N_("This is no spreadsheet. We read .xlsx and .csv files."),
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
