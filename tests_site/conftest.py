"""The built site on a local server, and one browser that looks at it."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from chromium import start_chromium

BUILD = Path(__file__).parents[1] / "docs" / "_build"
SITE, SCREENSHOTS = BUILD / "html", BUILD / "screenshots"
# In _static lies webpack-macros.html, a template of the theme and no page.
PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.rglob("*.html")
    if path.parent != SITE / "_static"
)


class QuietHandler(SimpleHTTPRequestHandler):
    """A handler of http.server that does not print what it serves."""

    def log_message(self, *args):
        """Say nothing: the tests read the browser's own record."""


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built site."""
    if not (SITE / "index.html").is_file():
        pytest.fail(f"{SITE} has no index.html: build the site first, with make docs")
    return SITE


@pytest.fixture(scope="session")
def base_url(site):
    """Serve the site, and return its address."""
    handler = partial(QuietHandler, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    """Return the one browser of the session."""
    browser = start_chromium(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.quit()


@pytest.fixture(scope="session")
def screenshots():
    """Return the folder of the screenshots, which git ignores."""
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS
