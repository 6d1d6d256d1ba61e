"""The present notice of a hall, held until a setting changes, and the versions of it that are kept."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from hallapp.core import clock, runtime
from hallapp.core.database import db, upsert
from hallapp.core.facts import Facts
from hallapp.core.i18n import force_locale, language
from hallapp.core.texts import Texts
from hallapp.privacy.laws import law_of
from hallapp.privacy.models import PrivacyVersion, PrivacyWords
from hallapp.privacy.sections import Practice, as_json, compose
from hallapp.questions import queries as questions
from hallapp.schedule import hall_facts
from hallapp.schedule.models import Hall, Programme
from hallapp.schedule.policy import NameList

_LENGTH = 12  # of a digest: nobody chooses the content, so nobody can make two equal ones
_Pairs = Callable[[Hall], Sequence[tuple[str, str]]]
_Receivers = Callable[[Hall], Sequence[str]]
_sources: list[_Pairs] = []
_receivers: list[_Receivers] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice in all languages of its hall; `kept` says whether this version is stored."""

    hall_id: int
    digest: str
    content: str
    kept: bool


def tells(source: _Pairs) -> _Pairs:
    """Register what a room above stores about people: pairs of data and purpose for a hall, in the language in force.

    The tables that it reads must be watched (`core/facts.py`).
    """
    if source not in _sources:
        _sources.append(source)
    return source


def tells_receivers(source: _Receivers) -> _Receivers:
    """Register to whom a room above gives personal data: sentences for a hall, in the language in force.

    What it reads must be watched, or renew the facts of the hall (`core/facts.py`).
    """
    if source not in _receivers:
        _receivers.append(source)
    return source


def get_notice(hall_id: int, *, version: int | None = None) -> Notice:
    """Return the present notice of a hall; `version` is that of its facts, where the caller has read it."""
    return _held.get(hall_id, version=version)


def keep(notice: Notice) -> None:
    """Store this version, if it is new; needs a transaction."""
    if not notice.kept:
        row = {"hall_id": notice.hall_id, "digest": notice.digest, "since": clock.now()}
        db.session.execute(
            upsert(PrivacyVersion, row | {"content": json.loads(notice.content)}).on_conflict_do_nothing()
        )


def find_version(hall_id: int, digest: str) -> PrivacyVersion | None:
    """Return a version that was kept, or None."""
    return db.session.get(PrivacyVersion, (hall_id, digest))


def list_versions(hall_id: int) -> Sequence[PrivacyVersion]:
    """Return all versions of a hall's notice, the newest first."""
    mine = PrivacyVersion.hall_id == hall_id
    order = (PrivacyVersion.since.desc(), PrivacyVersion.digest)
    return db.session.scalars(select(PrivacyVersion).where(mine).order_by(*order)).all()


def sections_in(content: dict[str, Any], wanted: str, preferred: Sequence[str]) -> tuple[str, list[dict[str, Any]]]:
    """Return the language that a version has for a reader, and its sections in it."""
    chosen = next((one for one in (wanted, *preferred) if one in content), next(iter(content)))
    return chosen, content[chosen]


def _own_words(hall: Hall) -> list[str]:
    text = db.session.scalar(select(PrivacyWords.text).where(PrivacyWords.hall_id == hall.id)) or Texts()
    return [line.strip() for line in text(language()).splitlines() if line.strip()]


def lists_names(hall: Hall) -> bool:
    """Return whether groups of any programme may hand in names."""
    rules = db.session.scalars(select(Programme.name_list).where(Programme.hall_id == hall.id, Programme.active)).all()
    return NameList.OPTIONAL in {rule or hall.name_list for rule in rules}


def _load(hall_id: int) -> Notice:
    hall = hall_facts.read_hall(hall_id)
    content = {code: _in_language(hall, code) for code in hall.language_codes}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
    return Notice(hall_id=hall_id, digest=digest, content=text, kept=find_version(hall_id, digest) is not None)


def _in_language(hall: Hall, code: str) -> list[dict[str, Any]]:
    with force_locale(code):
        return [as_json(section) for section in compose(_practice(hall))]


def _practice(hall: Hall) -> Practice:
    asked = [one.words(language()) for one in questions.list_asked(hall.id) if one.active]
    return Practice(
        hall=hall,
        law=law_of(hall.country),
        lists_names=lists_names(hall),
        questions=list(dict.fromkeys(asked)),
        by_text_message=bool(runtime.settings().sms_url),
        own_words=_own_words(hall),
        receivers=[sentence for source in _receivers for sentence in source(hall)],
        more=[pair for source in _sources for pair in source(hall)],
    )


_held = Facts(_load)
