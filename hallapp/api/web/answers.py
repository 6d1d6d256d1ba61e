"""Answers of the API: JSON with an entity tag, and acts that a program may safely send again."""

import hashlib
import json
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from sqlalchemy import Select
from werkzeug.datastructures import ETags
from werkzeug.http import parse_etags

from hallapp.api import idempotency
from hallapp.api.errors import Changed, DataErased
from hallapp.api.idempotency import Answer
from hallapp.api.web.access import get_caller, secret_keys
from hallapp.api.web.operations import IDEMPOTENCY_KEY, REPLAYED
from hallapp.api.web.spec import PREFIX
from hallapp.booking.errors import DateRefused, Duplicate
from hallapp.booking.queries import list_references
from hallapp.booking.signals import details_erased
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.web import problems
from hallapp.core.web.problems import FieldError
from hallapp.desk.errors import Refusal
from hallapp.desk.web import answers as desk_answers
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

Content = dict[str, Any]


@details_erased.connect
def _erase(hall: Hall, *, bookings: Select[int], before: date | None) -> None:
    """Erase the answers about bookings whose person asked for it; the clock erases all answers after a day."""
    if before is None:
        instead = Answer(status=DataErased.status, content=problem_of(DataErased()))
        references = list_references(hall.id, bookings)
        idempotency.erase_of(hall.id, references, keys=secret_keys(), instead=instead)


def send(content: Content, status: int = 200) -> Response:
    """Return JSON with its entity tag; 304 where the program has it already."""
    if status >= 400:
        return problems.send(content, status)
    return send_text(json.dumps(content, ensure_ascii=False), tag_of(content), status)


def send_text(text: str | bytes, tag: str, status: int = 200) -> Response:
    """Return JSON that was written before, with its entity tag; 304 where the program has it already."""
    response = Response(text, status, mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    if request.method == "GET":
        response.make_conditional(request)
    return response


def send_page(items: list[Content], cursor: str | None) -> Response:
    """Return a page of a list, with the address of the page that follows."""
    response = send({"items": items, "next": cursor})
    if cursor is not None:
        values = request.args.to_dict() | {"cursor": cursor}
        response.headers["Link"] = f'<{request.path}?{urlencode(values)}>; rel="next"'
    return response


def refuse(error: DomainError) -> Response:
    """Return a refusal with all that its document says."""
    response = problems.send(problem_of(error), error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def tag_of(content: Content) -> str:
    """Return the entity tag of a resource."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def check_unchanged(content: Content) -> None:
    """Check that a resource is as the program knew it, where it says so by If-Match. Raises Changed.

    A proxy that compresses answers makes their tags weak (RFC 9110, 8.8.1), so a weak one counts as well.
    """
    wanted: ETags = parse_etags(request.headers.get("If-Match"))
    if wanted and not (wanted.star_tag or wanted.contains_weak(tag_of(content))):
        raise Changed


def create(do: Callable[[], Content], *, place: Callable[[Content], str], status: int = 201) -> Response:
    """Carry out an act that makes something, as `act` does, and say at which `place` of the API it is."""
    response = act(do, status=status)
    if response.status_code == status:
        response.headers["Location"] = f"{PREFIX}{place(response.get_json())}"
    return response


def act(do: Callable[[], Content], *, status: int = 200) -> Response:
    """Carry out an act in one transaction, and return its answer; a repeated request gets the answer of the first one.

    The answer is stored with the act, also where a service refuses it. An error of ours stores nothing.
    """
    name = request.headers.get(IDEMPOTENCY_KEY)
    if name is None:
        with transaction():
            content = do()
        return send(content, status)
    sent = idempotency.Request.of(get_caller(), name, method=request.method, path=request.path, body=request.get_data())
    with transaction():
        known = idempotency.claim(sent, keys=secret_keys())
    if known is not None:
        response = send(known.content, known.status)
        response.headers[REPLAYED] = "true"
        return response
    return send_answer(_act_once(sent, do, status))


def send_answer(answer: Answer) -> Response:
    """Return an answer as a response."""
    return send(answer.content, answer.status)


def _act_once(sent: idempotency.Request, do: Callable[[], Content], status: int) -> Answer:
    try:
        with transaction():
            answer = Answer(status=status, content=do())
            idempotency.store(sent, answer, keys=secret_keys())
    except DomainError as error:
        if error.retry_after is not None:  # the same request may succeed later
            _release(sent)
            raise
        answer = Answer(status=error.status, content=problem_of(error))
        with transaction():
            idempotency.store(sent, answer, keys=secret_keys())
    except BaseException:
        _release(sent)
        raise
    return answer


def _release(sent: idempotency.Request) -> None:
    with transaction():
        idempotency.release(sent)


def problem_of(error: DomainError) -> Content:
    """Return the problem document of a refusal, with what a program needs to decide what to do."""
    if isinstance(error, Refusal):
        hall = get_current_hall()
        confirm = {name: True if value == "yes" else value for name, value in error.confirm.items()}
        more = {"overridable": error.overridable, "confirm": confirm} | _params_of(error)
        return problems.content(error.status, error.code, desk_answers.words(error, hall)) | more
    message = translate(error)
    errors = [FieldError(field=error.field, message=message)] if error.field else []
    return problems.content(error.status, error.code, message, errors) | _params_of(error) | _more_of(error)


def _params_of(error: DomainError) -> Content:
    """Return the numbers and words of the message, for programs that write one of their own."""
    params = {name: value for name, value in error.params.items() if isinstance(value, int | str)}
    return {"params": params} if params else {}


def _more_of(error: DomainError) -> Content:
    """Return the date of a series that was refused with the reason, or the bookings that a group has already."""
    if isinstance(error, DateRefused):
        return {"day": error.day.isoformat(), "cause": problem_of(error.cause)}
    if isinstance(error, Duplicate):
        return {"bookings": error.references}
    return {}
