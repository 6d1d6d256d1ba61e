"""The public check of a printed report: whether the hall has closed a month with this digest, and nothing else."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.core.errors import DomainError
from hallapp.core.i18n import translate
from hallapp.core.text import visible
from hallapp.core.web.access import public
from hallapp.reports import words
from hallapp.reports.closing import digests, verify
from hallapp.schedule.web.current_hall import get_current_hall

blueprint = Blueprint("verification", __name__)


@blueprint.get("/verify")
@public
def ask() -> ResponseReturnValue:
    """Ask for the digest of a paper, or show the result for a typed one."""
    typed = request.args.get("digest", "")
    return _result(typed) if typed else _page("")


@blueprint.get("/verify/<typed>")
@public
def show(typed: str) -> ResponseReturnValue:
    """Show the result for the digest in a paper's QR."""
    return _result(typed)


def _result(typed: str) -> ResponseReturnValue:
    try:
        digest = digests.read(typed, least=digests.SHORT)
    except DomainError as refusal:
        return _page(typed, refusal=translate(refusal)), refusal.status
    found = verify.find_filed(get_current_hall().id, digest)
    return _page(typed, digest=digest, found=found), 200 if found else 404


def _page(typed: str, *, digest: str = "", found: verify.FiledDigest | None = None, refusal: str | None = None) -> str:
    return render_template(
        "reports/verification.html",
        hall=get_current_hall(),
        typed=visible(typed).encode("utf-8", "replace").decode(),
        digest=digests.grouped(digest),
        found=found,
        refusal=refusal,
        words=words,
    )
