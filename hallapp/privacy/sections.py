"""The sections of a privacy notice, in the language in force."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hallapp.core.i18n import gettext as _
from hallapp.core.i18n import language, ngettext
from hallapp.privacy.laws import Law
from hallapp.schedule.models import Hall


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading with paragraphs, and with pairs: a kind of data and what it is for."""

    title: str
    paragraphs: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """The practice of a hall, by its settings; `more` are the data of rooms above, with their purposes.

    `receivers` are sentences about those to whom rooms above give data.
    """

    hall: Hall
    law: Law
    lists_names: bool
    questions: Sequence[str]
    by_text_message: bool
    own_words: Sequence[str] = ()
    more: Sequence[tuple[str, str]] = field(default_factory=tuple)
    receivers: Sequence[str] = ()


def as_json(section: Section) -> dict[str, Any]:
    """Return a section as JSON values."""
    return {
        "title": section.title,
        "paragraphs": list(section.paragraphs),
        "pairs": [list(pair) for pair in section.pairs],
    }


def compose(practice: Practice) -> list[Section]:
    """Return the notice in the language in force."""
    sections = [make(practice) for make in _SECTIONS]
    if practice.own_words:
        sections.append(Section(title=_("From the hall"), paragraphs=practice.own_words))
    return sections


def _who(practice: Practice) -> Section:
    hall = practice.hall
    name = hall.text("name", language())
    role = {
        Law.PIPL: _("%(hall)s is the personal information handler.", hall=name),
        Law.GDPR: _("%(hall)s is the controller.", hall=name),
        Law.UK_GDPR: _("%(hall)s is the controller.", hall=name),
        Law.OTHER: _("%(hall)s is responsible for your data.", hall=name),
    }[practice.law]
    address, phone = hall.text("address", language()), hall.phone
    lines = [_("Address: %(address)s", address=address)] if address else []
    lines += [_("Telephone: %(phone)s", phone=phone)] if phone else []
    return Section(title=_("Who is responsible, and how to reach us"), paragraphs=[role, *lines])


def _what(practice: Practice) -> Section:
    return Section(
        title=_("What we store, and what for"),
        paragraphs=[
            _(
                "We store only what you tell us and what follows from your booking. Identity numbers are never "
                "collected. You need not give an e-mail address or a note."
            )
        ],
        pairs=list(_kinds(practice)),
    )


def _kinds(practice: Practice) -> Iterator[tuple[str, str]]:
    yield _("Name and phone of the contact"), _("To prepare the visit, and to reach you if something changes.")
    yield _("E-mail address"), _("To send you the confirmation, changes, a reminder and codes.")
    yield (
        _("Organisation, kind of organisation, number of people, where they come from"),
        _("To plan the visit, and for statistics, which name nobody."),
    )
    yield _("Note"), _("To prepare for what you ask for.")
    if practice.hall.access_offered:
        yield (
            _("Access needs, such as wheelchair places"),
            _("To prepare for them. They can reveal a person's health, so we ask for a separate agreement."),
        )
    for question in practice.questions:
        yield _("Your answer to “%(question)s”", question=question), _("To prepare the visit.")
    yield from practice.more
    yield _("Messages that we have sent you"), _("To know what we told you, and to send again what did not arrive.")
    yield (
        _("A digest of the network from which a booking was made online, never its address"),
        _("To recognise mass bookings by scripts."),
    )
    if practice.hall.no_show_tiers:
        yield (
            _("Visits to which nobody came"),
            _(
                "To confirm the online bookings of a group that stays away repeatedly ourselves, or to pause them. "
                "You can appeal to the hall."
            ),
        )
        yield _("Your appeal, and our answer"), _("To decide on your appeal.")
    yield (
        _("Phone or organisation of a group on the block list, and the reason"),
        _(
            "To keep a group that misuses online booking from it. Only the staff decide this; you can object to "
            "the hall."
        ),
    )
    yield (
        _("Necessary cookies, and the draft of a booking in your browser"),
        _("For the language and for the safe use of the forms. The draft stays on your device, for a day at most."),
    )


def _why(practice: Practice) -> Section:
    access = bool(practice.hall.access_offered)
    basis = {
        Law.PIPL: _("Your consent (Personal Information Protection Law, article 13, paragraph 1, item 1)."),
        Law.GDPR: _("Your consent (General Data Protection Regulation, article 6 (1) (a))."),
        Law.UK_GDPR: _("Your consent (UK GDPR, article 6 (1) (a))."),
        Law.OTHER: _("Your consent."),
    }[practice.law]
    special = {
        Law.PIPL: _("For access needs your separate consent (article 29): they are sensitive personal information."),
        Law.GDPR: _("For access needs your explicit consent (article 9 (2) (a)): they can be data on health."),
        Law.UK_GDPR: _("For access needs your explicit consent (article 9 (2) (a)): they can be data on health."),
        Law.OTHER: _("For access needs your separate consent."),
    }[practice.law]
    withdraw = _(
        "You can withdraw your consent at any time, by having your data erased. What was done before stays lawful. "
        "Without the contact details we cannot take a booking online; you can also book by telephone or at the counter."
    )
    return Section(title=_("Legal basis"), paragraphs=[basis, *([special] if access else []), withdraw])


def _how_long(practice: Practice) -> Section:
    months = practice.hall.retention_months
    erased = ngettext(
        "We erase your personal data %(num)s month after the visit, by a program, every night.",
        "We erase your personal data %(num)s months after the visit, by a program, every night.",
        months,
    )
    paragraphs = [
        erased,
        _("What remains are numbers: how many people came, when and from where; and the name of the organisation."),
        _("Copies can remain in backups of the hall until these are deleted."),
    ]
    if practice.lists_names:
        paragraphs.append(_("The name list of a visit that was cancelled is erased after 30 days."))
    if practice.hall.no_show_tiers:
        paragraphs.append(
            _(
                "While online booking is paused for a group, or we confirm its bookings ourselves, we keep its phone, "
                "or a digest of it, until this ends. The texts of appeals are erased with the visit."
            )
        )
    paragraphs.append(
        ngettext(
            "What we store about a group on the block list is erased %(num)s month after the entry ends. If you have "
            "your data erased before, only a digest of the phone and the name of the organisation remain until then.",
            "What we store about a group on the block list is erased %(num)s months after the entry ends. If you have "
            "your data erased before, only a digest of the phone and the name of the organisation remain until then.",
            months,
        )
    )
    return Section(title=_("How long we keep it"), paragraphs=paragraphs)


def _who_receives(practice: Practice) -> Section:
    carriers = (
        _("The providers that carry our e-mails and text messages receive the address or number and the text.")
        if practice.by_text_message
        else _("The providers that carry our e-mails receive the address and the text.")
    )
    return Section(
        title=_("Who receives it"),
        paragraphs=[
            _("The staff of the hall who prepare your visit: the front desk, the guides and the managers."),
            carriers,
            *practice.receivers,
            _(
                "We sell nothing, show no advertisements, and use no services that follow you. Programs decide nothing "
                "about you but whether places are free and whether the rules of booking are met."
            ),
        ],
    )


def _rights(practice: Practice) -> Section:
    by_law = {
        Law.PIPL: _(
            "You may know and decide about your data, see and copy it, have it corrected, completed, transferred or "
            "erased, and ask us to explain our rules (Personal Information Protection Law, articles 44 to 48). The "
            "relatives of a person who has died may do so, too (article 49)."
        ),
        Law.GDPR: _(
            "You may see and receive your data, have it corrected, erased or restricted, take it elsewhere and object "
            "(General Data Protection Regulation, articles 15 to 21)."
        ),
        Law.UK_GDPR: _(
            "You may see and receive your data, have it corrected, erased or restricted, take it elsewhere and object "
            "(UK GDPR, articles 15 to 21)."
        ),
        Law.OTHER: _("You may see, correct and receive your data, and have it erased."),
    }[practice.law]
    complain = {
        Law.PIPL: _("You may complain to the cyberspace administration, or sue us (articles 50 and 65)."),
        Law.GDPR: _("You may complain to a data protection authority (article 77)."),
        Law.UK_GDPR: _("You may complain to the Information Commissioner's Office (ico.org.uk)."),
        Law.OTHER: _("If you are not content with our answer, you may turn to the authority of your country."),
    }[practice.law]
    how = _(
        "The page of your booking lets you correct your details and, under “Your personal data”, save a copy or erase "
        "everything at once. You can also call the hall."
    )
    return Section(title=_("Your rights"), paragraphs=[by_law, how, complain])


def _others(practice: Practice) -> Section:
    paragraphs = [_("If you book for others, please tell them what you tell us about them, and show them this notice.")]
    if practice.lists_names:
        minors = {
            Law.PIPL: _("For children under 14, their parents or guardians must have agreed (article 31)."),
        }.get(practice.law, _("For children, their parents or guardians must have agreed."))
        paragraphs.append(minors)
    return Section(title=_("Data of other people"), paragraphs=paragraphs)


_SECTIONS: tuple[Callable[[Practice], Section], ...] = (
    _who,
    _what,
    _why,
    _how_long,
    _who_receives,
    _rights,
    _others,
)
