"""What the pages of visitors weigh on the wire: the organiser's phone has a slow network."""

import pytest

from tests.browser.conftest import Opener
from tests.browser.scene import PHONE, Scene

BUDGET = 60 * 1024  # without pictures


@pytest.mark.parametrize("path", ["/", "/book"])
def test_page_is_light(open_page: Opener, stage: Scene, path: str) -> None:
    page = open_page(is_new=True, size=PHONE, language="zh")
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    kinds: dict[str, str] = {}
    weights: dict[str, int] = {}
    network.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    network.on(
        "Network.loadingFinished", lambda event: weights.update({event["requestId"]: int(event["encodedDataLength"])})
    )
    page.goto(stage.url(path), wait_until="networkidle")
    counted = dict.fromkeys(kinds.values(), 0)
    for request, weight in weights.items():
        counted[kinds[request]] += weight
    assert counted["Document"] < 16 * 1024, "the page itself is compressed"
    assert counted["Stylesheet"] > 0
    assert sum(weight for kind, weight in counted.items() if kind != "Image") < BUDGET, counted
