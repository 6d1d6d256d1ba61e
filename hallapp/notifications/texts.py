"""Text messages of the outbox: the template and its values, the limit of a day, holding, counting, delivery reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from sqlalchemy import func, select, update

from hallapp.accounts import service as accounts
from hallapp.core import clock, database
from hallapp.core.database import db, upsert
from hallapp.notifications import kinds
from hallapp.notifications.models import (
    Channel,
    Hold,
    MessageState,
    OutboxMessage,
    TextCount,
    TextSetting,
    TextTemplate,
)
from hallapp.notifications.signals import texts_held
from hallapp.notifications.texting import Provider, Receipt, Text
from hallapp.notifications.texting.values import count_segments, is_abroad
from hallapp.notifications.transports import Refused, bare_id
from hallapp.schedule import capacity
from hallapp.schedule.queries import get_hall

#: The end of a placeholder for an address without its host: the template of the provider contains the host.
PATH = "_path"
_VALUE_LENGTH = 200
_FIRST_REPORT = timedelta(minutes=1)


class Held(Exception):
    """A text message is not sent before a person releases it."""

    def __init__(self, reason: Hold) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of a template: the name that the provider knows, and the placeholder that fills it."""

    name: str
    placeholder: str


def read_variables(parameters: str) -> tuple[Variable, ...]:
    """Return the variables in the stored form, which is `TextTemplate.parameters`."""
    parts = (one.strip() for one in parameters.split(",") if one.strip())
    named = (one.partition("=") for one in parts)
    return tuple(Variable(name=name.strip(), placeholder=(other or name).strip()) for name, _sign, other in named)


def find_setting(hall_id: int) -> TextSetting | None:
    """Return the settings of a hall's text messages, or None where it has never set any."""
    return db.session.get(TextSetting, hall_id)


def list_templates(hall_id: int, provider: Provider) -> dict[tuple[str, str, bool], TextTemplate]:
    """Return a hall's templates by kind, language, and whether they are for numbers abroad."""
    mine = (TextTemplate.hall_id == hall_id, TextTemplate.provider == provider.value)
    return {(row.kind, row.language, row.abroad): row for row in db.session.scalars(select(TextTemplate).where(*mine))}


def find_template(message: OutboxMessage, provider: Provider) -> TextTemplate | None:
    """Return the template for a message by its kind, its language, and the country of its number, or None."""
    key = (message.hall_id, provider.value, message.kind, message.language or "", is_abroad(message.recipient))
    return db.session.get(TextTemplate, key)


def prepare(message: OutboxMessage, provider: Provider | None) -> Text:
    """Return a text message as the driver sends it.

    Raises:
        Held: the hall has no template for it, or has sent as many text messages today as it may.
        Refused: it holds a code or a link, which would be out of date when a person releases it.
    """
    setting = find_setting(message.hall_id)
    sign = setting.sign if setting else ""
    template = find_template(message, provider) if provider else None
    if provider and (template is None or message.values is None or not sign):
        raise _held(message, Hold.NO_TEMPLATE)
    if setting and setting.daily_limit is not None and count_today(message.hall_id) >= setting.daily_limit:
        raise _held(message, Hold.LIMIT)
    return Text(
        to=message.recipient,
        body=message.body,
        number=bare_id(message.message_id),
        sign=sign,
        template=template.template if template else "",
        parameters=_fill(template, message.values or {}) if template else (),
    )


def _held(message: OutboxMessage, reason: Hold) -> Held | Refused:
    kind = kinds.find_kind(message.kind)
    if kind is not None and kind.secret:
        words = {Hold.NO_TEMPLATE: "no template and sign for this message", Hold.LIMIT: "the limit of the day"}
        return Refused(words[reason], for_good=True)
    return Held(reason)


def _fill(template: TextTemplate, values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, value_of(one.placeholder, values)) for one in read_variables(template.parameters))


def value_of(placeholder: str, values: Mapping[str, str]) -> str:
    """Return the value of a placeholder in one line; one that ends in `_path` is an address without its host."""
    if placeholder.endswith(PATH) and placeholder not in values:
        parts = urlsplit(values.get(placeholder.removesuffix(PATH), ""))
        return parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    return " ".join(values.get(placeholder, "").split())[:_VALUE_LENGTH]


def hold(message_id: int, reason: Hold) -> None:
    """Let a claimed message wait for a person, and report the first of the day; needs a transaction."""
    message = db.session.get_one(OutboxMessage, message_id, with_for_update=True)
    if message.state is not MessageState.WAITING:
        return
    message.held, message.claimed_until = reason, None
    message.attempts = max(message.attempts - 1, 0)  # nothing was tried
    db.session.flush()
    if _is_first_of_day(message):
        texts_held.send(message)


def _is_first_of_day(message: OutboxMessage) -> bool:
    hall = get_hall(message.hall_id)
    same = [] if message.held is Hold.LIMIT else [OutboxMessage.kind == message.kind]  # another template is missing
    others = select(func.count()).where(
        OutboxMessage.hall_id == hall.id,
        OutboxMessage.id != message.id,
        OutboxMessage.held == message.held,
        OutboxMessage.created_at >= clock.at(hall.today(), time.min, hall.time_zone),
        *same,
    )
    return not db.session.scalar(others)


def release(hall_id: int, *, by: int) -> int:
    """Let all held messages of a hall be tried again, and return their number; needs a transaction."""
    held = (OutboxMessage.hall_id == hall_id, OutboxMessage.held.is_not(None))
    waiting = (*held, OutboxMessage.state == MessageState.WAITING)
    released = db.session.scalars(
        update(OutboxMessage)
        .where(*waiting)
        .values(held=None, attempts=0, due_at=database.now())
        .returning(OutboxMessage.id),
        execution_options={"synchronize_session": False},
    ).all()
    if released:
        detail = {"messages": len(released)}
        accounts.record(hall_id=hall_id, staff_id=by, action="texts_released", subject="texts", detail=detail)
    return len(released)


def note_sent(message_id: int, receipt: Receipt) -> None:
    """Count a text message that was taken, and plan the first question for its report; needs a transaction."""
    message = db.session.get_one(OutboxMessage, message_id)
    setting, hall = find_setting(message.hall_id), get_hall(message.hall_id)
    message.segments = receipt.segments or count_segments(
        message.body, to=message.recipient, sign=setting.sign if setting else ""
    )
    message.provider_id = receipt.provider_id
    if receipt.provider_id:
        message.report_due_at = database.now() + _FIRST_REPORT
    row = {"hall_id": hall.id, "day": hall.today(), "kind": message.kind, "messages": 1, "segments": message.segments}
    added = {"messages": TextCount.messages + 1, "segments": TextCount.segments + message.segments}
    statement = upsert(TextCount, row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["hall_id", "day", "kind"], set_=added))
    db.session.flush()


def count_today(hall_id: int) -> int:
    """Return how many text messages a hall has sent today, on its own day."""
    today = (TextCount.hall_id == hall_id, TextCount.day == get_hall(hall_id).today())
    return db.session.scalar(select(func.sum(TextCount.messages)).where(*today)) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The number of text messages of a kind in some days, and of the parts that the provider charges."""

    kind: str
    messages: int
    segments: int


def list_costs(hall_id: int, first: date, end: date) -> list[Cost]:
    """Return the text messages of the days from `first` up to `end`, which is not included, by kind."""
    days = (TextCount.hall_id == hall_id, TextCount.day >= first, TextCount.day < end)
    query = select(TextCount.kind, func.sum(TextCount.messages), func.sum(TextCount.segments))
    rows = db.session.execute(query.where(*days).group_by(TextCount.kind).order_by(TextCount.kind))
    return [Cost(kind=kind, messages=messages, segments=segments) for kind, messages, segments in rows]


def save_setting(hall_id: int, *, sign: str, daily_limit: int | None, by: int) -> None:
    """Set the sign and the limit of a hall's text messages; needs a transaction."""
    capacity.hold_hall(hall_id)
    row = find_setting(hall_id)
    before = {"sign": row.sign, "daily_limit": row.daily_limit} if row else {}
    after = {"sign": sign, "daily_limit": daily_limit}
    db.session.merge(TextSetting(hall_id=hall_id, **after))
    db.session.flush()
    detail = {
        name: {"before": before.get(name), "after": value} for name, value in after.items() if before.get(name) != value
    }
    if detail:
        accounts.record(hall_id=hall_id, staff_id=by, action="text_setting_saved", subject="texts", detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveTemplate:
    """A template of a kind as it is saved; without a name it is removed."""

    language: str
    abroad: bool
    template: str
    parameters: str


def save_templates(
    hall_id: int, provider: Provider, kind: str, templates: tuple[SaveTemplate, ...], *, by: int
) -> None:
    """Set the templates of a kind of message; needs a transaction."""
    capacity.hold_hall(hall_id)
    for one in templates:
        key = (hall_id, provider.value, kind, one.language, one.abroad)
        row = db.session.get(TextTemplate, key)
        if not one.template:
            if row is not None:
                db.session.delete(row)
            continue
        if row is None:
            row = TextTemplate(
                hall_id=hall_id, provider=provider.value, kind=kind, language=one.language, abroad=one.abroad
            )
            db.session.add(row)
        row.template, row.parameters = one.template, one.parameters
    if db.session.new or db.session.dirty or db.session.deleted:
        db.session.flush()
        accounts.record(hall_id=hall_id, staff_id=by, action="text_templates_saved", subject=f"texts {kind}")


def list_unreported(hall_id: int, *, now: datetime, limit: int) -> list[OutboxMessage]:
    """Return the text messages whose delivery report is to be asked for now, the longest due first."""
    due = (OutboxMessage.hall_id == hall_id, OutboxMessage.report_due_at <= now)
    sent = (OutboxMessage.channel == Channel.SMS, OutboxMessage.state == MessageState.SENT)
    query = select(OutboxMessage).where(*due, *sent).order_by(OutboxMessage.report_due_at).limit(limit)
    return list(db.session.scalars(query))
