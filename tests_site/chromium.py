"""A headless Chromium, and what it sees on one page."""

import json
import os
import shutil
from dataclasses import dataclass

from selenium.webdriver import Chrome, ChromeOptions, ChromeService

DESKTOP, PHONE = (1280, 900), (390, 844)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Resolves when the images are decoded or have failed and the formulas are typeset.
SETTLE = """
const done = arguments[arguments.length - 1];
const images = [...document.images].map(image => {
  image.loading = "eager";
  return image.decode().catch(() => null);
});
const formulas = window.MathJax?.startup?.promise;
Promise.all([...images, formulas, document.fonts.ready]).then(() => done(), done);
"""
LOOK = """
const formulas = [...document.querySelectorAll(".math")];
const typeset = f => f.querySelector("mjx-container")
  && !f.querySelector("mjx-merror, [data-mml-node=merror]");
return {
  title: document.title,
  missing_images: [...document.images]
    .filter(image => !(image.complete && image.naturalWidth > 0))
    .map(image => image.src),
  n_formulas: formulas.length,
  raw_formulas: formulas.filter(f => !typeset(f)).map(f => f.textContent.trim()),
};
"""
# The theme lets the article scroll inside the page, which then seems to fit. Neither
# width is to be compared with innerWidth, which grows with the content on a phone.
CONTENT_WIDTH = """
const article = document.querySelector(".bd-article-container");
return Math.max(document.scrollingElement.scrollWidth, article.scrollWidth);
"""
# Sphinx's search takes the dots of an anchor for classes, then quotes the whole page.
KNOWN_COMPLAINT = "Anchored content block not found"


@dataclass(frozen=True)
class Visit:
    """What a page shows, says on the console and asks of the network."""

    title: str
    missing_images: list
    n_formulas: int
    raw_formulas: list
    complaints: list
    requests: list
    failures: list
    phone_width: int


def find_program(variable, *names):
    """Return the path in an environment variable, or the first name on the PATH."""
    found = os.environ.get(variable) or next(
        filter(None, map(shutil.which, names)), None
    )
    if found is None:
        raise FileNotFoundError(
            f"{names[0]} was not found. Install it (Debian: apt-get install chromium "
            f"chromium-driver), or set {variable} to its path."
        )
    return found


def start_chromium(user_data_dir):
    """Start Chromium with an empty profile and a record of console and network."""
    options = ChromeOptions()
    options.binary_location = find_program("CHROMIUM", "chromium", "google-chrome")
    for flag in (*FLAGS, f"--user-data-dir={user_data_dir}"):
        options.add_argument(flag)
    options.set_capability(
        "goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"}
    )
    driver = find_program("CHROMEDRIVER", "chromedriver")
    chromium = Chrome(options, ChromeService(driver))
    # Every page must bring its own files, whichever was visited before.
    chromium.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})
    chromium.get("about:blank")  # The page of a new tab has requests of its own.
    return chromium


def resize(chromium, size):
    """Take the width and the height of a desktop or, touch included, of a phone."""
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1}
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {**metrics, "mobile": size == PHONE}
    )


def open_page(chromium, url, size=DESKTOP):
    """Open a page and wait for its images, fonts and formulas."""
    resize(chromium, size)
    chromium.get(url)
    chromium.execute_async_script(SETTLE)


def visit(chromium, url, screenshots):
    """Look at a page as a new reader, and save its top on a desktop and on a phone."""
    storage = {"origin": url, "storageTypes": "local_storage"}
    chromium.execute_cdp_cmd("Storage.clearDataForOrigin", storage)
    forget(chromium)
    open_page(chromium, url)
    seen = chromium.execute_script(LOOK)
    chromium.save_screenshot(f"{screenshots}-desktop.png")
    resize(chromium, PHONE)
    width = chromium.execute_script(CONTENT_WIDTH)
    chromium.save_screenshot(f"{screenshots}-phone.png")
    requests, failures = network(chromium)
    return Visit(
        **seen,
        complaints=complaints(chromium),
        requests=requests,
        failures=failures,
        phone_width=width,
    )


def forget(chromium):
    """Drop the records of the pages before."""
    for log in ("browser", "performance"):
        chromium.get_log(log)


def complaints(chromium):
    """Return the errors and warnings on the console since the last call."""
    return [
        entry["message"]
        for entry in chromium.get_log("browser")
        if entry["level"] in ("SEVERE", "WARNING")
        and KNOWN_COMPLAINT not in entry["message"]
    ]


def network(chromium):
    """Return the addresses asked for, and what failed, since the last call."""
    log = chromium.get_log("performance")
    events = [json.loads(entry["message"])["message"] for entry in log]
    by_method = {}
    for event in events:
        by_method.setdefault(event["method"], []).append(event["params"])
    sent = by_method.get("Network.requestWillBeSent", [])
    address = {event["requestId"]: event["request"]["url"] for event in sent}
    answers = [event["response"] for event in by_method["Network.responseReceived"]]
    failures = [f"{a['status']} {a['url']}" for a in answers if a["status"] >= 400]
    failures += [
        f"{event['errorText']} {address.get(event['requestId'])}"
        for event in by_method.get("Network.loadingFailed", [])
        if not event.get("canceled")  # by a click that leaves the page
    ]
    return [event["request"]["url"] for event in sent], failures
