"""The service worker of a page that opens without a network: the script, and the files that it keeps."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from flask import Response, current_app, url_for


def serve(page: str, files: Sequence[str]) -> Response:
    """The worker of the page at this path, with its list of static files; another version of any is another one."""
    addresses = [url_for("static", filename=name) for name in files]
    script = Path(str(current_app.static_folder), "js", "page-worker.js").read_text(encoding="utf-8")
    version = hashlib.sha256(json.dumps([addresses, script]).encode()).hexdigest()[:12]
    named = {"PAGE": page, "VERSION": version, "FILES": addresses}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in named.items())
    answer = Response(head + script, mimetype="text/javascript")
    answer.headers.update({"Service-Worker-Allowed": page, "Cache-Control": "no-cache"})
    return answer
