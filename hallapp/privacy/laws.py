"""The law on personal data that applies where a hall is, by its country; elsewhere the notice names no law."""

from enum import StrEnum

from hallapp.core.regions import CHINA

#: The states of the European Economic Area. Source: Agreement on the EEA; General Data Protection Regulation.
_EEA = frozenset(
    (
        *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI"),
        *("LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"),
    )
)


class Law(StrEnum):
    """A law whose terms and articles a notice uses."""

    PIPL = "pipl"  # Personal Information Protection Law of the People's Republic of China
    GDPR = "gdpr"  # General Data Protection Regulation of the European Union
    UK_GDPR = "uk_gdpr"  # the same, as it is law in the United Kingdom
    OTHER = "other"


def law_of(country: str) -> Law:
    """Return the law of a country (ISO 3166-1, two letters)."""
    if country == CHINA:
        return Law.PIPL
    if country in _EEA:
        return Law.GDPR
    return Law.UK_GDPR if country == "GB" else Law.OTHER
