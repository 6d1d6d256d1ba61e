"""The words that a hall adds to its privacy notice."""

from collections.abc import Mapping

from hallapp.core.database import db
from hallapp.core.texts import Texts
from hallapp.privacy.models import PrivacyWords
from hallapp.schedule import capacity
from hallapp.schedule.changes import apply, note


def find_words(hall_id: int) -> PrivacyWords | None:
    """Return the hall's own words, or None where it has none."""
    return db.session.get(PrivacyWords, hall_id)


def save_words(hall_id: int, text: Mapping[str, str], *, by: int | None) -> None:
    """Set the hall's own words; needs a transaction."""
    hall = capacity.hold_hall(hall_id)
    words = find_words(hall_id)
    if words is None:
        words = PrivacyWords(hall_id=hall_id, text=Texts())
        db.session.add(words)
    detail = apply(words, {"text": words.text.replaced(text, hall.language_codes)})
    note(hall_id=hall_id, by=by, action="privacy_words_saved", subject=f"hall {hall.slug}", detail=detail)
