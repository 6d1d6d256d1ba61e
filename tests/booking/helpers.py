"""What an organiser would type, and commands made of it."""

import base64
import html
import json
import re
from datetime import date
from typing import Any

from altcha import v1 as altcha
from werkzeug.test import TestResponse

from hallapp.booking.service import PlaceBooking
from hallapp.schedule.models import Slot

#: What a test's hall has as `slots_until` where its slots are the factories' own: no page then makes or closes any.
MADE = date(2099, 12, 31)


def typed(slot: Slot | None = None, /, **changes: str | None) -> dict[str, str]:
    """A complete and right form for this slot; `None` as a change leaves a field out."""
    fields: dict[str, str | None] = {
        "submission": "a-random-text-of-this-page",
        "slot": str(slot.id) if slot else "",
        "programme": slot.programme.slug if slot else "",
        "organisation": "广州市越秀区东湖街老年大学",
        "kind": "school",
        "contact_name": "何秀珍",
        "phone": "19900001050",
        "email": "",
        "origins-0-division": "440000",
        "origins-0-visitors": "20",
        "note": "",
        "consent": "y",
        "duplicate_accepted": "y",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def command(slot: Slot, **changes: Any) -> PlaceBooking:
    """The command that the form of `typed` becomes."""
    values = {
        "hall_id": slot.hall_id,
        "slot_id": slot.id,
        "organisation": "广州市越秀区东湖街老年大学",
        "kind": "school",
        "contact_name": "何秀珍",
        "phone": "+8619900001050",
        "origins": (("440000", 20),),
        "submission": "a-random-text-of-this-page",
        "consented": True,
        "duplicate_accepted": True,
        **changes,
    }
    return PlaceBooking(**values)


def page(response: TestResponse) -> str:
    """The page's text, blanks brought to one."""
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


def solve(response: TestResponse) -> str:
    """What a browser computes for the challenge of the page, as its form sends it; empty where there is none."""
    found = re.search(r'data-challenge="([^"]*)"', page(response))
    if not found:
        return ""
    asked = json.loads(html.unescape(found.group(1)))
    solution = altcha.solve_challenge(asked["challenge"], asked["salt"], asked["algorithm"], asked["maxNumber"])
    assert solution
    named = {name: asked[name] for name in ("algorithm", "challenge", "salt", "signature")}
    return base64.b64encode(json.dumps(named | {"number": solution.number}).encode()).decode()


def value_of(response: TestResponse, name: str) -> str:
    """The value of a text field of the page."""
    found = re.search(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', page(response))
    assert found, f"no field {name}"
    value = re.search(r'\bvalue="([^"]*)"', found.group())
    return html.unescape(value.group(1)) if value else ""
