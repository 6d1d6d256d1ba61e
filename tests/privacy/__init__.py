"""Tests of personal data: where it is, that it is erased everywhere, the privacy notice, and requests of a person."""
