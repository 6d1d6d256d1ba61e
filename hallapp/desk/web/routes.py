"""Routes for the desk: one page, and the acts that it sends as forms or that programs send as JSON.

An act that was done, now or before, answers 200. What cannot be read answers 422, a manager's matter 403, and every
other refusal 409: each with the same reason in the page and in JSON.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import current_app, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.accounts.web.session import get_staff, may
from hallapp.booking.models import Booking
from hallapp.booking.signals import details_erased
from hallapp.categories.queries import list_families
from hallapp.categories.values import list_asked
from hallapp.categories.words import describe
from hallapp.core import clock
from hallapp.core.database import transaction
from hallapp.core.web.access import allow
from hallapp.core.web.responses import allow_wasm, wants_json
from hallapp.desk import hindrances, load, lookup, queries, retention, service, timing
from hallapp.desk.commands import Done
from hallapp.desk.errors import CountedMeanwhile, MoreThanExpected, OutOfTime, Question, Refusal
from hallapp.desk.lookup import Found
from hallapp.desk.notes import NOTE_LENGTH, write_note
from hallapp.desk.web import answers, conflicts, devices, forms
from hallapp.desk.web.blueprint import blueprint
from hallapp.desk.web.files import FILES
from hallapp.desk.web.forms import Fields
from hallapp.ledger import categories as ledger
from hallapp.passes import codes
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall

__all__ = ["blueprint", "conflicts", "devices"]

details_erased.connect(retention.erase)

#: Parts of the page that the desk's script asks for, so that a scan does not bring the whole page again.
PARTS = ("answer", "card", "figures", "events", "row", "day")
PARTS_HEADER = "X-Desk-Parts"
_REPEATED = ("event_id", "code", "reason", "anyway", "organisation", "kind", "programme", "device")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer of the page: the result found, done or refused, and the input of a refused form."""

    done: Done | None = None
    found: Found | None = None
    refusal: Refusal | None = None
    typed: Fields = field(default_factory=dict)


@blueprint.get("/desk")
@allow(Permission.DESK_ADMIT)
def desk() -> ResponseReturnValue:
    """Show the desk; with `code` (from a pass opened by a phone's own camera) it shows that group at once."""
    code = request.args.get("code", "")
    return _page(_look_up(code) if code else Answer())


@blueprint.get("/desk/pulse")
@allow(Permission.DESK_ADMIT)
def pulse() -> ResponseReturnValue:
    """Send the number of the hall's last event: an open desk polls it, and redraws what has changed.

    `now` is the server's time, by which a device corrects the times of its acts.
    """
    response = jsonify(now=clock.now().isoformat(), latest=queries.find_latest_event(get_staff().hall_id))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/desk/lookup")
@allow(Permission.DESK_ADMIT)
def look_up() -> ResponseReturnValue:
    """Look up a scan, a reference or a few words; it is a POST, so that names and phones stay out of addresses.

    `scanned` means that the text comes from a code. A code of another kind, such as a badge's, opens its own page.
    """
    fields = forms.fields_of(request)
    text = forms.text_of(fields, "q")
    elsewhere = codes.find_path(text)
    if elsewhere and not wants_json():
        return redirect(elsewhere, 303)
    answer = _look_up(text, is_scanned=bool(forms.text_of(fields, "scanned")))
    if not wants_json():
        return _page(answer)
    if answer.refusal:
        return _refused_json(answer.refusal)
    found = answer.found or Found()
    if found.group:
        return jsonify(outcome="found", group=answers.group_json(found.group))
    return jsonify(outcome="matches", groups=[answers.booking_json(booking) for booking in found.matches])


@blueprint.post("/desk/arrivals")
@allow(Permission.DESK_ADMIT)
def arrivals() -> ResponseReturnValue:
    """Admit a group: everyone still to come, or the counts that were sent."""
    fields, keys = forms.fields_of(request), current_app.config["SETTINGS"].secret_keys
    return _act(fields, lambda: service.admit(forms.to_admit(fields, get_staff()), keys=keys))


@blueprint.post("/desk/walk-ins")
@allow(Permission.DESK_ADMIT)
def walk_ins() -> ResponseReturnValue:
    """Admit people without a booking."""
    fields = forms.fields_of(request)
    return _act(fields, lambda: service.admit_walk_in(forms.to_admit_walk_in(fields, get_staff())))


@blueprint.post("/desk/arrivals/<uuid:event_id>/take-back")
@allow(Permission.DESK_ADMIT)
def take_back(event_id: UUID) -> ResponseReturnValue:
    """Take one admission back."""
    fields = forms.fields_of(request)
    return _act({}, lambda: service.take_back(forms.to_take_back(event_id, fields, get_staff())))


@blueprint.post("/desk/notes")
@allow(Permission.DESK_ADMIT)
def notes() -> ResponseReturnValue:
    """Write a note on a group for its guide, or empty it; the guide's own page shows it at once."""
    fields, keys = forms.fields_of(request), current_app.config["SETTINGS"].secret_keys
    try:
        with transaction():
            group = write_note(forms.to_write_note(fields, get_staff()), keys=keys)
    except Refusal as refusal:
        return _refused_json(refusal) if wants_json() else _page(Answer(refusal=refusal, typed=fields))
    if wants_json():
        return jsonify(outcome="noted", group=answers.group_json(group))
    return _page(Answer(found=Found(group=group)))


def _act(typed: Fields, act: Callable[[], Done]) -> ResponseReturnValue:
    """Do one act in one transaction and answer by page or JSON."""
    try:
        with transaction():
            done = act()
    except Refusal as refusal:
        return _refused_json(refusal) if wants_json() else _page(Answer(refusal=refusal, typed=typed))
    return jsonify(answers.done_json(done)) if wants_json() else _page(Answer(done=done))


def _look_up(text: str, *, is_scanned: bool = True) -> Answer:
    if not text:
        return Answer()
    found = lookup.look_up(
        hall_id=get_staff().hall_id,
        text=text,
        today=get_current_hall().today(),
        keys=current_app.config["SETTINGS"].secret_keys,
        is_scanned=is_scanned,
    )
    return Answer(found=found, refusal=found.refusal, typed={"q": text})


def _refused_json(refusal: Refusal) -> ResponseReturnValue:
    return jsonify(answers.refusal_json(refusal, get_current_hall())), refusal.status


def _page(answer: Answer) -> ResponseReturnValue:
    """Return the whole desk with an answer on it, or only the parts that the desk's script asks for."""
    parts = [part for part in request.headers.get(PARTS_HEADER, "").split() if part in PARTS]
    page = _render_parts(answer, parts) if parts else _render_whole(answer)
    response = make_response(page, answer.refusal.status if answer.refusal else 200)
    response.vary.add(PARTS_HEADER)
    if parts:
        response.headers[PARTS_HEADER] = " ".join(parts)
    return response


def _render_whole(answer: Answer) -> str:
    allow_wasm()
    FILES.use()
    hall = get_current_hall()
    return render_template(
        "desk/desk.html",
        **_answer_context(answer, hall),
        **_lists(hall, PARTS),
        conflicts=queries.count_open_conflicts(hall.id) if may(Permission.DESK_OVERRIDE) else 0,
        programmes=load.get_hall(hall.id).walk_in,
    )


def _render_parts(answer: Answer, parts: Sequence[str]) -> str:
    hall = get_current_hall()
    return render_template("desk/parts.html", parts=parts, **_answer_context(answer, hall), **_lists(hall, parts))


def _lists(hall: Hall, parts: Collection[str]) -> dict[str, Any]:
    needs_day = not {"figures", "day", "row"}.isdisjoint(parts)
    return {
        "day": queries.get_day(hall.id, hall.today()) if needs_day else None,
        "events": queries.list_last_events(hall.id) if "events" in parts else (),
    }


@blueprint.app_template_global("describe_categories")
def describe_categories(counts: Mapping[int, int], people: int) -> list[tuple[str, str]]:
    """Return people by category in words, a line for each family; so many of all `people` are not recorded."""
    return describe(list_families(get_current_hall().id), counts, people=people) if counts else []


@blueprint.app_template_global("arrived_category_lines")
def arrived_category_lines(booking: Booking) -> list[tuple[str, str]]:
    """Return the people of a booking who arrived by category, as the desk counted them; none before anyone came."""
    families = list_families(booking.hall_id)
    counts = ledger.count_arrived(booking.hall_id, [booking.id]).get(booking.id) if families else None
    return describe(families, counts, people=queries.count_arrived([booking.id])[booking.id]) if counts else []


def _question(answer: Answer) -> list[tuple[str, str]] | None:
    """Return the fields that confirm the question: those of the request with the confirmation."""
    if not isinstance(answer.refusal, Question):
        return None
    counts = answer.typed.get("counts") or {}
    rows = [
        (f"origins-{row}-{name}", str(value))
        for row, (division, people) in enumerate(counts.items())
        for name, value in (("division", division), ("visitors", people))
    ]
    repeated = [(name, str(answer.typed[name])) for name in _REPEATED if answer.typed.get(name)]
    confirmed = [
        (name, forms.known_text(value) if isinstance(value, dict) else str(value))
        for name, value in answer.refusal.confirm.items()
    ]
    categories = [(name, str(text)) for name, text in answer.typed.items() if name.startswith("category-")]
    return repeated + rows + categories + confirmed


def _typed_counts(answer: Answer) -> Any:
    """Return the numbers typed into a card that was refused; a card that was out of date begins anew."""
    if isinstance(answer.refusal, CountedMeanwhile | MoreThanExpected) or "code" not in answer.typed:
        return None
    return answer.typed.get("counts")


def _typed_categories(answer: Answer, of: str) -> dict[int, str]:
    """Return the texts of the categories in a form that was refused, by the categories' numbers; `of` is its field."""
    if of not in answer.typed:
        return {}
    return {
        int(name.removeprefix("category-")): str(text)
        for name, text in answer.typed.items()
        if name.startswith("category-") and name.removeprefix("category-").isdecimal()
    }


def _answer_context(answer: Answer, hall: Hall) -> dict[str, Any]:
    shown = answer.done or answer.found or answer.refusal
    group = shown.group if shown else None
    hindrance = hindrances.find(group, clock.now()) if group else None
    may_confirm = isinstance(hindrance, OutOfTime) and hindrance.confirmable
    families = list(list_asked(load.get_hall(hall.id).families))
    return {
        "done": answer.done,
        "refusal": answer.refusal,
        "refusal_words": answers.words(answer.refusal, hall) if answer.refusal else "",
        "question": _question(answer),
        "most_people": service.MOST_PEOPLE,
        "known_text": forms.known_text,
        "new_event_id": lambda: str(uuid4()),
        "group": group,
        "blocked": hindrance is not None and not may_confirm,
        "may_confirm": may_confirm,
        "timing": timing.find_timing(group.booking, answer.done.occurred_at if answer.done else clock.now())
        if group
        else None,
        "timing_words": timing.words,
        "matches": answer.found.matches if answer.found else None,
        "card_counts": _typed_counts(answer),
        "families": families,
        "card_categories": _typed_categories(answer, "code") or (group.categories_to_come if group else {}),
        "walk_in_categories": _typed_categories(answer, "organisation"),
        "note_typed": answer.typed.get("note"),
        "note_length": NOTE_LENGTH,
        "walk_in_typed": answer.typed if "organisation" in answer.typed else None,
        "searched": answer.typed.get("q", ""),
    }
