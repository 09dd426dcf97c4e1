"""Every page is whole, on a desktop and on a phone, and asks nothing of other hosts."""

import pytest
from chromium import PHONE, visit
from conftest import PAGES

TITLES = {
    "index.html": "sklearn_depth — sklearn_depth",
    "user_guide.html": "User guide — sklearn_depth",
    "generated/gallery/plot_separation.html": (
        "Four tasks, and the features that each one asks for — sklearn_depth"
    ),
    "generated/api/sklearn_depth.TwoLayerGDRegressor.html": (
        "TwoLayerGDRegressor — sklearn_depth"
    ),
}


@pytest.fixture(scope="module")
def page(request):
    """Return the path of a page, below the root of the site."""
    return request.param


@pytest.fixture(scope="module")
def seen(page, chromium, base_url, screenshots):
    """Visit a page, once for all tests."""
    name = page.removesuffix(".html").replace("/", "-")
    return visit(chromium, base_url + page, screenshots / name)


every_page = pytest.mark.parametrize("page", PAGES, indirect=True, scope="module")


@pytest.mark.parametrize("page", TITLES, indirect=True, scope="module")
def test_title(page, seen):
    assert seen.title == TITLES[page]


@every_page
def test_images_load(seen):
    assert seen.missing_images == []


@every_page
def test_console_is_silent(seen):
    assert seen.complaints == []


@every_page
def test_no_request_fails(seen):
    assert seen.failures == []


@every_page
def test_requests_stay_on_the_server(seen, base_url):
    inside = (base_url, "data:", "blob:" + base_url)
    assert [url for url in seen.requests if not url.startswith(inside)] == []


@every_page
def test_formulas_are_typeset(seen):
    assert seen.raw_formulas == []


@pytest.mark.parametrize("page", ["user_guide.html"], indirect=True, scope="module")
def test_guide_has_formulas(seen):
    assert seen.n_formulas > 0


@every_page
def test_phone_does_not_scroll_sideways(seen):
    assert seen.phone_width <= PHONE[0]
