"""Pages that are the same for everybody: made once, kept for a second, completed for each visitor.

A page is made for a visitor without cookies, without a network address and without a form, so nothing of a person can
be in it. For values of one visitor, such as the token of a form, the page has a gap; `answer` fills the gaps for each
request. Its parts are compressed once, and the values in the gaps never, so the length of a response tells nothing of
them (BREACH). A number on such a page may be a second old; only the claim decides whether the places are free.
"""

import re
import secrets
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from flask import Flask, current_app, g, request
from flask.wrappers import Response
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.test import create_environ

from hallapp.core.i18n import language
from hallapp.core.timed_cache import TimedCache

#: A header of responses that are a part of a page, to be inserted into the open page.
PART_HEADER = "X-Page-Part"
SECONDS = "PUBLIC_PAGES_KEPT_SECONDS"
_EXTENSION = "hallapp_public_pages"
_MOST = 256
_LONGEST_QUERY = 200
_MARK = f"gap-{secrets.token_hex(16)}-"  # random, so that no text of a hall can contain it
_INDENTATION = re.compile(r"\n[ \t]+")  # a fifth of the booking page; empty lines of a hall's own texts stay
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, from an unknown system
_LAST_BLOCK = b"\x01\x00\x00\xff\xff"  # empty
_GAP = re.compile(rf"{_MARK}([a-z_]+);")

Filler = str | Callable[[], str]


@dataclass(frozen=True, slots=True)
class PublicPage:
    """The parts of a page around its gaps: one part more than there are gaps."""

    parts: tuple[bytes, ...]
    gaps: tuple[str, ...]
    packed: tuple[bytes, ...]

    @classmethod
    def of(cls, html: str) -> "PublicPage":
        """Read a page in which each gap is written as `gap` gives it. The indentation of its lines is left out."""
        pieces = _GAP.split(_INDENTATION.sub("\n", html))
        parts = tuple(piece.encode() for piece in pieces[::2])
        return cls(parts, tuple(pieces[1::2]), tuple(map(_deflate, parts)))

    def fill(self, fillers: Mapping[str, Filler], *, packed: bool = False) -> bytes:
        """Return the whole page; each filler with a gap in the page is called once, and its result is escaped.

        If it is `packed`, it is in the format of gzip.
        """
        values = {name: _value_of(fillers[name]) for name in set(self.gaps)}
        page = _join(self.parts, [values[name] for name in self.gaps])
        if not packed:
            return page
        stored = {name: _store(value) for name, value in values.items()}
        blocks = _join(self.packed, [stored[name] for name in self.gaps])
        return _GZIP_HEAD + blocks + _LAST_BLOCK + struct.pack("<LL", zlib.crc32(page), len(page))


def _join(parts: Sequence[bytes], values: Sequence[bytes]) -> bytes:
    """Return the parts with a value between each of them."""
    return b"".join(chain(parts[:1], *zip(values, parts[1:], strict=True)))


def _deflate(part: bytes) -> bytes:
    """Return compressed blocks that end at a byte and refer to nothing outside of this part."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(part) + packer.flush(zlib.Z_FULL_FLUSH)


def _store(value: bytes) -> bytes:
    """Return a block that holds a value as it is."""
    return struct.pack("<BHH", 0, len(value), len(value) ^ 0xFFFF) + value


def init_app(app: Flask) -> None:
    """Keep the public pages of an application."""
    app.config.setdefault(SECONDS, 1.0)
    app.extensions[_EXTENSION] = TimedCache[PublicPage](most=_MOST)


def gap(name: str) -> str:
    """Return the placeholder for a value of one visitor in a kept page."""
    return f"{_MARK}{name};"


def answer(make: Callable[[], str], *, hall_id: int, variant: str = "", **fillers: Filler) -> Response:
    """Answer with the page that `make` gives for this address, hall and language, its gaps filled for this visitor.

    If one address has several pages, `variant` distinguishes them.
    """
    cache: TimedCache[PublicPage] = current_app.extensions[_EXTENSION]
    reader, query = language(), request.query_string

    def anew() -> PublicPage:
        return _make_for_nobody(make, hall_id=hall_id, reader=reader)

    if len(query) > _LONGEST_QUERY:
        page = anew()
    else:
        page = cache.get((request.path, variant, query, hall_id, reader), anew, seconds=current_app.config[SECONDS])
    own = {"nonce": g.nonce, "csrf_token": generate_csrf}
    packed = request.accept_encodings.quality("gzip") > 0
    response = Response(page.fill({**own, **fillers}, packed=packed), mimetype="text/html")
    response.vary.add("Accept-Encoding")
    if packed:
        response.content_encoding = "gzip"
    return response


def _value_of(filler: Filler) -> bytes:
    return str(escape(filler if isinstance(filler, str) else filler())).encode()


def _make_for_nobody(make: Callable[[], str], *, hall_id: int, reader: str) -> PublicPage:
    environ = create_environ(
        request.path,
        current_app.config["SETTINGS"].base_url,
        query_string=request.query_string.decode("latin-1"),
        headers={"Accept-Language": reader},
    )
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    with app.app_context(), app.request_context(environ):
        g.hall_id, g.nonce, g.csrf_token = hall_id, gap("nonce"), gap("csrf_token")
        return PublicPage.of(make())
