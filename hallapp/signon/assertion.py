"""The values that a sign-in takes to a provider and brings back."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as plain values, with its secret in the clear, for requests outside of a transaction."""

    kind: str
    issuer: str
    client_id: str
    agent_id: str
    secret: str
    groups_claim: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The values of one sign-in; the browser keeps them until it returns from the provider.

    `state` binds the answer to the browser, `nonce` binds the ID token to the answer, and `verifier` proves to the
    provider that the code is redeemed by the one who asked for it (PKCE).
    """

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """The facts that a provider has asserted about a person.

    `email` is given only if the provider has verified it. `groups` is empty where it names none. `second_step` is None
    where the provider does not tell how the person was authenticated.
    """

    subject: str
    email: str | None = None
    groups: frozenset[str] = frozenset()
    second_step: bool | None = None
