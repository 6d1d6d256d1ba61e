"""The static files that the desk's page needs, also offline."""

from hallapp.core.web.filesets import FileSet

_MODULES = (
    *("badges", "camera", "cipher", "clock", "departures", "draw", "focus", "forms", "leave", "muster", "offline"),
    *("queue", "scanner", "send", "signin", "snapshot", "sound", "store", "watch", "wipe"),
)

FILES = FileSet(
    page="/desk",
    names=(
        *("vendor/pico/pico.min.css", "css/base.css", "css/desk.css", "css/presence.css"),
        *(
            "js/desk.js",
            "js/ours.js",
            "js/people.js",
            "js/person-menu.js",
            "js/presence.js",
            "js/started.js",
            "js/timely.js",
        ),
        *(f"js/desk-{name}.js" for name in _MODULES),
        *("icon.svg", "vendor/zxing-wasm/reader.js", "vendor/zxing-wasm/zxing_reader.wasm"),
    ),
)
