"""A page for each folder of ``experiments``, and links to it wherever it is named.

The README of an experiment is the one source of its page. The page has the table too,
folded, and whatever else the README links to as files to download.
"""

import re
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.transforms import SphinxTransform

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
PAGES = "generated/experiments"
SHOWN = {".csv", ".png", ".py", ".svg", ".toml"}
TABLE = "\n## Table\n\n<details><summary>Show the table</summary>\n\n{}\n</details>\n"
# What the README of a folder calls a file, and where the page finds it.
LINKS = {
    r"\]\(table\.md\)": "](#table)",
    r"\]\(\.\./(\w+)/README\.md\)": r"](../\1/index.md)",
    r"\]\(\.\./\.\./docs/": "](../../../",
}


def page_of(folder):
    """The README with its table, in the words of the site."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    for link, place in LINKS.items():
        text = re.sub(link, place, text)
    return text + TABLE.format((folder / "table.md").read_text(encoding="utf-8"))


def write_if_new(path, content):
    """Write a file, unless it has this content: Sphinx reads again what is newer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != content:
        path.write_bytes(content)


def write_pages(app):
    """Write the page of each experiment, and its files beside it."""
    for readme in EXPERIMENTS.glob("*/README.md"):
        folder = app.srcdir / PAGES / readme.parent.name
        write_if_new(folder / "index.md", page_of(readme.parent).encode())
        for path in readme.parent.iterdir():
            if path.suffix in SHOWN:
                write_if_new(folder / path.name, path.read_bytes())


class LinkExperiments(SphinxTransform):
    """Turns ``experiments/NAME`` in running text into a link to its page."""

    default_priority = 400

    def apply(self, **options):
        """Wrap each literal that names a folder of ``experiments``."""
        for literal in list(self.document.findall(nodes.literal)):
            named = re.fullmatch(r"experiments/(\w+)", literal.astext())
            if named and (EXPERIMENTS / named[1] / "README.md").is_file():
                literal.replace_self(self.link(literal, named[1]))

    def link(self, literal, name):
        """A reference to the page, around the literal."""
        page = f"/{PAGES}/{name}/index"
        return pending_xref(
            "",
            literal.deepcopy(),
            refdomain="std",
            reftype="doc",
            refexplicit=True,
            reftarget=page,
            refdoc=self.env.docname,
            refwarn=True,
        )


def setup(app):
    """Write the pages before any is read."""
    app.connect("builder-inited", write_pages)
    app.add_transform(LinkExperiments)
