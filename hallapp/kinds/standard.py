"""The standard kinds of organisation, whose names are part of the catalogues, and the ones that a new hall gets."""

from hallapp.core.errors import N_
from hallapp.core.regions import CHINA

#: Visitors who belong to no organisation. The name typed for them may be a person's, and is erased with the contact.
INDIVIDUAL = "individual"
#: The kind of imported rows that name none.
OTHER = "other"

#: The names of the standard kinds, as message ids.
NAMES: dict[str, str] = {
    "party": N_("Party organisation"),
    "union": N_("Trade union"),
    "youth": N_("Youth league"),
    "women": N_("Women's federation"),
    "united-front": N_("United front organisation"),
    "armed-forces": N_("Armed forces"),
    "reserve": N_("Reserve and militia"),
    "discipline": N_("Discipline inspection"),
    "government": N_("Government office"),
    "company": N_("Company"),
    "school": N_("School"),
    "university": N_("University"),
    "training": N_("Training course"),
    "association": N_("Association"),
    "culture": N_("Cultural institution"),
    "tourism": N_("Tour operator"),
    INDIVIDUAL: N_("Individual visitors"),
    OTHER: N_("Other"),
}
#: The kinds that every hall had before halls chose their own.
FIRST = (
    *("party", "union", "youth", "women", "government", "company", "school", "training", "association", "culture"),
    *(INDIVIDUAL, OTHER),
)
_CHINA = tuple(code for code in NAMES if code not in ("university", "tourism"))
_ELSEWHERE = (
    *("government", "company", "school", "university", "training", "association", "union", "culture", "tourism"),
    *(INDIVIDUAL, OTHER),
)


def list_codes(country: str) -> tuple[str, ...]:
    """Return the kinds that a new hall of a country gets, in their order."""
    return _CHINA if country == CHINA else _ELSEWHERE
