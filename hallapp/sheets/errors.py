"""The refusals of spreadsheets; each message explains what to do instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hallapp.core.errors import N_, InvalidInput


class FileRefused(InvalidInput):
    """A file is refused; the message explains what to do instead."""

    field = "file"


class FileEmpty(FileRefused):
    """There is nothing in the file."""

    code = "file_empty"
    message = N_("This file is empty. Was it saved after the list was entered?")


class FileUnsafe(FileRefused):
    """The file unpacks to very much, or its XML defines entities: no spreadsheet program writes such a file."""

    code = "file_unsafe"
    message = N_("This file is too large when unpacked. Copy only the list into a new file and save that.")


class FileHasMacros(FileRefused):
    """The workbook carries program code."""

    code = "file_has_macros"
    message = N_(
        "This file contains macros, which we do not accept. Save it as “Excel workbook (.xlsx)”, without macros."
    )


class FileHasLinks(FileRefused):
    """The workbook takes values from other files."""

    code = "file_has_links"
    message = N_("This file refers to other files. Copy the list and paste it as values into a new file.")


class FileEncrypted(FileRefused):
    """The file opens with a password only."""

    code = "file_encrypted"
    message = N_("This file is protected by a password. Remove the password and save it again.")


class FileOfOtherKind(FileRefused):
    """The file is neither a workbook nor plain text; `what` is its probable kind."""

    def __init__(self, what: str) -> None:
        self.code = f"file_is_{what}"
        self.message = _KINDS[what]
        super().__init__()


_KINDS = {
    "document": N_("This is a Word document. Copy its table into Excel or WPS, and save it as .xlsx."),
    "presentation": N_("This is a presentation. Copy its table into Excel or WPS, and save it as .xlsx."),
    "pdf": N_("This is a PDF. We read spreadsheets: save the list as .xlsx or .csv."),
    "picture": N_("This is a picture. We read spreadsheets: save the list as .xlsx or .csv."),
    "web_page": N_(
        "This is a web page that has the name of a spreadsheet. Open it in Excel or WPS, and save it as .xlsx."
    ),
    "xml_spreadsheet": N_(
        "This is an “XML Spreadsheet 2003” with the name of another kind. Open it in Excel or WPS, choose “Save as”, "
        "and save it as .xlsx."
    ),
    "numbers": N_(
        "This is a file of Apple Numbers. In Numbers, choose “File → Export To → Excel…”, and send that file."
    ),
    "opendocument": N_(
        "This is an OpenDocument file. Open it, choose “Save as”, and save it as Excel workbook (.xlsx)."
    ),
    "binary_workbook": N_(
        "This is a binary Excel workbook (.xlsb). Open it, choose “Save as”, and save it as Excel workbook (.xlsx)."
    ),
    "archive": N_("This is an archive. Unpack it, and upload the spreadsheet inside."),
    "binary": N_("This is not a spreadsheet. We read .xlsx, .xls and .csv files."),
}


class FileBroken(FileRefused):
    """The file claims to be a workbook, but cannot be read as one."""

    code = "file_broken"
    message = N_("This file is damaged. Open it in Excel or WPS, save it as .xlsx again, and upload that file.")


class TextUnreadable(FileRefused):
    """A text file in no encoding that we know."""

    code = "text_unreadable"
    message = N_("The text encoding of this file cannot be read. Save it as .xlsx, or as CSV UTF-8.")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read a text: its encoding as programs name it, and the first lines as they read in it."""

    encoding: str
    lines: tuple[str, ...]


class TextUnsure(FileRefused):
    """A text may be written in one of several encodings, and a person must choose one; the likeliest comes first."""

    code = "text_unsure"
    message = N_(
        "The text encoding of this file can be read in several ways. Choose the one that is "
        "shown correctly, or save the file as .xlsx or as “CSV UTF-8”."
    )

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        super().__init__()
        self.candidates = tuple(candidates)


def as_plain(error: FileRefused) -> dict[str, Any]:
    """Return a refusal as data, to be sent from the process that reads a file."""
    candidates = error.candidates if isinstance(error, TextUnsure) else ()
    found = [[one.encoding, list(one.lines)] for one in candidates]
    return {"class": type(error).__name__, "code": error.code, "candidates": found}


def of_plain(plain: dict[str, Any]) -> FileRefused:
    """Return the refusal that was sent as data."""
    code = str(plain["code"])
    if code.startswith("file_is_"):
        return FileOfOtherKind(code.removeprefix("file_is_"))
    if plain["class"] == TextUnsure.__name__:
        return TextUnsure([Candidate(encoding, tuple(lines)) for encoding, lines in plain["candidates"]])
    return _SIMPLE[plain["class"]]()


_SIMPLE: dict[str, Callable[[], FileRefused]] = {
    one.__name__: one
    for one in (FileEmpty, FileUnsafe, FileHasMacros, FileHasLinks, FileEncrypted, FileBroken, TextUnreadable)
}
