"""A PDF whose small objects are compressed together (ISO 32000-1, 7.5.7 and 7.5.8).

The structure of a document has an object for each cell of a table: written one by one, as reportlab does, they make a
report more than twice as large. All programs of the last twenty years read such files.
"""

import struct
import zlib
from typing import Any

from reportlab.pdfbase.pdfdoc import PDFDocument, PDFFile, format

_FREE, _PLAIN, _PACKED = 0, 1, 2


class PackedDocument(PDFDocument):
    """A document that writes its streams one by one, and all other objects into one compressed stream."""

    def format(self) -> bytes:
        """Return the bytes of the file."""
        document: Any = self
        root, info = document.Reference(document.Catalog), document.Reference(document.info)
        file: Any = PDFFile(document._pdfVersion)
        streams: dict[int, int] = {}
        packed: list[tuple[int, bytes]] = []
        number = 0
        while (number := number + 1) in document.numberToId:  # an object that is formatted may add others
            content = format(document.idToObject[document.numberToId[number]], self, toplevel=1)
            if content.endswith(b"endstream\n"):
                streams[number] = _add(file, number, content)
            else:
                packed.append((number, content))
        streams[number] = _add(file, number, _packed(packed))
        size = number + 2
        places = {other: (_PACKED, number, index) for index, (other, _content) in enumerate(packed)}
        places |= {other: (_PLAIN, offset, 0) for other, offset in streams.items()}
        places |= {0: (_FREE, 0, 0xFFFF), size - 1: (_PLAIN, file.offset, 0)}
        head = b"/Type/XRef/W[1 4 2]/Size %d/Root %s/Info %s/ID %s" % (
            size,
            root.format(self),
            info.format(self),
            document.ID(),
        )
        start = _add(file, size - 1, _stream(head, b"".join(struct.pack(">BIH", *places[key]) for key in range(size))))
        file.add(b"startxref\n%d\n%%%%EOF\n" % start)
        return file.format(self)


def _packed(objects: list[tuple[int, bytes]]) -> bytes:
    index, offset = [], 0
    for number, content in objects:
        index.append(b"%d %d" % (number, offset))
        offset += len(content) + 1
    table = b" ".join(index) + b"\n"
    contents = b"\n".join(content for _number, content in objects)
    return _stream(b"/Type/ObjStm/N %d/First %d" % (len(objects), len(table)), table + contents)


def _stream(head: bytes, content: bytes) -> bytes:
    packed = zlib.compress(content)
    return b"<<%s/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream\n" % (head, len(packed), packed)


def _add(file: Any, number: int, content: bytes) -> int:
    offset: int = file.add(b"%d 0 obj\n%sendobj\n" % (number, content))
    return offset
