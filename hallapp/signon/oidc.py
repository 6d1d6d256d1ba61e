"""OpenID Connect, by Authlib: authorization code with PKCE, state and nonce; no token is kept after the sign-in.

The description of the provider and its keys are fetched at each sign-in. Staff sign in some dozen times a day, so this
costs little, and keys that were exchanged (JWKS rotation) need no rule of their own.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from hallapp.core import clock
from hallapp.settings import is_this_machine
from hallapp.signon import exchange
from hallapp.signon.assertion import Assertion, Provider, Start
from hallapp.signon.errors import AnswerRefused, IssuerNotEncrypted, IssuerUnusable, ProviderAway

#: The tolerated difference between the clocks of the provider and of this machine, in seconds.
LEEWAY = 120
SUBJECT_LENGTH = 255
#: Signatures that only the provider can make: the client secret, which both know, signs nothing.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA"]
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_OPTIONAL_ENDPOINTS = ("userinfo_endpoint", "end_session_endpoint")
#: Authentication methods (RFC 8176) that are something a person has or is, or say that there were several.
_SECOND = {"mfa", "otp", "hwk", "swk", "sms", "tel", "sc", "fpt", "face", "iris", "retina", "vbm"}


def is_encrypted(url: str) -> bool:
    """Return whether an address is reached by HTTPS, or is on this same machine."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    local = parts.scheme == "http" and is_this_machine(parts.hostname or "")
    return bool(parts.hostname) and parts.username is None and (parts.scheme == "https" or local)


def discover(issuer: str) -> Mapping[str, Any]:
    """Return the description of a provider (OpenID Connect Discovery), with checked addresses.

    Raises:
        IssuerNotEncrypted, IssuerUnusable, ProviderAway.
    """
    if not is_encrypted(issuer) or urlsplit(issuer).query or urlsplit(issuer).fragment:
        raise IssuerNotEncrypted
    found = get_json(issuer.rstrip("/") + "/.well-known/openid-configuration")
    addresses = [found.get(name) for name in _ENDPOINTS]
    addresses += [found[name] for name in _OPTIONAL_ENDPOINTS if found.get(name)]
    if found.get("issuer") != issuer or not all(isinstance(one, str) and is_encrypted(one) for one in addresses):
        raise IssuerUnusable
    return found


def check_issuer(issuer: str) -> None:
    """Check that an issuer answers as one. Raises IssuerUnusable, IssuerNotEncrypted."""
    try:
        discover(issuer)
    except ProviderAway:
        raise IssuerUnusable from None


def start_url(provider: Provider, start: Start, *, redirect_uri: str) -> str:
    """Return the address at the provider at which a person signs in. Raises ProviderAway, IssuerUnusable."""
    about = discover(provider.issuer)
    with _session(provider, about, redirect_uri) as session:
        url, _state = session.create_authorization_url(
            about["authorization_endpoint"], state=start.state, nonce=start.nonce, code_verifier=start.verifier
        )
    return str(url)


def finish(provider: Provider, start: Start, answer: Mapping[str, str], *, redirect_uri: str) -> Assertion:
    """Redeem the code of an answer, and return what its checked ID token asserts.

    Raises:
        AnswerRefused: a check failed.
        ProviderAway, IssuerUnusable: the provider cannot be asked.
    """
    about = discover(provider.issuer)
    _check_origin(answer, about)
    with _session(provider, about, redirect_uri) as session:
        try:
            token = session.fetch_token(
                about["token_endpoint"],
                code=answer["code"],
                grant_type="authorization_code",
                code_verifier=start.verifier,
                allow_redirects=False,
            )
        except requests.RequestException:
            raise ProviderAway from None
        except (AuthlibBaseError, ValueError, TypeError):
            raise AnswerRefused from None
    claims = _claims_of(provider, start, token, about)
    more = _userinfo(about["userinfo_endpoint"], token, claims["sub"]) if about.get("userinfo_endpoint") else {}
    return _assertion(provider, claims, more)


def sign_out_url(provider: Provider, *, back: str) -> str | None:
    """Return where a person ends the session at the provider (RP-Initiated Logout); None where that is not offered."""
    about = discover(provider.issuer)
    end = about.get("end_session_endpoint")
    if not end:
        return None
    wanted = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back})
    return f"{end}{'&' if '?' in end else '?'}{wanted}"


def get_json(url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the JSON object at an address; no redirect is followed. Raises ProviderAway."""
    with exchange.limited_session() as session:
        return read_json(lambda: session.get(url, headers=headers, allow_redirects=False))


def read_json(send: Any) -> dict[str, Any]:
    """Send a request, and return the JSON object of the answer if it is a success. Raises ProviderAway."""
    try:
        response = send()
        found = response.json() if response.ok else None
    except (requests.RequestException, ValueError, UnicodeError):
        raise ProviderAway from None
    if not isinstance(found, dict):
        raise ProviderAway
    return found


def _session(provider: Provider, about: Mapping[str, Any], redirect_uri: str) -> OAuth2Session:
    scopes = about.get("scopes_supported") or []
    methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    post = "client_secret_post" in methods and "client_secret_basic" not in methods
    session = OAuth2Session(
        provider.client_id,
        provider.secret,
        scope=" ".join(["openid", "email", *(["groups"] if "groups" in scopes else [])]),
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if post else "client_secret_basic",
    )
    exchange.limit(session)
    return session


def _check_origin(answer: Mapping[str, str], about: Mapping[str, Any]) -> None:
    """Refuse an answer of another provider (RFC 9207). Raises AnswerRefused."""
    named = answer.get("iss")
    required = about.get("authorization_response_iss_parameter_supported") is True
    if named != about["issuer"] and (named is not None or required):
        raise AnswerRefused


def _claims_of(
    provider: Provider, start: Start, token: Mapping[str, Any], about: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the claims of the ID token after every check of OpenID Connect Core, section 3.1.3.7."""
    keys = get_json(about["jwks_uri"])
    try:
        # A provider may publish keys of kinds that are unknown here: they are left out.
        known = [
            key for key in keys.get("keys", []) if isinstance(key, dict) and key.get("kty") in ("RSA", "EC", "OKP")
        ]
        signed = jwt.decode(token["id_token"], KeySet.import_key_set({"keys": known}), algorithms=ALGORITHMS)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": about["issuer"]},
                "sub": {"essential": True},
                "aud": {"essential": True, "value": provider.client_id},
            },
            params={"nonce": start.nonce, "client_id": provider.client_id},
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY)
    except (JoseError, AuthlibBaseError, KeyError, ValueError, TypeError, AttributeError):
        raise AnswerRefused from None
    if not (isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= SUBJECT_LENGTH):
        raise AnswerRefused
    return dict(claims)


def _userinfo(url: str, token: Mapping[str, Any], subject: str) -> dict[str, Any]:
    """Return what the provider tells only by its user info; nothing where that is about another person."""
    access = token.get("access_token")
    if not isinstance(access, str):
        return {}
    found = get_json(url, {"Authorization": f"Bearer {access}"})
    return found if found.get("sub") == subject else {}


def _assertion(provider: Provider, claims: Mapping[str, Any], more: Mapping[str, Any]) -> Assertion:
    """Return what the ID token asserts, and where it does not mention something, what the user info adds."""
    methods, name = claims.get("amr"), provider.groups_claim
    return Assertion(
        subject=claims["sub"],
        email=_verified_email(claims) or _verified_email(more),
        groups=frozenset(_groups(claims, name) or _groups(more, name)),
        second_step=any(one in _SECOND for one in methods) if methods else None,
    )


def _verified_email(claims: Mapping[str, Any]) -> str | None:
    """Return the address that the same claims call verified; some providers write the truth value as a text."""
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    return email if is_verified and isinstance(email, str) else None


def _groups(claims: Mapping[str, Any], name: str) -> list[str]:
    """Return the groups in a claim: one of this name, or a path such as `realm_access.roles`."""
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    given = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return [one for one in given if isinstance(one, str)]
