"""Routes for the big screen: one page, and the data that it polls."""

import hashlib
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from hallapp.accounts.roles import Permission
from hallapp.core.i18n import language
from hallapp.core.web.access import allow, allow_device
from hallapp.devices.models import DeviceKind
from hallapp.devices.web import current_device
from hallapp.divisions import get_division
from hallapp.reports import layout, publishing_words
from hallapp.reports.publishing import Received
from hallapp.reports.rounding import BASE
from hallapp.reports.web.publishing import keep_published
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.screen import words
from hallapp.screen.board import STEP, Board, get_board

blueprint = Blueprint("screen", __name__)


@blueprint.get("/screen")
@allow(Permission.DESK_ADMIT)
@allow_device(DeviceKind.SCREEN)
def screen() -> ResponseReturnValue:
    """Show the screen as it is now; its script keeps it so."""
    current_device.note_seen(DeviceKind.SCREEN)
    board = _board()
    response = current_app.make_response(render_template("screen/screen.html", **_shown(board)))
    device = current_device.find_device(DeviceKind.SCREEN)
    return current_device.keep(response, device) if device else response


@blueprint.get("/screen.json")
@allow(Permission.DESK_ADMIT)
@allow_device(DeviceKind.SCREEN)
def screen_json() -> ResponseReturnValue:
    """Send the figures and the drawn board; 304 while nothing has changed (`If-None-Match`)."""
    current_device.note_seen(DeviceKind.SCREEN)
    board = _board()
    response = jsonify(**_figures(board), board=render_template("screen/_board.html", **_shown(board)))
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    return response.make_conditional(request)


def _board() -> Board:
    hall = get_current_hall()
    keep_published(hall)
    return get_board(hall)


def _shown(board: Board) -> dict[str, Any]:
    places = board.places
    drawn = layout.tile_map(places)
    tiles = [figure.division.code for figure in places.divisions if figure.division.tile]
    beside = [figure.division.code for figure in places.beside]
    codes = [*tiles, *beside]
    marks = [(mark, codes[place] if place < len(codes) else "") for place, mark in enumerate(drawn.marks)]
    return {
        "board": board,
        "hall": board.hall,
        "drawn": drawn,
        "marks": marks,
        "layout": layout,
        "words": words,
        "notes": publishing_words,
    }


def _figures(board: Board) -> dict[str, Any]:
    today, received = board.today, board.received
    return {
        "day": board.hall.today().isoformat(),
        "rounded_down_to": STEP,
        "today": today.people,
        "inside": today.inside,
        "limit": today.limit,
        "crowd": today.crowd,
        "estimated": today.estimated,
        "received": received and _received(received),
        "greeted": [get_division(code).name(language()) for code in board.greeted],
        "groups": [
            {
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "programme": one.programme.name(language()),
                "people": one.people,
                "is_in": one.is_in,
                "text": words.group(one),
            }
            for one in board.groups
        ],
        "more_groups": board.more,
    }


def _received(received: Received) -> dict[str, Any]:
    return {
        "first_month": f"{received.first:%Y-%m}",
        "last_month": f"{received.last:%Y-%m}",
        "rounded_to": BASE,
        "visitors": received.visitors,
        "divisions": received.places,
        "text": publishing_words.rounded(received),
    }
