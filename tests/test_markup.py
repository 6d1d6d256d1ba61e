"""The check of pages finds what is wrong with their HTML, and reads their elements as browsers do."""

import pytest

from tests import markup
from tests.client import check_page

PAGE = '<!doctype html><html lang="en"><head><title>t</title></head><body><main><h1>h</h1>%s</main></body></html>'
CSP = "default-src 'self'"
WRONG = [
    *("<p><div>a</div></p>", "<div><span></div>", "</section>", "<p>x</p></p>", "<h2><h3>x</h3></h2>"),
    *("<form><form></form></form>", "<a href=x><a href=y>z</a></a>", "<button><button>x</button></button>"),
    *("<ul><li>a</ul></li>", "<b><p>x</b></p>", "<div/>x", "<input></input>", "<br></br>", "<td>x</td>"),
    *(
        "<table><tr><div>x</div></tr></table>",
        "<table>text</table>",
        "<svg><p>x</p></svg>",
        "<nobr><nobr>x</nobr></nobr>",
    ),
    *("<p class=a class=b>", '<img alt=a"b>', "<x<y>", "a<b", "<1>", "<?x?>", "<body>", "<head>", "<title>x</b>"),
    *(
        "&nope;",
        "&copy",
        "&#0;",
        "&#xD800;",
        "\0",
        "\x01",
        "\ufdd0",
        "<script>x",
        "<textarea>x",
        "<noscript><p></div></noscript>",
    ),
]


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_with_a_page_is_found(wrong: str) -> None:
    assert markup.errors(PAGE % wrong), wrong
    assert check_page(PAGE % wrong, csp=CSP)


@pytest.mark.parametrize(
    "right", ["", "<p>a & b<p>c", "<ul><li>a<li>b</ul>", "<dl><dt>a<dd>b</dl>", "<br>", "<p title='<'>"]
)
def test_nothing_is_wrong_with_what_may_be_left_out(right: str) -> None:
    assert markup.errors(PAGE % right) == []
    assert check_page(PAGE % right, csp=CSP) == []


def test_error_names_its_line() -> None:
    assert [error.partition(":")[0] for error in markup.errors(PAGE % "\n<p>\n</div>\n")] == ["line 3"]


def test_elements_are_those_of_a_browser_without_scripts() -> None:
    root = markup.tree(PAGE % '<noscript><p title="<&quot;">a\x01</p></noscript><svg><title>b</title></svg>')
    assert [one.tag for one in root.iter()][4:] == [
        *("main", "h1", "noscript", "p"),
        *("{http://www.w3.org/2000/svg}svg", "{http://www.w3.org/2000/svg}title"),
    ]
    assert root.find(".//p").attrib == {"title": '<"'}  # type: ignore[union-attr]
    assert root.find(".//p").text == "a\ufffd"  # type: ignore[union-attr]
