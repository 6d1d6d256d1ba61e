"""Our scripts and every style sheet use nothing that the oldest browsers in use do not know, or do without it."""

import re

import pytest

from hallapp.settings import ROOT
from tests import floor, floor_styles, lowering

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def test_scripts_and_styles_work_in_the_oldest_supported_browsers() -> None:
    assert floor.find_all(ROOT / "static") == []
    assert floor_styles.find_all(ROOT / "static") == []


def test_every_exception_of_styles_is_in_use() -> None:
    sheets = {path.name: path.read_text() for path in (ROOT / "static").rglob("*.css")}
    together = "".join(sheets.values())
    assert [one for one in floor_styles.PLAINER if one[1] not in sheets[one[0]]] == []
    assert [one for one in floor_styles.HARMLESS if not re.search(rf"(?<![\w-]){one}\s*:", together)] == []


def test_the_vendored_sheet_is_its_release_lowered() -> None:
    assert lowering.LOWERED.read_text() == lowering.lower(lowering.RELEASE.read_text())


def test_no_fieldset_or_legend_is_a_grid() -> None:
    """A grid or a flexible box must not be one of them: Chrome before 86 shows it as a block."""
    pages = "".join(path.read_text() for path in TEMPLATES)
    named = {
        name for classes in re.findall(r'<(?:fieldset|legend) class="([\w -]+)', pages) for name in classes.split()
    }
    for path in sorted((ROOT / "static/css").glob("*.css")):
        for selectors, body in re.findall(r"([^{};]+)\{([^{}]*)\}", path.read_text()):
            if "display: grid" in body:
                last = [re.split(r"[\s>+~]", selector)[-1] for selector in lowering.split(selectors)]
                assert not [one for one in last if one == "fieldset" or one.lstrip(".") in named], (
                    path.name,
                    selectors,
                )


def test_inline_scripts_work_in_the_oldest_supported_browsers() -> None:
    found = [
        problem
        for path in TEMPLATES
        for script in path.read_text().split("<script")[1:]
        for problem in floor.find_in_script(path.name, script.partition("</script>")[0])
    ]
    assert found == []


def test_inline_styles_work_in_the_oldest_supported_browsers() -> None:
    found = [
        problem
        for path in TEMPLATES
        for style in path.read_text().split("<style")[1:]
        for problem in floor_styles.find_in_style(path.name, style.partition(">")[2].partition("</style>")[0])
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
        ".a:not(.b, .c) { color: red; }",
        ".a:not(.b .c) { color: red; }",
        ".a { color: red; & .b { color: blue; } }",
        ".a:has(b) { color: red; }",
        "button, ::file-selector-button { color: red; }",
        "@media (width >= 40rem) { .a { color: red; } }",
        "@container (min-width: 40rem) { .a { color: red; } }",
        ".a { display: flex; } .b { gap: 4px; } .a { gap: 4px; }",
        "@media print { .a { display: inline-flex; gap: 4px 8px; } }",
        ".a { appearance: none; }",
        ".a { width: fit-content; }",
        ".a { overflow: clip; }",
        ".a { grid-template-rows: subgrid; }",
        ".a { border-start-start-radius: 4px; }",
        ".a { background: conic-gradient(red, blue); }",
        ".a { user-select: none; }",
    ],
)
def test_newer_style_is_found(style: str) -> None:
    assert list(floor_styles.find_in_style("a.css", style))


@pytest.mark.parametrize(
    "style",
    [
        ".a { height: 100vh; height: 100dvh; }",
        ".a { display: grid; gap: 4px; }",
        f".a {{ display: flex; gap: 4px; }} {floor_styles.WITHOUT_GAPS} {{ .a > * + * {{ margin-left: 4px; }} }}",
        f".a {{ display: flex; gap: 0 }} {floor_styles.WITHOUT_GAPS} {{ .b > * + * {{ margin-left: 4px; }} }}",
        ".a { -webkit-appearance: none; appearance: none; }",
        ".a { width: -moz-fit-content; width: fit-content; }",
        ".a:not(.b):not(.c) { text-wrap: balance; }",
        "@media (min-width: 40rem) { .a { margin-inline-start: 4px; } }",
        "@supports (color: color-mix(in srgb, red, blue)) { .a { color: color-mix(in srgb, red, blue); } }",
        "/* .a :is(b) {} */ .a { margin-left: 2px; }",
    ],
)
def test_older_style_and_fallbacks_are_left_alone(style: str) -> None:
    assert list(floor_styles.find_in_style("a.css", style)) == []


@pytest.mark.parametrize(
    ("rule", "lowered"),
    [
        (":is(.a,.b):hover{x:y}", ".a:hover,.b:hover{x:y}"),
        (":where(ol,ul) li{x:y}", "ol li,ul li{x:y}"),
        (".x :is(button,[role=button]){x:y}", ".x button:not([_]),.x [role=button]{x:y}"),
        ("a:not(b,.c){x:y}", "a:not(b):not(.c){x:y}"),
        ("[a=b]:is(p,.c)::before{x:y}", "p[a=b]:not([_])::before,[a=b].c::before{x:y}"),
        ("b,b:focus-visible,i{x:y}", "b,i{x:y}b:focus-visible{x:y}"),
        (".a:has(b,c),d{x:y}", "d{x:y}.a:has(b,c){x:y}"),
        ("p{padding-block:1px}", "p{padding-top:1px;padding-bottom:1px}"),
        ("@media print{:where(a,b){inset:0}}", "@media print{a,b{top:0;right:0;bottom:0;left:0}}"),
    ],
)
def test_lowering(rule: str, lowered: str) -> None:
    assert lowering.lower(f"/**/{rule}") == f"/**/{lowered}"


def test_lowered_lists_of_types_name_all_others_and_weigh_the_same() -> None:
    selectors = (
        lowering.lower("/**/input:not([type=checkbox],[type=radio]),select{x:y}").partition("{")[0][4:].split(",")
    )
    types = {one.partition("[type=")[2].rstrip("]") for one in selectors} - {""}
    assert {"text", "email", "date", "search"} <= types and not {"checkbox", "radio"} & types
    assert {lowering.weigh(one) for one in selectors} == {(0, 1, 1), (0, 0, 1)}
    assert lowering.weigh("input:not([type=checkbox],[type=radio])") == (0, 1, 1)
