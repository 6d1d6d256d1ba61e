"""The standard text of each message, in both languages; the hall's own text replaces it."""

from dataclasses import dataclass

from hallapp.core.errors import N_
from hallapp.core.i18n import force_locale
from hallapp.core.i18n import gettext as _
from hallapp.messages.models import MessageKind
from hallapp.notifications.models import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A message's words with their placeholders; `own` where the hall wrote them. A text message has no subject."""

    subject: str
    body: str
    own: bool = False


_DEAR = N_("Dear {name},")
_FACTS = N_(
    "When: {when}\nProgramme: {programme}\nGroup: {organisation}\nPeople: {people}\n"
    "Equipment and rooms: {resources}\nBooking reference: {reference}"
)
_PASS = N_("Your pass, to show at the desk on a phone or printed:\n{pass}")
_JOIN = N_("The programme takes place online. It opens at its time on this private page:\n{join}")
_PAGE = N_(
    "You can change or cancel your booking on this page. Anyone who has the link can open "
    "it, so please do not share it:\n{link}"
)
_AGAIN = N_("You can book another time here:\n{book}")
_REPLY = N_("Message from the hall:\n{reply}")
_DIRECTIONS = N_("How to get there\n{directions}")
_BRING = N_("What to bring\n{bring}")
_LATE = N_("If you are late\n{late}")
_FEEDBACK = N_("How was your visit? Two questions, 20 seconds:\n{feedback}")
_OBJECT = N_(
    "If this is not right, please tell us by phone: {phone}. If you cannot come another time, please cancel on the "
    "booking page, so that other groups can visit."
)
_APPEAL = N_(
    "If you think that this is not right, tell the hall why on this page, or by phone ({phone}). The hall can lift "
    "it:\n{appeal}"
)
_RULES = N_("The hall’s rule for missed visits\n{rules}")
_SIGNED = "{hall}\n{address}\n{phone}"

_VISIT = (_PASS, _JOIN, _PAGE, _DIRECTIONS, _BRING, _LATE)
#: The subject, the first sentence and the following text of each mail.
_MAILS: dict[MessageKind, tuple[str, str, tuple[str, ...]]] = {
    MessageKind.PLACED: (
        N_("Your visit on {when}: booking {reference}"),
        N_("your visit is booked."),
        (_FACTS, *_VISIT),
    ),
    MessageKind.REQUESTED: (
        N_("Your request for {when}: booking {reference}"),
        N_(
            "we have received your request, and hold the places. We will write to you as soon as the "
            "hall has reviewed it."
        ),
        (_FACTS, _PAGE),
    ),
    MessageKind.WAITLISTED: (
        N_("On the waiting list for {when}: booking {reference}"),
        N_("your group is on the waiting list. As soon as there is room for all of you, we will offer it to you."),
        (_FACTS, _PAGE),
    ),
    MessageKind.OFFERED: (
        N_("Places available on {when}: please answer by {until}"),
        N_("there are places for your group now. We hold them until {until}: please accept them on the page."),
        (_FACTS, _PAGE),
    ),
    MessageKind.CONFIRMED: (
        N_("Confirmed: your visit on {when}, booking {reference}"),
        N_("your visit is confirmed."),
        (_FACTS, *_VISIT),
    ),
    MessageKind.DECLINED: (
        N_("Declined: your request for {when}"),
        N_("we are sorry: we cannot receive your group then."),
        (_REPLY, _FACTS, _AGAIN),
    ),
    MessageKind.LAPSED: (
        N_("Lapsed: your booking for {when}"),
        N_("your booking has lapsed, and the places have been offered to another group."),
        (_FACTS, _AGAIN),
    ),
    MessageKind.CHANGED: (
        N_("Changed: your visit on {when}"),
        N_("your booking has changed. The pass you already have stays valid."),
        (_FACTS, *_VISIT),
    ),
    MessageKind.MOVED: (
        N_("Moved: your visit is now on {when}"),
        N_("your visit has been moved to another time. The pass you already have stays valid."),
        (_FACTS, *_VISIT),
    ),
    MessageKind.CANCELLED: (
        N_("Cancelled: your visit on {when}"),
        N_("your visit has been cancelled, and its places have been released. Its pass is no longer valid."),
        (_FACTS, _AGAIN),
    ),
    MessageKind.CANCELLED_BY_HALL: (
        N_("Cancelled by the hall: your visit on {when}"),
        N_("we are sorry: the hall cannot receive your group then, and has cancelled the visit."),
        (_REPLY, _FACTS, _AGAIN),
    ),
    MessageKind.REISSUED: (
        N_("A new pass for your visit on {when}"),
        N_("your group has a new pass. The previous pass is no longer valid: please pass the new one on."),
        (_PASS, _FACTS, _PAGE),
    ),
    MessageKind.MISSED: (
        N_("We did not see you: your visit on {when}"),
        N_("nobody of your group came at the booked time, and we have recorded the visit as missed."),
        (_OBJECT, _FACTS, _RULES, _AGAIN),
    ),
    MessageKind.REVIEWED: (
        N_("Your online bookings need our confirmation until {until}"),
        N_(
            "your group has missed visits. Until {until}, the hall confirms each of its online bookings "
            "itself, and you get an answer to each request."
        ),
        (_APPEAL, _FACTS, _RULES),
    ),
    MessageKind.PAUSED: (
        N_("Online booking is paused until {until}"),
        N_("your group has missed several visits. Online booking is paused for it until {until}."),
        (_APPEAL, _FACTS, _RULES),
    ),
    MessageKind.APPEAL_ACCEPTED: (
        N_("Your appeal is accepted: your group can book again"),
        N_("the hall has accepted your appeal. Your group can book online again, and its missed visits do not count."),
        (_REPLY, _FACTS, _AGAIN),
    ),
    MessageKind.APPEAL_REFUSED: (
        N_("Your appeal is refused"),
        N_("the hall has read your appeal, and does not follow it."),
        (_REPLY, _FACTS),
    ),
    MessageKind.REMINDER: (
        N_("Tomorrow: your visit on {when}"),
        N_(
            "we expect your group tomorrow. If you cannot come, please cancel on the page, so that "
            "other groups can visit."
        ),
        (_FACTS, *_VISIT),
    ),
    MessageKind.THANKS: (
        N_("Thank you for your visit"),
        N_("thank you for your group’s visit on {when}. Thank you for visiting us."),
        (_FEEDBACK,),
    ),
}
#: The subject and the first sentence for an online programme, where they differ.
_ONLINE_MAILS: dict[MessageKind, tuple[str, str]] = {
    MessageKind.PLACED: (
        N_("Registered for {programme} on {when}: booking {reference}"),
        N_("you are registered for the online programme."),
    ),
    MessageKind.CONFIRMED: (
        N_("Confirmed: {programme} on {when}, booking {reference}"),
        N_("your registration for the online programme is confirmed."),
    ),
    MessageKind.CHANGED: (
        N_("Changed: {programme} on {when}"),
        N_("your registration for the online programme has changed."),
    ),
    MessageKind.MOVED: (
        N_("Moved: {programme} is now on {when}"),
        N_("your registration for the online programme has been moved to another time."),
    ),
    MessageKind.CANCELLED: (
        N_("Cancelled: {programme} on {when}"),
        N_("your registration for the online programme has been cancelled."),
    ),
    MessageKind.REMINDER: (
        N_("Tomorrow online: {programme}, {when}"),
        N_("the online programme that you registered for takes place tomorrow. If you cannot join, please cancel."),
    ),
}
#: The text messages for an online programme, where they differ.
_ONLINE_TEXTS: dict[MessageKind, str] = {
    MessageKind.PLACED: N_("{hall}: you are registered for {programme}, {when}. Join here: {join}"),
    MessageKind.CONFIRMED: N_("{hall}: your registration for {programme}, {when} is confirmed. Join here: {join}"),
    MessageKind.MOVED: N_("{hall}: {programme} is now on {when}. Join here: {join}"),
    MessageKind.CANCELLED: N_("{hall}: your registration for {programme}, {when} is cancelled."),
    MessageKind.REMINDER: N_("{hall}: {programme} takes place online, {when}. Join here: {join}"),
}
#: Each text message: short, since every 70 characters are charged as one message.
_TEXTS: dict[MessageKind, str] = {
    MessageKind.PLACED: N_("{hall}: your visit on {when} is booked, reference {reference}. {link}"),
    MessageKind.REQUESTED: N_("{hall}: we have received your request for {when}, reference {reference}. {link}"),
    MessageKind.WAITLISTED: N_("{hall}: your group is on the waiting list for {when}. {link}"),
    MessageKind.OFFERED: N_("{hall}: places for you on {when}. Please accept them by {until}: {link}"),
    MessageKind.CONFIRMED: N_("{hall}: your visit on {when} is confirmed, reference {reference}. {link}"),
    MessageKind.DECLINED: N_("{hall}: we are sorry, we cannot receive your group on {when}. {reply}"),
    MessageKind.LAPSED: N_("{hall}: your booking for {when} has lapsed. {book}"),
    MessageKind.CHANGED: N_("{hall}: your booking for {when} has changed: {people} people. {link}"),
    MessageKind.MOVED: N_("{hall}: your visit is now on {when}. {link}"),
    MessageKind.CANCELLED: N_("{hall}: your visit on {when} is cancelled."),
    MessageKind.CANCELLED_BY_HALL: N_("{hall}: we are sorry, your visit on {when} is cancelled. {reply}"),
    MessageKind.REISSUED: N_("{hall}: your group has a new pass; the previous pass is no longer valid. {link}"),
    MessageKind.MISSED: N_("{hall}: nobody of your group came on {when}. If this is not right, call {phone}"),
    MessageKind.REVIEWED: N_(
        "{hall}: after missed visits, we confirm your group’s online bookings ourselves until {until}. Appeal: {appeal}"
    ),
    MessageKind.PAUSED: N_("{hall}: online booking is paused for your group until {until}. Appeal: {appeal}"),
    MessageKind.APPEAL_ACCEPTED: N_("{hall}: your appeal is accepted. Your group can book again: {book}"),
    MessageKind.APPEAL_REFUSED: N_("{hall}: your appeal is refused. {reply}"),
    MessageKind.REMINDER: N_("{hall}: we expect your group on {when}, reference {reference}. {link}"),
    MessageKind.THANKS: N_("{hall}: thank you for your visit. How was it? {feedback}"),
}


def words_of(kind: MessageKind, language: str, channel: Channel, *, online: bool = False) -> Words:
    """Return the standard words of a message in a language; `online` if the programme takes place online."""
    with force_locale(language):
        if channel is Channel.SMS:
            return Words(subject="", body=_((_ONLINE_TEXTS if online else {}).get(kind, _TEXTS[kind])))
        subject, sentence, rest = _MAILS[kind]
        if online:
            subject, sentence = _ONLINE_MAILS.get(kind, (subject, sentence))
        parts = [_(_DEAR), _(sentence), *(_(part) for part in rest), _SIGNED]
        return Words(subject=_(subject), body="\n\n".join(parts))
