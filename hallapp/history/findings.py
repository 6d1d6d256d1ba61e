"""Findings that a person must confirm before a file counts, with their places and their choices.

A *finding* is something that can be read in two ways, with its rows, its people and its choices. An *answer* is the
choice of a person, by the key of the finding. Answers are stored with the draft and used to read the file. Without an
answer the figures show the suggested choice, and the file cannot be counted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SHOWN_MOST = 5  # row numbers of a finding
_KEY_LENGTH = 120

TAKE, LEAVE_OUT = "take", "leave-out"
YEAR = "year"  # the question that accepts any year as an answer
_YEAR = re.compile(r"(19|20)[0-9]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to settle a finding.

    `label` names it where it is of this file only, such as a heading or a year; else the words are those of the
    question (`questions.py`). `people` is how many people of the rows in question count then, None where unknown.
    """

    value: str
    label: str = ""
    people: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A possible reading in two ways, or a note for a person.

    `code` names the question, and `where` distinguishes several findings of one question. `at` holds the places of the
    first rows (`spots.spot`), `sample` their text. Nothing counts while a finding that `must` be answered has no
    answer.
    """

    code: str
    where: str = ""
    rows: int = 0
    people: int | None = None
    at: tuple[int, ...] = ()
    sample: str = ""
    choices: tuple[Choice, ...] = ()
    suggested: str = ""
    must: bool = True
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return the key under which an answer is stored."""
        return key_of(self.code, self.where)

    def answer(self, answers: Mapping[str, str]) -> str:
        """Return the chosen answer, or an empty text, also for a choice that no longer exists."""
        said = answers.get(self.key, "")
        if said in {choice.value for choice in self.choices}:
            return said
        return said if self.code == YEAR and is_year(said) else ""

    def is_open(self, answers: Mapping[str, str]) -> bool:
        """Return whether it must be settled and is not."""
        return self.must and not self.answer(answers)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as it is stored."""
        return {
            "code": self.code,
            "where": self.where,
            "rows": self.rows,
            "people": self.people,
            "at": list(self.at),
            "sample": self.sample,
            "choices": [[one.value, one.label, one.people] for one in self.choices],
            "suggested": self.suggested,
            "must": self.must,
            "params": dict(self.params),
        }

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> "Finding":
        """Return the finding from its stored form."""
        choices = tuple(Choice(value=value, label=label, people=people) for value, label, people in data["choices"])
        return cls(**{**data, "at": tuple(data["at"]), "choices": choices})


def key_of(code: str, where: str = "") -> str:
    """Return the key under which an answer to a question is stored."""
    return f"{code}:{where}"[:_KEY_LENGTH] if where else code


def is_year(text: str) -> bool:
    """Return whether a text is a year in which people may have come."""
    return bool(_YEAR.fullmatch(text))


def open_ones(findings: Iterable[Finding], answers: Mapping[str, str]) -> list[Finding]:
    """Return the findings that must still be settled."""
    return [finding for finding in findings if finding.is_open(answers)]


def choices_of(*values: str, **people: int | None) -> tuple[Choice, ...]:
    """Choices with the words of their question; `people` by the value, with `_` for `-`."""
    return tuple(Choice(value=value, people=people.get(value.replace("-", "_"))) for value in values)
