"""What the base template sets is seen by every page, so that no page may show a value of its own by the same name."""

import re

from jinja2 import Environment, nodes

from hallapp.settings import ROOT

TEMPLATES = ROOT / "templates"
#: The hall of the page, which a view may pass for its own readers.
_SHARED = {"hall"}
#: A manifest of the web, which is no template.
_NO_TEMPLATE = {("hallapp/desk/web/devices.py", '"icons": ')}


def set_by(source: str) -> set[str]:
    """The names that a template sets outside of its blocks."""
    tree = Environment().parse(source)
    inside = {
        id(node) for block in tree.find_all(nodes.Block) for node in block.find_all((nodes.Assign, nodes.AssignBlock))
    }
    return {
        node.target.name
        for node in tree.find_all((nodes.Assign, nodes.AssignBlock))
        if id(node) not in inside and isinstance(node.target, nodes.Name)
    }


def test_no_page_uses_a_name_that_the_base_template_sets() -> None:
    names = set_by((TEMPLATES / "base.html").read_text()) - _SHARED
    assert {"icons", "page_title"} <= names
    told = re.compile(rf"(?<![\w.\"'])({'|'.join(sorted(names))})=(?!=)|[\"']({'|'.join(sorted(names))})[\"']: ")
    passed = {
        (str(path.relative_to(ROOT)), found[0])
        for path in (ROOT / "hallapp").rglob("web/*.py")
        if "render_template" in (source := path.read_text())
        for found in told.finditer(source)
    }
    assert passed == _NO_TEMPLATE
    again = {
        (path.name, name)
        for path in TEMPLATES.rglob("*.html")
        if path.name != "base.html" and "extends" in (source := path.read_text())
        for name in set_by(source) & names
    }
    assert again == set()
