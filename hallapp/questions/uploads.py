"""An upload becomes a file that may be stored: scanned for viruses, made anew, and limited."""

import hashlib
import json
import os
import shlex
import subprocess
import sys

from hallapp.core.errors import DomainError
from hallapp.core.logs import log
from hallapp.core.runtime import settings
from hallapp.questions import errors
from hallapp.questions.remake import PAGES_MOST, PIXELS_MOST
from hallapp.questions.values import Given
from hallapp.settings import ROOT

BYTES_MOST = 5 * 1024 * 1024
_REMADE_MOST = 2 * BYTES_MOST
_COMMAND = (sys.executable, "-m", "hallapp.questions.remake")
_PASSED_ON = ("PATH", "LANG", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
_SECONDS = 60
_INFECTED = 1  # the exit status of scanners such as clamdscan: 0 is clean, 1 is infected, all others are failures


def read(number: int, content: bytes) -> Given:
    """Return an upload as the answer to a question. It asks no database: to be called outside of transactions.

    Raises:
        FileEmpty, FileTooLarge, FileTypeWrong, FileLocked, FileTooManyPixels, FileTooManyPages: for the file.
        FileInfected, ScannerAway: the answer of the virus scanner, where the installation has one.
    """
    if not content:
        raise errors.FileEmpty
    if len(content) > BYTES_MOST:
        raise errors.FileTooLarge(most=BYTES_MOST // 1024**2)
    if command := settings().scan_command:
        _scan(shlex.split(command), content)
    kind, made = _remake(content)
    return Given(number=number, text=kind, digest=hashlib.sha256(made).hexdigest(), content=made)


def _scan(command: list[str], content: bytes) -> None:
    """Let the scanner read the upload from its standard input. Raises FileInfected, ScannerAway."""
    try:
        status = subprocess.run(  # noqa: S603 — the command is a setting of the installation
            command,
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        ).returncode
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("the virus scanner gave no answer: %s", type(error).__name__)
        raise errors.ScannerAway from None
    if status == _INFECTED:
        log.warning("the virus scanner refused an upload")
        raise errors.FileInfected
    if status:
        log.error("the virus scanner failed with exit status %s", status)
        raise errors.ScannerAway


def _remake(content: bytes) -> tuple[str, bytes]:
    """Return type and content of the clean file of an upload."""
    try:
        ended = subprocess.run(  # noqa: S603 — nothing of it comes from a request
            _COMMAND,
            cwd=ROOT,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise errors.FileTypeWrong from None
    head, _line, made = ended.stdout.partition(b"\n")
    if ended.returncode or not head:  # it crashed, or reached a limit
        raise errors.FileTypeWrong
    answer = json.loads(head)
    if "refused" in answer:
        raise _refusal(answer["refused"])
    if len(made) > _REMADE_MOST:
        raise errors.FileTooLarge(most=BYTES_MOST // 1024**2)
    return answer["kind"], made


def _refusal(code: str) -> DomainError:
    match code:
        case "file_locked":
            return errors.FileLocked()
        case "file_too_many_pixels":
            return errors.FileTooManyPixels(most=PIXELS_MOST // 1_000_000)
        case "file_too_many_pages":
            return errors.FileTooManyPages(most=PAGES_MOST)
        case _:
            return errors.FileTypeWrong()
