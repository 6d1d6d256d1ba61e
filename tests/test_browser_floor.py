"""Our scripts and styles use nothing that the oldest browsers in use do not know, or do without it."""

import pytest

from hallapp.settings import ROOT
from tests import floor


def test_scripts_and_styles_hold_the_floor() -> None:
    assert floor.find_all(ROOT / "static") == []


def test_scripts_written_in_pages_hold_it_too() -> None:
    found = [
        problem
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for script in path.read_text().split("<script")[1:]
        for problem in floor.find_in_script(path.name, script.partition("</script>")[0])
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "const last = days.at(-1);",
        "rows.toReversed().forEach(show);",
        "fetch(path, { signal: AbortSignal.timeout(800) });",
        "const id = crypto.randomUUID();",
        "cache ??= await open();",
        'place.open ||= folded.get("a");',
        "class Queue { #rows = []; }",
        'const day = now.toLocaleDateString("sv-SE");',
        'new Intl.DateTimeFormat("zh", { dateStyle: "long" });',
        "place.replaceChildren(...parts);",
        r"const part = /(?<=:)\d+/.exec(text);",
        "await Promise.any(tries);",
        "const body = new FormData(form, button);",
        "await navigator.locks.request(name, act);",
        "const copy = structuredClone(state);",
    ],
)
def test_newer_script_is_found(line: str) -> None:
    assert list(floor.find_in_script("desk.js", f"/* ok */\n{line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        '// days.at(-1) is newer; "??=" too',
        'at("number").textContent = group.toCome;',
        'const url = "https://example.org//x";',
        "const first = days[0] ?? null, name = form?.name;",
        "import.meta.url;",
        "  const { a, ...rest } = await load();",
        "const short = 1_000, named = /(?<year>\\d+)/u;",
    ],
)
def test_older_script_is_left_alone(line: str) -> None:
    assert list(floor.find_in_script("desk.js", line)) == []


@pytest.mark.parametrize(
    "style",
    [
        ".a :is(b, i) { color: red; }",
        ".a, .b:has(c) { color: red; }",
        "a:focus, a:focus-visible { outline: 0; }",
        ".a { height: 100dvh; }",
        ".a { inset: 0; }",
        ".a { padding-inline: 2px 4px; }",
        ":root { --b: red; --b: color-mix(in srgb, red 10%, blue); }",
        ".a { color: color-mix(in srgb, red 10%, blue); }",
        ".a { display: flex; gap: 4px; }",
        "@layer a { b { color: red; } }",
        ".a { display: grid; place-items: center; translate: 0 4px; }",
    ],
)
def test_newer_style_is_found(style: str) -> None:
    assert list(floor.find_in_style("a.css", style))


@pytest.mark.parametrize(
    "style",
    [
        ".a { height: 100vh; height: 100dvh; }",
        ".a:has(b) { color: red; }",
        ":focus-visible { outline: 0; }",
        ".a { display: grid; gap: 4px; }",
        ".a { display: flex; gap: 4px; } @supports not (inset: 0) { .a > * + * { margin-left: 4px; } }",
        "@supports (color: color-mix(in srgb, red, blue)) { .a { color: color-mix(in srgb, red, blue); } }",
        "/* .a :is(b) {} */ .a { margin-left: 2px; }",
    ],
)
def test_older_style_and_fallbacks_are_left_alone(style: str) -> None:
    assert list(floor.find_in_style("a.css", style)) == []
