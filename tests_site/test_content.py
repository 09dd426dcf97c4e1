"""What pages show: pictures of their own, and numbers in place of truth values."""

import re
from html import unescape

import pytest
from conftest import PAGES, SITE

GALLERY = sorted(page for page in PAGES if "gallery/plot_" in page)
GUIDE = [
    page for page in PAGES if page.startswith("guide/") and "references" not in page
]
EXPERIMENTS = [page for page in PAGES if "generated/experiments/" in page]


def source(page):
    """The HTML of a page."""
    return (SITE / page).read_text(encoding="utf-8")


def pictures(page):
    """The names of the pictures in the text of a page."""
    return re.findall(r'<img[^>]*? src="[^"]*_images/([^"/]+)"', source(page))


def test_site_has_a_guide_a_gallery_and_experiments(site):
    assert len(GUIDE) >= 10 and len(GALLERY) >= 20 and len(EXPERIMENTS) >= 10


def test_no_two_examples_share_a_thumbnail(site):
    """The placeholder would be the same for all that have no figure."""
    shown = pictures("generated/gallery/index.html")
    thumbnails = {(SITE / "_images" / name).read_bytes() for name in shown}
    assert len(thumbnails) == len(shown) == len(GALLERY)


@pytest.mark.parametrize("page", GALLERY)
def test_examples_show_their_figures(page):
    assert pictures(page) or "animation" in source(page)


@pytest.mark.parametrize("page", [*GUIDE, *EXPERIMENTS])
def test_guide_and_experiments_have_figures(page):
    assert pictures(page)


@pytest.mark.parametrize("page", PAGES)
def test_pages_print_no_truth_values_and_promise_no_release(page):
    text = unescape(re.sub(r"<[^>]+>", "", source(page)))
    assert [line for line in text.split("\n") if "bool(" in line] == []
    assert "pip install sklearn-depth" not in text
