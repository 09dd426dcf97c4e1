"""What ``import sklearn_depth`` costs and offers."""

import importlib
import subprocess
import sys
from importlib.metadata import version

import pytest

import sklearn_depth

MODULES = [
    "sklearn_depth",
    "sklearn_depth.constructions",
    "sklearn_depth.datasets",
    "sklearn_depth.directions",
    "sklearn_depth.features",
    "sklearn_depth.inspection",
    "sklearn_depth.metrics",
    "sklearn_depth.onnx",
    "sklearn_depth.studies",
]


def test_heavy_libraries_are_not_imported():
    imports = "; ".join(f"import {module}" for module in MODULES)
    code = f"{imports}; import sys; print(*sys.modules)"
    run = [sys.executable, "-W", "error", "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True)
    assert loaded.stderr == ""
    names = set(loaded.stdout.split())
    assert "sklearn_depth.features._sigmoid" in names
    assert not names & {"torch", "skorch", "matplotlib", "onnx", "skl2onnx"}


@pytest.mark.parametrize("module", MODULES)
def test_public_names(module):
    module = importlib.import_module(module)
    assert all(isinstance(name, str) for name in module.__all__)
    assert module.__all__ == sorted(set(module.__all__))
    assert module.__doc__
    for name in module.__all__:
        assert getattr(module, name).__doc__
        assert getattr(module, name).__module__.startswith("sklearn_depth")


def test_star_import_brings_the_public_names():
    brought = {}
    exec("from sklearn_depth import *", brought)
    assert set(brought) - {"__builtins__"} == set(sklearn_depth.__all__)


def test_an_estimator_brings_no_other_family():
    code = (
        "import sys, sklearn_depth; first = set(sys.modules); "
        "from sklearn_depth import KernelRidge; print(*first); print(*sys.modules)"
    )
    run = [sys.executable, "-W", "error", "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True)
    first, then = (set(line.split()) for line in loaded.stdout.splitlines())
    assert not {name for name in first if name.startswith(("sklearn_depth.", "numpy"))}
    assert "sklearn_depth._kernel_ridge" in then
    assert not then & {"sklearn_depth._two_layer", "sklearn_depth._hermite"}


def test_unknown_names_are_told():
    with pytest.raises(AttributeError, match="'sklearn_depth' has no attribute 'Two'"):
        _ = sklearn_depth.Two
    assert set(sklearn_depth.__all__) <= set(dir(sklearn_depth))


def test_version_is_the_installed_one():
    assert sklearn_depth.__version__ == version("sklearn-depth")
