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
from hallapp.reports import layout, publishing_words
from hallapp.reports.layout import Drawing
from hallapp.reports.pictures.inputs import Ranked
from hallapp.reports.pictures.shapes import Mark
from hallapp.reports.publishing import Received
from hallapp.reports.rounding import BASE
from hallapp.reports.web.publishing import keep_published
from hallapp.schedule.web.current_hall import get_current_hall
from hallapp.screen import words
from hallapp.screen.board import STEP, Board, get_board

blueprint = Blueprint("screen", __name__)
_RANKED_MOST = 15


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
    drawn, marks = board_map(board) if board.hall.origins.has_map else board_ranking(board)
    return {
        "board": board,
        "hall": board.hall,
        "drawn": drawn,
        "marks": marks,
        "layout": layout,
        "words": words,
        "notes": publishing_words,
    }


def board_map(board: Board) -> tuple[Drawing, list[tuple[Mark, str]]]:
    """Return the tile map, and its marks with the codes of their places."""
    places = board.places
    drawn = layout.tile_map(places)
    tiles = [figure.code for figure in places.divisions if places.origins.division(figure.code).tile]
    codes = [*tiles, *(figure.code for figure in places.beside)]
    return drawn, [(mark, codes[place] if place < len(codes) else "") for place, mark in enumerate(drawn.marks)]


def board_ranking(board: Board) -> tuple[Drawing, list[tuple[Mark, str]]]:
    """Return the ranking of places that have no map, and its marks with the codes of their places."""
    figures = sorted(board.places.divisions, key=lambda one: (not one.is_place, -one.visitors))
    names = board.hall.origins
    rows = [
        Ranked(name=names.division(one.code).name(language()), visitors=one.visitors, beside=not one.is_place)
        for one in figures
    ]
    drawn = layout.ranking(rows, most=_RANKED_MOST)
    codes = iter([one.code for one in figures if one.visitors])
    return drawn, [(mark, next(codes, "") if mark.title else "") for mark in drawn.marks]


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
        "greeted": [board.hall.origins.division(code).name(language()) for code in board.greeted],
        "groups": [
            {
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat(),
                "programme": one.programme.name(language()),
                "people": one.people,
                "is_in": one.is_in,
                "text": words.group(board.hall.origins, one),
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
