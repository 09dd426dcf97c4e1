"""Links to the documentation, from notebooks and between its pages."""

import html
import inspect
import re
import tomllib
from importlib import import_module
from pathlib import Path
from urllib.parse import unquote

import pytest
from sklearn.base import BaseEstimator
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_html_repr

import sklearn_depth
from sklearn_depth import directions, features

ROOT = Path(__file__).parents[1]
SITE = "https://sklearn-depth.readthedocs.io/en/latest/"
PUBLIC = [
    (module.__name__, getattr(module, name))
    for module in (sklearn_depth, directions, features)
    for name in module.__all__
]
ESTIMATORS = [
    (module, found)
    for module, found in PUBLIC
    if inspect.isclass(found) and issubclass(found, BaseEstimator)
]
each_estimator = pytest.mark.parametrize(
    ("module", "make"), ESTIMATORS, ids=[found.__name__ for _, found in ESTIMATORS]
)


def pages():
    """The names of the pages that docs/api.rst generates."""
    text = (ROOT / "docs/api.rst").read_text(encoding="utf-8")
    parts = re.split(r"^\.\. currentmodule:: (\S+)$", text, flags=re.M)[1:]
    lists = r"^\.\. autosummary::\n   :toctree: generated/api\n\n((?:   \w+\n)+)"
    return {
        f"{module}.{name}"
        for module, part in zip(parts[::2], parts[1::2], strict=True)
        for names in re.findall(lists, part, re.M)
        for name in names.split()
    }


def links(estimator):
    """All addresses in the HTML representation."""
    return map(
        html.unescape, re.findall(r'href="(.*?)"', estimator_html_repr(estimator))
    )


@each_estimator
def test_estimators_link_to_their_page(module, make):
    name = f"{module}.{make.__name__}"
    assert name in pages()
    assert f"{SITE}generated/api/{name}.html" in links(make())


@each_estimator
def test_parameters_link_to_their_type(module, make):
    doc = inspect.getdoc(make).partition("\nAttributes\n")[0]
    found = {unquote(link.partition("#:~:text=")[2]) for link in links(make())}
    for name in make().get_params():
        kind = re.search(rf"^{name} : (.+)$", doc, re.M)[1].replace("`", "")
        assert f"{name},-{kind}" in found


def test_others_link_to_their_own_pages():
    pipeline = make_pipeline(StandardScaler(), sklearn_depth.TwoLayerGDRegressor())
    heads = [link for link in links(pipeline) if "#" not in link]
    scaler, ours = (
        [link for link in heads if link.endswith(f".{name}.html")]
        for name in ("StandardScaler", "TwoLayerGDRegressor")
    )
    assert scaler[0].startswith("https://scikit-learn.org/")
    assert ours[0].startswith(SITE)


def test_heirs_elsewhere_have_no_page():
    class Heir(sklearn_depth.KernelRidge):
        __module__ = "elsewhere"

    assert Heir()._get_doc_link() == ""


def test_the_project_names_the_site():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["urls"]["Documentation"] == SITE


def test_scikit_learn_has_what_the_pages_refer_to():
    _, _, _, *lines = (ROOT / "docs/scikit_learn.inv").read_text().splitlines()
    assert len(lines) >= 10
    for line in lines:
        name, kind, page = line.split()
        module, _, thing = name.rpartition(".")
        found = getattr(import_module(module), thing)
        assert kind == ("class" if inspect.isclass(found) else "function")
        assert page == f"modules/generated/{name}.html"
