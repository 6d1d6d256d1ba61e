"""Reasons why a row with people may not count.

It may be hidden, struck through, cancelled, a part of another row, or cut into pieces.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from hallapp.history import questions
from hallapp.history.candidates import folded
from hallapp.history.columns import HistoryColumn
from hallapp.history.findings import LEAVE_OUT, TAKE
from hallapp.history.lines import Table, TableLine, places_of
from hallapp.history.totals import is_total
from hallapp.history.watch import Watch

_STATUS = re.compile(
    r"(?:预约|订单|到馆|核销|签到|参观|入馆|审核|审批|团队|来访|履约|当前|票务|门票|处理|完成)?(?:状态|status|state)"
    r"|(?:到馆|到访|履约|核销|签到)(?:情况|结果)|是否(?:已)?(?:到|核销|参观|入馆|签到|履约|来访|取消|爽约).*"
)
_CAME = re.compile(
    r"已?(?:到馆?|核销|入馆|签到|参观|完成|使用|检票|进馆|到访|来访|履约)(?:完成|成功)?|是|[√✓✔]|正常|y|yes|true|1|attended"
    r"|arrived|checkedin|completed?d?|used|done|came|visited|present"
)
_NOT_COME = re.compile(
    r"取消|未|没|爽约|缺席|作废|拒|退|失效|过期|逾期|无效|驳回|否|待|cancel|noshow|absent|refus|reject|expire|void|pending|^no?$|^0$"
)
#: Columns that may also hold a time or a number: only a mark in them means that no one came.
_MARKED = re.compile(
    r"(?:到馆|到场|到访|入馆|进馆|来访|出席|参加|签到|核销|检票|履约)(?:与否|标记)?|结果|attended|arrived|present|showedup"
)
_ARRIVED_AT = re.compile(
    r"(?:实际)?(?:到馆|到场|到访|入馆|进馆|签到|核销|检票)(?:日期|时间)|(?:arrived|admitted|checkedin|entered)at|(?:arrival|checkin)time"
)
_NOT_MARKED = frozenset({*"×✗✘xn否无0", "no", "false"})
#: A cell that means that no one came, under any heading.
_SAYS_NOT_COME = re.compile(
    r"(?:已|被|全部|临时|主动|自动|用户|系统|团队|因故|预约|订单)*"
    r"(?:取消|爽约|失约|未到[馆场访]?|没来|没到|未(?:入馆|进馆|参观|成行|签到|核销|检票|使用|履约|出席|通过|批准)|不通过|缺席|作废"
    r"|退[票订款]|驳回|拒绝|失效|过期|逾期)(?:预约|订单|参观|入馆|到馆)?"
    r"|cancell?(?:ed|ation)|noshow|absent|rejected|refused|refunded|expired|voided|(?:did)?not(?:come|show|attend|arrived?)"
)
_LONGEST_STATUS = 12  # characters
_REMARK = re.compile(r"备注|说明|情况|remark|note|comment")
_DOUBTFUL = re.compile(
    r"取消|未到|未来|没来|没到|未成行|爽约|作废|重复|改期|cancel|no.?show|did not (?:come|show)|duplicate|double",
    re.IGNORECASE,
)
_OF_WHICH = re.compile(r"[(（]?\s*其中|of which|thereof", re.IGNORECASE)
_OF_WHICH_FIRST = frozenset("其(（oOtT")
_TEXTS = (
    HistoryColumn.PROVINCE,
    HistoryColumn.CITY,
    HistoryColumn.ORGANISATION,
    HistoryColumn.KIND,
    HistoryColumn.PROGRAMME,
)
_PIECE_FIRST, _PIECE = re.compile(r"[1-9][0-9]{0,2}"), re.compile(r"[0-9]{3}")


class RowTests:
    """The tests of the rows of one table."""

    def __init__(self, table: Table, watch: Watch) -> None:
        self._watch = watch
        self._table = table
        places = places_of(table)
        taken = set(places.values())
        headings = list(enumerate(folded(heading) for heading in table.layout.headings))
        free = [(at, key) for at, key in headings if at not in taken]
        self._status = [(at, key) for at, key in headings if key and _STATUS.fullmatch(key)]
        below = table.layout.samples
        self._arrived = [
            at for at, key in free if _ARRIVED_AT.fullmatch(key) and any(at < len(row) and row[at] for row in below)
        ]
        self._marked = [at for at, key in free if _MARKED.fullmatch(key)]
        self._remarks = [at for at, key in free if key and _REMARK.search(key)]
        self._place = places.get(HistoryColumn.PROVINCE)
        self._people = places.get(HistoryColumn.VISITORS)
        labels = set(label_places(table))
        self._elsewhere = [at for at, _key in free if at not in labels and not table.layout.across]
        told = {*self._remarks, *(at for at, _key in self._status)}
        self._untold = [at for at, _key in free if at not in told and not table.layout.across]
        texts_in = {at for at in range(min(4, table.width)) if at in taken or at in labels}
        self._first_columns = sorted(texts_in if self._place is None else texts_in | {self._place})
        behind = (self._people or 0) + 1
        texts_in_places = {places.get(column) for column in _TEXTS}
        self._text_behind = behind if behind in texts_in_places or behind in self._remarks else None
        self._line_width = table.width + (2 if table.layout.across else 0)
        self._watches = bool(self._status or self._remarks or self._elsewhere or self._untold)

    def withheld(self, line: TableLine, people: int) -> tuple[str, str] | None:
        """Return the question by whose answer a row does not count, and which of its findings; None where it counts."""
        quiet = not (line.hidden or line.struck or line.further or self._watches or len(line.texts) > self._line_width)
        if quiet and not self._is_part(line):
            return None  # nearly every row of nearly every file
        for code, where, leaves in self._asked(line, people):
            if leaves:
                return code, where
        return None

    def _asked(self, line: TableLine, people: int) -> Iterator[tuple[str, str, bool]]:
        ask = self._watch.ask
        if line.hidden:
            yield (
                questions.HIDDEN_ROWS,
                "",
                ask(questions.HIDDEN_ROWS, line.number, people, line.sample) == LEAVE_OUT,
            )
        if line.struck:
            yield questions.STRUCK, "", ask(questions.STRUCK, line.number, people, line.sample) == LEAVE_OUT
        if line.further:
            yield questions.SIDE_BY_SIDE, "", ask(questions.SIDE_BY_SIDE, line.number, people, line.sample) == "first"
        if any(is_total(line.text(at)) for at in self._elsewhere) or any(map(is_total, line.texts[self._line_width :])):
            chosen = ask(questions.LABEL_ELSEWHERE, line.number, people, line.sample)
            yield questions.LABEL_ELSEWHERE, "", chosen == LEAVE_OUT
        yield from self._of_status(line, people)
        if any(_DOUBTFUL.search(line.text(at)) for at in self._remarks):
            yield questions.REMARK, "", ask(questions.REMARK, line.number, people, line.sample) == LEAVE_OUT
        if self._is_part(line):
            yield questions.OF_WHICH, "", ask(questions.OF_WHICH, line.number, people, line.sample) == LEAVE_OUT

    def _is_part(self, line: TableLine) -> bool:
        """Return whether a row is marked as a part of the row above it."""
        texts = line.texts
        for at in self._first_columns:
            if at < len(texts) and texts[at][:1] in _OF_WHICH_FIRST and _OF_WHICH.match(texts[at]):
                return True
        return False

    def _is_cut_short(self, line: TableLine) -> bool:
        """Return whether the second piece of a number is in a column of words, in a row without its last cells."""
        at = self._text_behind
        return (
            at is not None
            and bool(_PIECE.fullmatch(line.text(at)) and _PIECE_FIRST.fullmatch(line.text(at - 1)))
            and not any(line.texts[at + 1 :])
        )

    def _of_status(self, line: TableLine, people: int) -> Iterator[tuple[str, str, bool]]:
        for at, heading in self._status:
            text = line.text(at)[:40]
            meant = _meaning_of_status(text, cancels="取消" in heading or "爽约" in heading)
            if meant is not None:
                yield self._ask_status(line, people, text, meant)
        for at in self._untold:
            text = line.text(at)
            if text and _says_not_come(text, marked=at in self._marked):
                yield self._ask_status(line, people, text, LEAVE_OUT)

        for at in self._arrived:
            if not line.text(at):
                name = f"{self._table.layout.headings[at]}: –"
                yield self._ask_status(line, people, name[:40], LEAVE_OUT)

    def _ask_status(self, line: TableLine, people: int, text: str, meant: str) -> tuple[str, str, bool]:
        chosen = self._watch.ask(
            questions.STATUS,
            line.number,
            people,
            line.sample,
            where=text,
            suggested=meant,
            params={"name": text},
        )
        return questions.STATUS, text, chosen == LEAVE_OUT

    def mended(self, line: TableLine) -> TableLine | tuple[str, str]:
        """Return a line of a text file whose number was cut at its comma, repaired; else the question about it."""
        extra = len(line.texts) - self._table.width
        if not self._table.is_text or self._table.layout.across:
            return line
        at = self._people if self._people is not None else 0
        if self._is_cut_short(line):
            extra = 1
        elif extra <= 0 or not any(line.texts[self._table.width :]):
            return line
        pieces = line.texts[at : at + 1 + extra]
        whole = _PIECE_FIRST.fullmatch(pieces[0]) and all(map(_PIECE.fullmatch, pieces[1:])) if pieces else None
        if not whole or len(pieces) <= extra:
            labels = {TAKE: "", LEAVE_OUT: ""}
            people = int(pieces[0]) if pieces and pieces[0].isdecimal() and len(pieces[0]) < 8 else 0
            where = "other"
            chosen = self._watch.ask(
                questions.EXTRA_CELLS, line.number, people, line.sample, where=where, labels=labels
            )
            return line if chosen == TAKE else (questions.EXTRA_CELLS, where)
        joined = "".join(pieces)
        if self._watch.ask(questions.EXTRA_CELLS, line.number, int(joined), ",".join(pieces)) != "join":
            return questions.EXTRA_CELLS, ""
        texts = [*line.texts[:at], joined, *line.texts[at + 1 + extra :]]
        return replace(line, cells=list(texts), texts=texts)


def label_places(table: Table) -> Sequence[int]:
    """Return the places where the label of a total can be: columns of texts, and those left of unread people."""
    places = places_of(table)
    numbers_in = {places[column] for column in (HistoryColumn.VISITORS, HistoryColumn.GROUPS) if column in places}
    numbers_in |= set(table.columns.plus)
    until = table.width if table.layout.across else places.get(HistoryColumn.VISITORS, 0)
    across = set(table.layout.across.cells) if table.layout.across else set()
    taken = {*places.values(), *range(until)}
    return sorted(taken - numbers_in - across - {table.width})


@lru_cache(maxsize=1_000)
def _meaning_of_status(text: str, *, cancels: bool) -> str | None:
    """Return the suggestion for rows of a status; None for one of people who came, empty for a doubtful one."""
    key = folded(text)
    if not key and text not in ("√", "✓", "✔"):
        return None
    if cancels:
        return None if re.fullmatch(r"否|未取消|no?|false|0", key) else LEAVE_OUT
    if _NOT_COME.search(key):
        return LEAVE_OUT
    return None if _CAME.fullmatch(key or text) else ""


@lru_cache(maxsize=5_000)
def _says_not_come(text: str, *, marked: bool) -> bool:
    """Return whether a cell of a column without a status heading means that no one came."""
    if len(text) > _LONGEST_STATUS:
        return False
    return bool(_SAYS_NOT_COME.fullmatch(folded(text))) or (marked and text.casefold() in _NOT_MARKED)
