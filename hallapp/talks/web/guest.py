"""The pages of guests: free times, booking, and the page of a talk."""

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from hallapp.booking import phones
from hallapp.booking.models import TOUR_LANGUAGE_NAMES
from hallapp.booking.signals import details_erased
from hallapp.core import calendars, clock, limits
from hallapp.core.calendars import Entry
from hallapp.core.database import transaction
from hallapp.core.errors import DomainError
from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, translate
from hallapp.core.limits import Limit
from hallapp.core.web.access import public
from hallapp.core.web.forms import attempt, submit_form
from hallapp.core.web.responses import client_network, client_wide_network, private
from hallapp.core.web.rownumbers import find_number
from hallapp.feedback.models import STAR_NAMES
from hallapp.passes import ics
from hallapp.schedule.models import Hall
from hallapp.schedule.web.current_hall import get_current_hall, get_facts_version
from hallapp.talks import queries, service
from hallapp.talks.errors import NoTalks, TalkTaken
from hallapp.talks.models import MODE_NAMES, TALK_STATE_NAMES, Talk, TalkHost, TalkMode, TalkSetting, TalkState
from hallapp.talks.web.forms import NoteForm, RatingForm, TalkForm, read_instant, shown_instant

blueprint = Blueprint("talks", __name__)
details_erased.connect(service.erase)

BOOKINGS_AN_HOUR = 10  # of one network
BOOKINGS_AN_HOUR_WIDE = 100
ACTS_AN_HOUR = 60  # of one talk
TIMES_SHOWN = 6  # of each host
_LANGUAGES: dict[str, str] = {one.value: name for one, name in TOUR_LANGUAGE_NAMES.items()}


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    return {"talks_open": lambda hall: queries.is_open(hall.id, version=get_facts_version())}


@blueprint.get("/talks")
@public
def index() -> ResponseReturnValue:
    """Show the first free time of all hosts, and the hosts with their next times."""
    hall = get_current_hall()
    return attempt(lambda: _index_page(hall, _get_setting(hall)), _no_talks)


@blueprint.get("/talks/book")
@public
def ask() -> ResponseReturnValue:
    """Show the form for the time that was chosen."""
    hall = get_current_hall()
    data = {name: request.args.get(name, "")[:40] for name in ("starts", "host", "mode", "language")}
    form = TalkForm(formdata=None, data=data)
    return attempt(lambda: _form_page(hall, _get_setting(hall), form), _no_talks)


@blueprint.post("/talks/book")
@public
def book() -> ResponseReturnValue:
    """Book a talk; where the time has just been taken, propose the next one and keep all that was typed."""
    hall = get_current_hall()
    form = TalkForm().offer(hall)
    starts_at, mode = read_instant(form.starts.data or ""), _read_mode(form.mode.data)

    def act() -> ResponseReturnValue:
        limits.count(
            Limit(what="talk", subject=client_network(), most=BOOKINGS_AN_HOUR),
            Limit(what="talk wide", subject=client_wide_network(), most=BOOKINGS_AN_HOUR_WIDE),
        )
        if starts_at is None or mode is None:
            raise TalkTaken
        with transaction():
            talk = service.book(form.to_command(get_current_hall(), starts_at=starts_at, mode=mode))
        return redirect(url_for(".talk", key=talk.key), 303)

    def page() -> str:
        hall = get_current_hall()
        return _form_page(hall, _get_setting(hall), form)

    if not queries.is_open(hall.id):
        return _no_talks(NoTalks()), NoTalks.status
    return submit_form(form, act, page)


@blueprint.get("/talk/<key>")
@public
def talk(key: str) -> ResponseReturnValue:
    """Show a guest the talk, with what can be done now."""
    return _talk_page(_open(key))


@blueprint.get("/talk/<key>/talk.ics")
@public
def entry(key: str) -> ResponseReturnValue:
    """Show the talk as a calendar entry."""
    return calendar_entry(_open(key), language())


@blueprint.post("/talk/<key>/cancel")
@public
def cancel(key: str) -> ResponseReturnValue:
    """Cancel a talk before it begins."""
    return _do(key, service.cancel)


@blueprint.post("/talk/<key>/erase")
@public
def erase(key: str) -> ResponseReturnValue:
    """Erase what names the guest of a talk that is over."""
    return _do(key, service.erase_own)


@blueprint.post("/talk/<key>/note")
@public
def note(key: str) -> ResponseReturnValue:
    """Store the note that guest and host share."""
    form = NoteForm()
    shown = _open(key)
    return submit_form(
        form,
        lambda: _act(key, lambda talk: service.write_note(talk, form.note.data or "", seen=form.seen.data or "")),
        lambda: _talk_page(_open(shown.key), note=form),
    )


@blueprint.post("/talk/<key>/feedback")
@public
def rate(key: str) -> ResponseReturnValue:
    """Store the guest's feedback, once."""
    form = RatingForm().offer(STAR_NAMES)
    shown = _open(key)
    return submit_form(
        form,
        lambda: _act(key, lambda talk: service.rate(talk, stars=int(form.stars.data), comment=form.comment.data or "")),
        lambda: _talk_page(_open(shown.key), rating=form),
    )


def calendar_entry(talk: Talk, reader: str) -> Response:
    """Return the answer with the calendar entry of a talk; that of a cancelled one takes it off."""
    method = ics.CANCEL if talk.state is TalkState.CANCELLED else ics.PUBLISH
    organizer = ics.organizer_of(talk.hall, reader)
    response = private(calendars.write([_entry(talk, reader)], method=method, organizer=organizer))
    response.headers["Content-Type"] = f"text/calendar; charset=utf-8; method={method}"
    response.headers["Content-Disposition"] = "attachment; filename=talk.ics"
    return response


def _entry(talk: Talk, reader: str) -> Entry:
    hall = talk.hall
    return Entry(
        uid=f"talk-{talk.number}@{hall.slug}.hallapp",
        sequence=int(talk.state is not TalkState.BOOKED),
        stamp=clock.now(),
        status="CANCELLED" if talk.state is TalkState.CANCELLED else "CONFIRMED",
        starts_at=talk.starts_at,
        ends_at=talk.ends_at,
        summary=_("Talk: %(hall)s, %(host)s", hall=hall.text("name", reader), host=talk.host.name),
        location=hall.text("address", reader) if talk.mode is TalkMode.ON_SITE else _(MODE_NAMES[talk.mode]),
        description="",
    )


def _do(key: str, verb: Callable[[Talk], None]) -> ResponseReturnValue:
    return attempt(lambda: _act(key, verb), lambda error: _talk_page(_open(key), refusal=error))


def _act(key: str, verb: Callable[[Talk], None]) -> ResponseReturnValue:
    talk = _open(key)
    limits.count(Limit(what="act of talk", subject=f"{talk.hall_id}-{talk.number}", most=ACTS_AN_HOUR))
    with transaction():
        verb(queries.get_talk_by_key(key))
    return redirect(url_for(".talk", key=key), 303)


def _open(key: str) -> Talk:
    """Return the talk of a key, and use its hall for the page. Raises NoResultFound."""
    talk = queries.get_talk_by_key(key)
    g.hall_id = talk.hall_id
    return talk


def _get_setting(hall: Hall) -> TalkSetting:
    """Return the rules of a hall that offers talks. Raises NoTalks."""
    setting = queries.find_setting(hall.id)
    if setting is None or not setting.open:
        raise NoTalks
    return setting


def _read_mode(typed: str | None) -> TalkMode | None:
    return next((mode for mode in TalkMode if mode.value == typed), None)


def _index_page(hall: Hall, setting: TalkSetting) -> str:
    hosts = [host for host in queries.list_hosts(hall.id) if host.active]
    mode = _chosen(request.args.get("mode"), _offered(hosts, "modes"), TalkMode.ON_SITE.value)
    spoken = _chosen(request.args.get("language"), _offered(hosts, "languages"), language()[:2])
    wanted = _read_mode(mode)
    openings = queries.find_openings(hall, setting, mode=wanted, language=spoken) if wanted else []
    return render_template(
        "talks/index.html",
        hall=hall,
        hosts=hosts,
        mode=mode,
        spoken=spoken,
        modes={one: MODE_NAMES[TalkMode(one)] for one in _offered(hosts, "modes")},
        languages={one: _LANGUAGES[one] for one in _offered(hosts, "languages")},
        first=openings[0] if openings else None,
        of_host={host.number: [one for one in openings if one.host == host.number][:TIMES_SHOWN] for host in hosts},
        shown_instant=shown_instant,
        language_names=_LANGUAGES,
        mode_names=MODE_NAMES,
    )


def _offered(hosts: Sequence[TalkHost], name: str) -> list[str]:
    """Return the codes that any of these hosts has in a column, in the order of all codes."""
    order = [mode.value for mode in TalkMode] if name == "modes" else list(_LANGUAGES)
    present = {code for host in hosts for code in getattr(host, name).split(",")}
    return [code for code in order if code in present]


def _chosen(asked: str | None, offered: Sequence[str], usual: str) -> str:
    """Return what was asked for where it is offered, else the usual one, else the first."""
    if asked in offered:
        return str(asked)
    return usual if usual in offered or not offered else offered[0]


def _form_page(hall: Hall, setting: TalkSetting, form: TalkForm) -> str:
    """Return the form; a time that nobody has free is replaced by the next one, which the page says."""
    form.offer(hall)
    mode = _read_mode(form.mode.data) or abort(404)
    spoken, host = form.language.data or "", form.host.data or ""
    number = find_number(host)
    openings = queries.find_openings(hall, setting, mode=mode, language=spoken, host=number)
    wanted = read_instant(form.starts.data or "")
    chosen = next((one for one in openings if one.starts_at == wanted), None)
    is_other = chosen is None
    if chosen is None and openings:
        later = [one for one in openings if wanted is None or one.starts_at > wanted]
        chosen = (later or openings)[0]
    form.starts.data = shown_instant(chosen.starts_at) if chosen else ""
    form.starts.raw_data = None
    return render_template(
        "talks/book.html",
        hall=hall,
        form=form,
        opening=chosen,
        is_other=is_other,
        host=queries.find_host(hall.id, number) if number else None,
        mode=mode,
        mode_names=MODE_NAMES,
        spoken_name=_LANGUAGES.get(spoken, ""),
        asks_place=mode is TalkMode.ON_SITE,
    )


def _talk_page(
    talk: Talk, *, refusal: DomainError | None = None, note: NoteForm | None = None, rating: RatingForm | None = None
) -> Response:
    html = render_template(
        "talks/talk.html",
        talk=talk,
        hall=talk.hall,
        note=note or NoteForm(formdata=None, obj=talk),
        rating=(rating or RatingForm(formdata=None)).offer(STAR_NAMES),
        may_rate=service.may_rate(talk),
        is_to_come=talk.state is TalkState.BOOKED and talk.starts_at > clock.now(),
        state_names=TALK_STATE_NAMES,
        mode_names=MODE_NAMES,
        phone_display=phones.display,
        stars=STAR_NAMES,
        refusal=translate(refusal) if refusal else "",
    )
    return private(html)


def _no_talks(error: DomainError) -> str:
    return render_template("talks/none.html", message=translate(error))
