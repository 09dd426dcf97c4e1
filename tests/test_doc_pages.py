"""How the pages are written: in words, and with numbers in full."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MEASURED = DOCS / "benchmarks.rst"  # written by benchmarks/report.py
GUIDE = sorted((DOCS / "guide").glob("*.rst"))
PAGES = [
    *sorted(set(DOCS.glob("*.rst")) - {MEASURED}),
    *GUIDE,
    ROOT / "README.md",
    ROOT / "CHANGES.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "experiments").glob("*/README.md")),
]


def each(pages):
    return pytest.mark.parametrize("page", pages, ids=lambda page: page.stem)


@each(PAGES)
def test_numbers_have_a_leading_zero(page):
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"(?:^|[\s(\[±~<>=|*])\.\d\S*", text, re.M) == []


@each(GUIDE)
def test_pages_begin_with_words(page):
    """After the title comes a sentence, and no formula."""
    text = page.read_text(encoding="utf-8")
    first = re.sub(r"\A(?:\.\. _\S+:\n\n)?.+\n=+\n+", "", text)
    assert re.match(r"[A-Z:]", first)
