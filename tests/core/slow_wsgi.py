"""The real application with views that take their time and tell of their process; served by test_server.py."""

import os
import time

from flask import jsonify
from flask.typing import ResponseReturnValue
from reportlab.pdfbase import pdfmetrics
from sqlalchemy import text

from hallapp.core.database import db
from hallapp.core.web.access import public
from hallapp.printing import FONT
from wsgi import app


def _backend() -> int:
    return int(db.session.execute(text("SELECT pg_backend_pid()")).scalar_one())


with app.app_context():
    # The parent has spoken to the database before it forks, and leaves the connection in its pool.
    PARENTS_BACKEND = _backend() if db.engine.dialect.name == "postgresql" else 0


@app.get("/slow/<float:seconds>")
@public
def slow(seconds: float) -> ResponseReturnValue:
    time.sleep(seconds)
    return jsonify(worker=os.getpid())


@app.get("/process")
@public
def process() -> ResponseReturnValue:
    return jsonify(
        worker=os.getpid(),
        font_loaded=FONT in pdfmetrics.getRegisteredFontNames(),
        backend=_backend() if PARENTS_BACKEND else None,
        parents_backend=PARENTS_BACKEND,
    )


@app.get("/bug/<secret>")
@public
def bug(secret: str) -> ResponseReturnValue:
    raise ValueError(secret)
