"""Proof against scripts: a computation by the browser (ALTCHA, proof of work), or a sum without JavaScript.

Both are made and checked here alone, no third party is asked. Each is signed, bound to one form of one hall, expires,
and is used once: `use_up` keeps it until then, so that no process of the service takes it again.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from altcha import v1 as altcha
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete

from hallapp.booking.errors import ProofNeeded
from hallapp.booking.flood_models import UsedProof
from hallapp.core import clock
from hallapp.core.database import db, upsert

#: The browser tries half of these numbers on average: about half a second on a phone of 2018.
NUMBERS = 50_000
LIFETIME = timedelta(hours=2)
_LONGEST = 800  # twice the size that a browser sends; JSON nested deeper than fits into it cannot exhaust the stack
_ALGORITHM: Final = "SHA-256"
_PURPOSE = "booking proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A solved challenge or an answered question; `digest` names it, `by_hand` is true for a question."""

    digest: str
    by_hand: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A sum for people: `first` and `second` are to be added, `token` is what the form sends back with the answer."""

    first: int
    second: int
    token: str


def make_challenge(keys: Sequence[str], *, hall_id: int, form: str) -> str:
    """Return an ALTCHA challenge (version 1) as JSON; `form` is the random text of the form to which it is bound."""
    options = altcha.ChallengeOptions(
        algorithm=_ALGORITHM,
        max_number=NUMBERS,
        hmac_key=_key(keys[0]),
        expires=clock.now() + LIFETIME,
        params={"form": _bound(keys[0], hall_id, form)},
    )
    return json.dumps(altcha.create_challenge(options).to_dict())


def ask(keys: Sequence[str], *, hall_id: int, form: str) -> Question:
    """Return a new question for this form."""
    first, second = 2 + secrets.randbelow(8), 2 + secrets.randbelow(8)
    token = _signer(keys).dumps([_bound(keys[0], hall_id, form), first, second, secrets.token_hex(8)])
    return Question(first=first, second=second, token=str(token))


def read_question(keys: Sequence[str], token: str, *, hall_id: int, form: str) -> Question | None:
    """Return the question for this token of this form; None for any other token, and once it has expired."""
    try:
        bound, first, second, _nonce = _signer(keys).loads(token[:_LONGEST], max_age=int(LIFETIME.total_seconds()))
    except (BadData, ValueError, TypeError):
        return None
    if not any(hmac.compare_digest(bound, _bound(key, hall_id, form)) for key in keys):
        return None
    return Question(first=first, second=second, token=token)


def read(keys: Sequence[str], *, hall_id: int, form: str, solution: str, token: str, answer: str) -> Proof | None:
    """Return the proof in a form, from its browser's solution or the answer to its question; None without a proof."""
    solved = _read_solution(keys, solution, hall_id=hall_id, form=form)
    if solved is not None:
        return solved
    question = read_question(keys, token, hall_id=hall_id, form=form)
    if question is None or answer.strip() != str(question.first + question.second):
        return None
    return Proof(digest=hashlib.sha256(token.encode()).hexdigest(), by_hand=True)


def use_up(proof: Proof, *, hall_id: int, submission: str) -> None:
    """Mark a proof as used by this submit, which may be repeated; needs a transaction.

    Raises:
        ProofNeeded: another booking has used it.
    """
    row = {
        "digest": proof.digest,
        "hall_id": hall_id,
        "submission": submission,
        "expires_at": clock.now() + LIFETIME,
    }
    same = {"digest": proof.digest}  # so that the row that is there comes back
    statement = upsert(UsedProof, row).on_conflict_do_update(index_elements=["digest"], set_=same)
    if db.session.execute(statement.returning(UsedProof.submission)).scalar_one() != submission:
        raise ProofNeeded


def sweep() -> None:
    """Delete used proofs that have expired; needs a transaction."""
    db.session.execute(delete(UsedProof).where(UsedProof.expires_at < clock.now()))


def _read_solution(keys: Sequence[str], typed: str, *, hall_id: int, form: str) -> Proof | None:
    try:
        sent = json.loads(base64.b64decode(typed[:_LONGEST], validate=True))
        # Only what this service makes: the library would take more algorithms, and trips over other types.
        known = {name: str(sent[name]) for name in ("algorithm", "challenge", "salt", "signature")}
        number = int(sent["number"])
        expires, bound = _salt_facts(known["salt"])
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return None
    if known.pop("algorithm") != _ALGORITHM or expires < clock.now().timestamp():
        return None
    if not all(value.isascii() for value in known.values()):
        return None
    payload = altcha.Payload(algorithm=_ALGORITHM, number=number, **known)
    for key in keys:
        mine = hmac.compare_digest(bound, _bound(key, hall_id, form))
        if mine and altcha.verify_solution(payload, _key(key), check_expires=False)[0]:
            return Proof(digest=hashlib.sha256(known["challenge"].encode()).hexdigest(), by_hand=False)
    return None


def _salt_facts(salt: str) -> tuple[float, str]:
    """Return the expiry of a challenge, and its form. Raises KeyError, ValueError for a foreign salt."""
    facts = dict(part.split("=", 1) for part in salt.partition("?")[2].split("&") if part)
    return float(facts["expires"]), facts["form"]


def _bound(key: str, hall_id: int, form: str) -> str:
    return hmac.new(_key(key).encode(), f"{hall_id} {form}".encode(), hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=8)
def _key(key: str) -> str:
    """Return a key of this purpose alone: nothing that is signed elsewhere is taken here."""
    return hmac.new(key.encode(), _PURPOSE.encode(), hashlib.sha256).hexdigest()


def _signer(keys: Sequence[str]) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer([_key(key) for key in reversed(keys)], salt=_PURPOSE)  # the last one signs
