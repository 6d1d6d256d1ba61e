"""`/metrics`: what Prometheus reads."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client.exposition import choose_encoder

from hallapp.core.web.access import open_in_draft, public
from hallapp.monitoring import registry
from hallapp.monitoring.web.access import may_read

blueprint = Blueprint("monitoring", __name__)
_REFUSED = "Ask from this machine itself, without a proxy, or send HALL_METRICS_TOKEN as a bearer token.\n"


@blueprint.get("/metrics")
@public
@open_in_draft
def metrics() -> ResponseReturnValue:
    """Answer in the format that the scraper asks for; 401 to strangers."""
    if not may_read():
        return Response(_REFUSED, 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    with registry.reading() as found:
        return Response(encode(found), content_type=content_type)
