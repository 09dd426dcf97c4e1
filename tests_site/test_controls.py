"""What a reader clicks: the search, the menu of a phone, the choice of a theme."""

import pytest
from chromium import PHONE, complaints, forget, network, open_page
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

NAME = "TwoLayerGDRegressor"
API_PAGE = f"generated/api/sklearn_depth.{NAME}.html"
THEME = """return [
  document.documentElement.dataset.theme,
  getComputedStyle(document.body).backgroundColor,
]"""


@pytest.fixture
def wait(chromium):
    """Return what waits at most ten seconds for a condition on the browser."""
    return WebDriverWait(chromium, 10).until


@pytest.fixture(autouse=True)
def nothing_goes_wrong(chromium):
    """Hold every test to a silent console and to requests that are answered."""
    forget(chromium)
    yield
    assert (complaints(chromium), network(chromium)[1]) == ([], [])


def find(chromium, selector):
    return chromium.find_elements(By.CSS_SELECTOR, selector)


def test_search_finds_the_api_page(chromium, base_url, wait):
    open_page(chromium, f"{base_url}search.html?q={NAME}")
    results = wait(lambda chromium: find(chromium, "#search-results li a"))
    to_api = [
        a for a in results if a.get_attribute("href").startswith(base_url + API_PAGE)
    ]
    assert to_api, [a.get_attribute("href") for a in results]
    to_api[0].click()
    wait(lambda chromium: chromium.title.startswith(NAME))
    assert chromium.current_url.startswith(base_url + API_PAGE)


def test_search_without_a_match_says_so(chromium, base_url, wait):
    open_page(chromium, f"{base_url}search.html?q=xylophone")
    wait(lambda chromium: "did not match" in find(chromium, "#search-results")[0].text)
    assert find(chromium, "#search-results li a") == []


def test_menu_opens_on_a_phone(chromium, base_url, wait):
    open_page(chromium, base_url + "index.html", PHONE)
    links = find(chromium, "#pst-primary-sidebar-modal a, #pst-primary-sidebar a")
    assert not any(link.is_displayed() for link in links)
    find(chromium, ".primary-toggle")[0].click()
    wait(lambda chromium: shown_links(chromium) >= {"User guide", "Examples", "API"})


def shown_links(chromium):
    links = find(chromium, "#pst-primary-sidebar-modal a")
    return {link.text for link in links if link.is_displayed()}


def test_theme_is_switched_and_remembered(chromium, base_url, wait):
    open_page(chromium, base_url + "index.html")
    light, dark = (pick_theme(chromium, wait, mode) for mode in ("light", "dark"))
    assert (light[0], dark[0]) == ("light", "dark")
    assert light[1] != dark[1]
    open_page(chromium, base_url + "user_guide.html")
    assert chromium.execute_script(THEME) == dark


def pick_theme(chromium, wait, mode):
    find(chromium, "button.theme-switch-button")[0].click()
    [button] = find(chromium, f".bd-header .theme-change-button[data-mode={mode}]")
    wait(lambda chromium: button.is_displayed())
    button.click()
    return chromium.execute_script(THEME)
