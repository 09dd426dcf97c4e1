"""Every relative link of every built page leads to a file, and to a place in it."""

from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from conftest import PAGES, SITE


class Page(HTMLParser):
    """The links of a page, and the places in it that a link can name."""

    def __init__(self, path):
        super().__init__()
        self.links, self.places = set(), {"", "top"}
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.links |= {attrs[name] for name in ("href", "src") if attrs.get(name)}
        self.places |= {attrs[name] for name in ("id", "name") if attrs.get(name)}


read = cache(Page)


def is_broken(path, link):
    """Whether a link from a page leads out of the site's files, or nowhere in one."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not (target.is_file() and target.is_relative_to(SITE)):
        return True
    is_page = target.suffix == ".html"
    return is_page and unquote(parts.fragment) not in read(target).places


def test_site_has_pages(site):
    assert len(PAGES) > 20


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_lead_somewhere(page):
    path = SITE / page
    assert sorted(link for link in read(path).links if is_broken(path, link)) == []
