"""The bare counterpart: a Flask application that does only what nobody can leave out.

`POST /` is one INSERT and its commit, in hallapp's own `transaction()`: the same pool, pragmas and queue of writers,
and nothing else around it. `GET /bytes/<size>` is a constant page. `GET /pdf/<number>` is one page by reportlab with
the words of a pass, one to a line, and its QR, in hallapp's font as hallapp registers it (plain reportlab copies 10 MB
of outlines for every document: beside that, any pass would look fast). `GET /sealed/<count>` is one query for so many
rows, each row's text encrypted under a key of its own, which is derived as hallapp's are, by the library.
"""

import io
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, jsonify
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select

from hallapp import printing
from hallapp.core import database
from hallapp.core.database import db, transaction
from hallapp.passes import qr
from hallapp.settings import Settings

WORDS = (
    *("入馆凭证", "请在前台出示此码，或报出预约编号。", "沿虚线撕下，沿点线对折，请随身携带此卡。", "K7M2-9QXT"),
    *("岭南展览馆", "广州市越秀区东风路一号", "020 8345 0000", "团队", "广州市越秀区东湖街老年大学", "时间"),
    *("2026年12月5日 周六", "09:30–11:00", "项目", "讲解参观", "人数", "20 人", "联系人", "何秀珍", "预约编号"),
    *("来源地", "广东 20", "怎么来", "需要带什么", "此凭证，打印或存在手机里均可。", "如果迟到"),
    *("如果会迟到，请尽早致电展馆：020 8345 0000",),
)
_ROW = Table("bare", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(200)))

app = Flask(__name__)
app.config["SETTINGS"] = Settings.from_environ()
app.config["SQLALCHEMY_DATABASE_URI"] = app.config["SETTINGS"].database_url
database.init_app(app)
with app.app_context():
    _ROW.create(db.engine, checkfirst=True)


@app.get("/readyz")
def ready() -> str:
    """The server answers."""
    return "ready"


@app.post("/")
def commit() -> str:
    """One row, one commit."""
    with transaction() as session:
        session.execute(insert(_ROW), {"name": WORDS[8]})
    return "done"


@app.get("/sealed/<int:count>")
def sealed(count: int) -> Response:
    """So many rows as JSON, each encrypted under its own key."""
    with db.engine.connect() as connection:
        rows = connection.execute(select(_ROW.c.id, _ROW.c.name).limit(count)).all()
    found = [(number, _seal(name.encode(), str(number).encode())) for number, name in rows]
    return jsonify(groups=[[number, octets.hex()] for number, octets in found])


def _seal(text: bytes, secret: bytes) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=b"bare", info=b"").derive(secret)
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, text, None)


@app.get("/bytes/<int:size>")
def page(size: int) -> Response:
    """A constant page of so many bytes."""
    return Response(b"a" * size, mimetype="text/html")


@app.get("/pdf/<int:number>")
def pdf(number: int) -> Response:
    """One page; the number is in its QR, so that each is drawn anew."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, initialFontName=printing.load_font())  # type: ignore[arg-type]
    canvas.setFont(printing.FONT, 12)
    for line, words in enumerate(WORDS):
        canvas.drawString(72, 500 - 18 * line, words)
    symbol = qr.draw(f"HTTP://127.0.0.1:8000/T/{number:032}")
    path = canvas.beginPath()
    for left, top, length in symbol.runs:
        path.rect(72 + 3 * left, 780 - 3 * top, 3 * length, 3)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.showPage()
    canvas.save()
    return Response(file.getvalue(), content_type="application/pdf")
